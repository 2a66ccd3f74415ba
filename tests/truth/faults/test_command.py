"""Each effect on the command strikes the engines and nozzles that are named, and no other."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from perilune.interfaces.clock import CLOCK_S, COAST_TICK_COUNT
from perilune.interfaces.commands import Command, quiet_command
from perilune.mechanics.randomness import run_key
from perilune.truth.faults.command import COMPONENT_COUNT, first_state, obey
from tests.truth.faults.test_faults import fault, now

ENGINES, NOZZLES = 2, 3
UNITS = ENGINES + NOZZLES
QUIET = quiet_command(ENGINES, NOZZLES)
COMMAND = Command(
    engine_on=jnp.array([True, True]),
    throttle=jnp.array([0.9, 0.4]),
    gimbal_rad=jnp.array([[0.01, -0.02], [0.03, 0.0]]),
    thruster_on_s=jnp.array([0.05, 0.0, 0.02]),
    altimeter_beam=jnp.array(1),
)
EVERY = tuple(range(UNITS))
NO_DRAWS = (None, None)


def of(units, **effects):
    """A fault of some units, by their place: engines are 0 and 1, nozzles 2, 3 and 4."""
    struck = jnp.array([float(place in units) for place in range(UNITS)])
    return fault(**effects) | {"units": struck}


def obeyed(faults, commands=(COMMAND,), times_s=(1.0,), draws=NO_DRAWS):
    """What is obeyed of commands given one after the other."""
    state, found = first_state(faults, QUIET), []
    for command, time_s in zip(commands, times_s, strict=True):
        arrived, state = obey(faults, state, command, now(time_s), draws)
        found.append(arrived)
    return found


def one(units, draws=NO_DRAWS, **effects):
    return obeyed((of(units, **effects),), draws=draws)[0]


def unit(command, place):
    """All that a command holds for one unit."""
    if place < ENGINES:
        parts = (command.engine_on, command.throttle, command.gimbal_rad)
        return np.concatenate([np.ravel(np.asarray(part[place], float)) for part in parts])
    return np.asarray(command.thruster_on_s[place - ENGINES])[None]


def assert_others_as_sent(found, struck, sent=COMMAND):
    for place in EVERY:
        if place not in struck:
            np.testing.assert_array_equal(unit(found, place), unit(sent, place))
    assert int(found.altimeter_beam) == int(sent.altimeter_beam)


def test_without_faults_the_command_is_obeyed_to_the_bit():
    assert obeyed(())[0] is COMMAND


CERTAIN = (jnp.ones((UNITS, COMPONENT_COUNT)), jnp.zeros((UNITS + 1, 2)))
EFFECTS = {
    "lost": {"lost_after_s": 1.0},
    "invalid": {"invalid": 1.0},
    "frozen": {"frozen": 1.0},
    "late": {"delay_s": 2.0},
    "dropout": {"dropout_fraction": 1.0},
    "stuck on": {"stuck_on": 1.0},
}


@pytest.mark.parametrize("place", EVERY)
@pytest.mark.parametrize("effect", EFFECTS)
def test_an_effect_on_one_unit_leaves_every_other_as_sent(effect, place):
    found = one((place,), CERTAIN, **EFFECTS[effect])
    assert_others_as_sent(found, (place,))
    if effect == "stuck on":
        on = found.engine_on if place < ENGINES else found.thruster_on_s > 0.0
        assert bool(on[place % ENGINES if place < ENGINES else place - ENGINES])
    else:
        np.testing.assert_array_equal(unit(found, place), unit(QUIET, place))


@pytest.mark.parametrize("place", EVERY)
@pytest.mark.parametrize("part", ["throttle", "gimbal", "pulse"])
@pytest.mark.parametrize("what", ["bias", "drift", "spike", "noise"])
def test_an_error_of_one_unit_moves_its_part_and_no_other(what, part, place):
    """One sigma, one drift time and a spike that hits are each the size that the file has."""
    size = {"throttle": 0.05, "gimbal": 0.004, "pulse": 0.01}[part]
    key = f"{part}_{what}_" + {"throttle": "fraction", "gimbal": "rad", "pulse": "s"}[part]
    found = one((place,), CERTAIN, **{key: size, "drift_time_s": 1.0, "spike_fraction": 1.0})
    assert_others_as_sent(found, (place,))
    moved = unit(found, place) - unit(COMMAND, place)
    if place < ENGINES:
        pushed = {"throttle": [0.0, size, 0.0, 0.0], "gimbal": [0.0, 0.0, size, size]}
        np.testing.assert_allclose(moved, pushed.get(part, np.zeros(4)), atol=1e-15)
    else:
        opens = part == "pulse" and unit(COMMAND, place)[0] > 0.0
        np.testing.assert_allclose(moved, size if opens else 0.0, atol=1e-15)


def test_a_fault_of_every_unit_turns_everything_off():
    found = one(EVERY, lost_after_s=1.0)
    for leaf, quiet in zip(jax.tree.leaves(found)[:-1], jax.tree.leaves(QUIET)[:-1], strict=True):
        np.testing.assert_array_equal(leaf, quiet)
    assert np.all(one(EVERY, lost_after_s=1.1).engine_on)


def test_a_throttle_stays_within_its_range_and_a_pulse_within_none():
    assert float(one((0,), throttle_bias_fraction=0.2).throttle[0]) == 1.0
    assert float(one((1,), throttle_bias_fraction=-0.5).throttle[1]) == 0.0
    assert float(one((4,), pulse_bias_s=-0.03).thruster_on_s[2]) == 0.0


def test_errors_start_no_engine_and_open_no_nozzle():
    wrong = of(EVERY, throttle_bias_fraction=0.5, pulse_bias_s=0.05)
    found = obeyed((wrong,), commands=(QUIET,))[0]
    assert not np.any(found.engine_on)
    assert not np.any(found.thruster_on_s)


def test_an_engine_stuck_on_burns_at_the_throttle_of_its_command():
    found = obeyed((of((1,), stuck_on=1.0),), commands=(QUIET,))[0]
    assert found.engine_on.tolist() == [False, True]
    assert float(found.throttle[1]) == 0.0


def test_a_nozzle_stuck_on_is_open_for_the_whole_of_the_longest_tick():
    found = obeyed((of((3,), stuck_on=1.0),), commands=(QUIET,))[0]
    assert found.thruster_on_s.tolist() == [0.0, CLOCK_S * COAST_TICK_COUNT, 0.0]


def test_engines_make_less_of_a_command_that_they_obey_as_it_was_sent():
    """The factors of several faults multiply; nozzles and other engines are whole."""
    both = (of((1, 3), thrust_factor=0.5), of(EVERY, thrust_factor=0.8))
    found = obeyed(both)[0]
    np.testing.assert_allclose(found.thrust_factor, [0.8, 0.4], rtol=1e-15)
    for place in EVERY:
        np.testing.assert_array_equal(unit(found, place), unit(COMMAND, place))
    assert obeyed((of((0,), delay_s=0.0),))[0].thrust_factor is None


def test_an_engine_is_whole_until_the_lander_is_low():
    lost = of((0,), thrust_factor=0.1) | {"below_height_m": jnp.asarray(50.0)}
    state, found = first_state((lost,), QUIET), []
    for time_s, height_m in ((1.0, 60.0), (2.0, 49.0), (3.0, 70.0)):
        arrived, state = obey((lost,), state, COMMAND, now(time_s, height_m), NO_DRAWS)
        found.append(float(arrived.thrust_factor[0]))
    np.testing.assert_array_equal(found, [1.0, 0.1, 0.1])


def test_what_is_stuck_on_is_on_though_its_command_is_lost():
    both = (of((2,), stuck_on=1.0), of(EVERY, lost_after_s=0.0))
    assert obeyed(both)[0].thruster_on_s.tolist() == [2.5, 0.0, 0.0]


def test_faults_of_two_units_begin_and_end_each_at_its_own_time():
    faults = (of((0,), lost_after_s=0.0, after_s=2.0), of((1,), lost_after_s=0.0, duration_s=2.0))
    found = obeyed(faults, [COMMAND] * 3, [1.0, 1.9, 2.0])
    assert [each.engine_on.tolist() for each in found] == [[True, False]] * 2 + [[False, True]]


def sent(*throttles):
    return [dataclasses.replace(COMMAND, throttle=jnp.array([t, t])) for t in throttles]


def test_a_frozen_unit_repeats_its_last_command_while_the_other_follows():
    faults = (of((1,), frozen=1.0, after_s=2.0, duration_s=2.0),)
    found = obeyed(faults, sent(0.1, 0.2, 0.3, 0.4), [0.0, 1.0, 2.0, 4.0])
    assert [each.throttle.tolist() for each in found] == [
        [0.1, 0.1], [0.2, 0.2], [0.3, 0.2], [0.4, 0.4],
    ]  # fmt: skip


def parts(found):
    """Throttle and the gimbal about x of the first engine, whether it is on, the first pulse."""
    return [
        (
            float(each.throttle[0]),
            float(each.gimbal_rad[0, 0]),
            bool(each.engine_on[0]),
            float(each.thruster_on_s[0]),
        )
        for each in found
    ]


def moving(*steps):
    """Commands in which everything of the first engine and the first nozzle changes."""
    return [
        dataclasses.replace(
            COMMAND,
            engine_on=jnp.array([step < 3, True]),
            throttle=jnp.array([0.1 * step, 0.4]),
            gimbal_rad=jnp.full((ENGINES, 2), 0.01 * step),
            thruster_on_s=jnp.full(NOZZLES, 0.01 * step),
        )
        for step in steps
    ]


@pytest.mark.parametrize(("effect", "column"), [("throttle_frozen", 0), ("gimbal_frozen", 1)])
def test_a_part_of_an_engine_freezes_alone_while_it_obeys_in_all_else(effect, column):
    steps = moving(1, 2, 3)
    found = obeyed((of((0,), **{effect: 1.0, "after_s": 2.0}),), steps, (1.0, 2.0, 3.0))
    expected = [list(each) for each in parts(steps)]
    expected[1][column] = expected[2][column] = expected[0][column]
    assert [list(each) for each in parts(found)] == expected
    for each, sent in zip(found, steps, strict=True):
        assert_others_as_sent(each, (0,), sent)


def test_two_parts_that_freeze_one_after_the_other_hold_each_its_own_last_command():
    faults = (
        of((0,), throttle_frozen=1.0, after_s=2.0),
        of((0,), gimbal_frozen=1.0, after_s=3.0),
    )
    steps = moving(1, 2, 3)
    last = parts(obeyed(faults, steps, (1.0, 2.0, 3.0)))[-1]
    assert last[:2] == (float(steps[0].throttle[0]), float(steps[1].gimbal_rad[0, 0]))


def test_two_units_are_late_each_by_its_own_delay():
    faults = (of((0,), delay_s=1.0), of((1,), delay_s=2.0))
    found = obeyed(faults, sent(0.1, 0.2, 0.3, 0.4), [0.0, 1.0, 2.0, 3.0])
    assert [each.throttle.tolist() for each in found] == [
        [0.0, 0.0], [0.1, 0.0], [0.2, 0.1], [0.3, 0.2],
    ]  # fmt: skip
    assert [each.engine_on.tolist() for each in found[:2]] == [[False, False], [True, False]]


def chances(of_units, of_all):
    rows = jnp.full((UNITS + 1, 2), 0.9).at[-1].set(of_all)
    return None, rows.at[jnp.array(list(of_units))].set(0.1) if of_units else rows


def test_units_that_are_named_drop_out_each_by_its_own_chance():
    found = one((0, 1), chances((1,), 0.1), dropout_fraction=0.5)
    assert found.engine_on.tolist() == [True, False]


@pytest.mark.parametrize(("of_all", "is_lost"), [(0.1, True), (0.9, False)])
def test_a_command_for_all_drops_out_as_a_whole(of_all, is_lost):
    found = one(EVERY, chances((0,), of_all), dropout_fraction=0.5)
    assert found.engine_on.tolist() == [not is_lost] * 2


def test_noise_has_its_sigma_in_every_component_and_that_of_two_faults_adds_as_squares():
    faults = (
        of((0, 4), gimbal_noise_rad=0.003, pulse_noise_s=0.001),
        of((0,), gimbal_noise_rad=0.004),
    )
    draws = jax.random.normal(run_key(6, 3), (4000, UNITS, COMPONENT_COUNT))
    state = first_state(faults, QUIET)
    found = jax.vmap(lambda normals: obey(faults, state, COMMAND, now(1.0), (normals, None))[0])(
        draws
    )
    swung = np.asarray(found.gimbal_rad[:, 0] - COMMAND.gimbal_rad[0]) / 0.005
    opened = np.asarray(found.thruster_on_s[:, 2] - COMMAND.thruster_on_s[2]) / 0.001
    for each in (swung[:, 0], swung[:, 1], opened):
        low, high = stats.chi2.ppf([0.0005, 0.9995], each.size)
        assert low < np.sum(each**2) < high
    assert abs(np.corrcoef(swung[:, 0], opened)[0, 1]) < 4.0 / np.sqrt(len(opened))
    np.testing.assert_array_equal(found.throttle, jnp.broadcast_to(COMMAND.throttle, (4000, 2)))


def test_noise_is_there_only_while_the_fault_is_on():
    noisy = of((0,), throttle_noise_fraction=0.05, after_s=2.0)
    found = obeyed((noisy,), [COMMAND] * 2, [1.9, 2.0], CERTAIN)
    np.testing.assert_allclose([each.throttle[0] for each in found], [0.9, 0.95])


def test_a_slow_valve_multiplies_the_lag_of_its_engine_and_of_no_other():
    both = (of((1, 3), lag_factor=4.0), of(EVERY, lag_factor=2.0))
    found = obeyed(both)[0]
    np.testing.assert_allclose(found.lag_factor, [2.0, 8.0], rtol=1e-15)
    assert found.thrust_factor is None
    for place in EVERY:
        np.testing.assert_array_equal(unit(found, place), unit(COMMAND, place))
    later = obeyed((of((1,), lag_factor=4.0, after_s=2.0),))[0]
    np.testing.assert_array_equal(later.lag_factor, [1.0, 1.0])
