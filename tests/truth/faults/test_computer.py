"""A computer that is down, what it makes actuators obey, and a clock that is off."""

from perilune.truth.faults.computer import computer_now
from perilune.truth.faults.onset import nothing_yet
from tests.truth.faults.test_faults import fault
from tests.truth.faults.test_faults import now as moment


def at(time_s, *faults):
    return computer_now(faults, nothing_yet(faults), moment(time_s))[0]


def down(**changes):
    return fault(**{"down": 1.0, "holds_command": 0.0} | changes)


def test_it_is_down_for_its_time_alone():
    resets = down(after_s=5.0, duration_s=2.0)
    assert [bool(at(time_s, resets).down) for time_s in (4.9, 5.0, 6.9, 7.0)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_the_command_holds_only_where_every_fault_that_is_on_lets_it():
    held = down(holds_command=1.0)
    assert bool(at(1.0, held).holds)
    assert not bool(at(1.0, down()).holds)
    assert not bool(at(1.0, held, down()).holds)
    assert bool(at(1.0, held, down(after_s=2.0)).holds)


def test_jumps_of_the_clock_add_and_leave_the_computer_up():
    found = at(
        3.0, fault(clock_jump_s=1.5), fault(clock_jump_s=-0.5), fault(clock_jump_s=9.0, after_s=4.0)
    )
    assert float(found.clock_error_s) == 1.0
    assert not bool(found.down)
