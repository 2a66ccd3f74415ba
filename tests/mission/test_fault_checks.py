"""A fault that waits for what never comes is refused: it would leave a flight clean unseen."""

import pytest

from perilune import load_mission
from perilune.errors import InputError

TEXT = 'schema = 1\nname = "late"\ntitle = "Late"\nsummary = "It waits."\n\n[{}]\n{} = "1 s"\n'
RETROGRADE = "descent.phases.3.attitude=retrograde"


@pytest.fixture
def waiting(tmp_path, monkeypatch):
    """A function: Athena with a fault of a signal that waits for an event."""
    monkeypatch.chdir(tmp_path)

    def mission(event, *settings, signal="altimeter", effect="lost_after"):
        text = TEXT.format(signal, effect) + f'after_event = "{event}"\n'
        (tmp_path / "late.toml").write_text(text, encoding="utf-8")
        return load_mission("athena", list(settings), ["./late.toml"])

    return mission


def test_a_fault_after_an_event_that_no_phase_begins_is_refused_with_file_key_and_cure(waiting):
    waiting("alignment")
    with pytest.raises(InputError) as refused:
        waiting("alignment", RETROGRADE)
    assert str(refused.value).startswith(
        "late.toml: `faults.late.altimeter.after_event` must be an event that a phase of the "
        "mission begins (`deorbit-ignition`, `deorbit-cutoff`, `ignition`, `gate`, "
        "`vertical-descent`), but no phase begins `alignment`: none has its attitude along the "
        "thrust, between the descent-orbit burn and ignition; name another event, or add such a "
        "phase to `descent.phases`."
    )


def test_a_fault_that_does_nothing_may_wait_for_anything(waiting):
    waiting("alignment", RETROGRADE, effect="drift_time")


@pytest.mark.parametrize("event", ["engine-cutoff", "contact", "end"])
def test_a_fault_of_readings_after_the_last_reading_is_refused(waiting, event):
    with pytest.raises(InputError, match=f"after `{event}` there is no reading any more"):
        waiting(event)


def test_a_fault_of_the_command_may_begin_with_contact_and_not_with_the_end(waiting):
    waiting("contact", signal="command")
    with pytest.raises(InputError, match="after `end` there is no command any more"):
        waiting("end", signal="command")
