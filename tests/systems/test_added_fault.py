"""A fault of a known effect is a TOML file of one's own, on any sensor or on the command."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune import load_mission
from perilune.design.build_sensors import build_faults
from perilune.design.numbers import numbers_of, to_arrays
from perilune.flight import suite
from perilune.interfaces import quiet_command
from perilune.interfaces.sensor import Rate
from perilune.mechanics.randomness import as_normals, as_uniforms, frame_bits, run_key
from perilune.mechanics.rotation import to_rotation_vector
from perilune.truth.faults.command import first_state
from perilune.truth.faults.fault_kinds import Now
from tests.truth.sensors.scenes import scene

FAULT = """
schema = 1
name = "head-warps"
title = "The star tracker's head warps while a gimbal is off"
summary = "It drifts by 0.02 deg a minute about each axis from 100 s on; the gimbal is 1 deg off."

[star_tracker]
drift = "0.02 deg"
drift_time = "60 s"
after = "100 s"

[command]
gimbal_bias = "1 deg"
"""
EVENT_COUNT = 11


@pytest.fixture
def struck(here, athena_design):
    """Athena's plan with a fault that is a file in the folder one stands in."""
    (here / "head-warps.toml").write_text(FAULT, encoding="utf-8")
    mission = load_mission("athena", faults=["./head-warps.toml"])
    faults = build_faults(to_arrays(numbers_of(mission)))
    return dataclasses.replace(athena_design.plan, faults=faults, noise_factor=jnp.array(0.0))


def at(time_s):
    started = jnp.full(EVENT_COUNT, jnp.nan).at[0].set(0.0)
    return Now(time_s=jnp.array(time_s), event_time_s=started, height_m=jnp.array(1e5))


def words_of(plan, rate):
    return suite.frame_draws(plan, run_key(0, 0), jnp.array(0))[rate]


def attitude(plan, time_s):
    seen = scene(1e5, time_s=time_s), at(time_s)
    words = words_of(plan, Rate.FRAME)
    readings, _ = suite.read(plan, Rate.FRAME, suite.begin(plan), seen, words)
    return np.asarray(to_rotation_vector(readings["star_tracker"].reading.inertial_from_body))


def test_the_reading_drifts_as_the_file_has_it(struck):
    drifted = attitude(struck, 400.0) - attitude(struck, 90.0)
    np.testing.assert_allclose(drifted, np.radians(0.02) * 5.0 * np.ones(3), rtol=1e-6)


def test_the_command_is_obeyed_with_the_bias_of_the_file(struck):
    vehicle = struck.vehicle
    quiet = quiet_command(len(vehicle.engines.lag_s), len(vehicle.nozzles.thrust_n))
    words = jax.tree.map(lambda leaf: leaf[0, 0], words_of(struck, Rate.TICK))
    state = first_state(struck.faults[suite.COMMAND], quiet)
    obeyed, _ = suite.obeyed(struck, state, quiet, at(1.0), words)
    np.testing.assert_allclose(obeyed.gimbal_rad - quiet.gimbal_rad, np.radians(1.0), rtol=1e-12)


STUCK = """
schema = 1
name = "stuck"
title = "A nozzle is stuck"
summary = "It stays open from the gate on."

[command]
units = ["thrusters.nozzles.3"]
stuck_on = true
after_event = "gate"
pulse_noise = "5 ms"
dropout_fraction = 0.2
"""


def stuck(here, *settings):
    """Athena with a fault of one nozzle, and settings of it."""
    (here / "stuck.toml").write_text(STUCK, encoding="utf-8")
    return load_mission("athena", list(settings), faults=["./stuck.toml"])


def test_the_nozzle_that_the_file_names_is_open_and_no_other(here, athena_design):
    faults = build_faults(to_arrays(numbers_of(stuck(here))))
    plan = dataclasses.replace(athena_design.plan, faults=faults, noise_factor=jnp.array(0.0))
    nozzle_count = len(plan.vehicle.nozzles.thrust_n)
    quiet, words = quiet_command(1, nozzle_count), words_of(plan, Rate.TICK)
    state = first_state(faults[suite.COMMAND], quiet)
    gate = dataclasses.replace(at(90.0), event_time_s=jnp.full(EVENT_COUNT, 80.0))
    for moment, is_open in ((at(90.0), False), (gate, True)):
        draws = jax.tree.map(lambda leaf: leaf[0, 0], words)
        obeyed, _ = suite.obeyed(plan, state, quiet, moment, draws)
        wanted_s = [2.5 * (is_open and place == 3) for place in range(nozzle_count)]
        assert obeyed.thruster_on_s.tolist() == wanted_s


def test_another_unit_another_time_and_another_size_are_of_the_same_structure(here):
    """So that a compiled flight serves them all: the trees are alike but for their numbers."""
    others = [
        "faults.stuck.command.units=['thrusters.nozzles.5', 'engine']",
        "faults.stuck.command.after_event=ignition",
        "faults.stuck.command.pulse_noise=9 ms",
    ]
    first, *trees = (
        to_arrays(numbers_of(stuck(here, *settings))) for settings in ((), others[:1], others)
    )
    for tree in trees:
        assert jax.tree.structure(tree) == jax.tree.structure(first)
        assert list(map(jax.typeof, jax.tree.leaves(tree))) == list(
            map(jax.typeof, jax.tree.leaves(first))
        )
        struck = tree.faults[0]["command"]["units"]
        assert np.flatnonzero(struck).tolist() == [0, 1 + 5]


def test_each_unit_draws_from_a_stream_of_its_own(here, athena_design):
    faults = build_faults(to_arrays(numbers_of(stuck(here))))
    plan = dataclasses.replace(athena_design.plan, faults=faults)
    key, clock = run_key(3, 4), jnp.array(60)
    drawn = suite.frame_draws(plan, key, clock)[Rate.TICK][suite.COMMAND]
    nozzle_count = len(plan.vehicle.nozzles.thrust_n)
    assert drawn.normals.shape == (3, 2, 1 + nozzle_count, 4)
    assert drawn.chance.shape == (3, 2, 1 + nozzle_count + 1, 2)
    words = frame_bits(
        key,
        clock,
        {
            "command_nozzle_3_fault": (3, 2, 4),
            "command_engine_0_fault_chance": (3, 2, 2),
            "command_fault_chance": (3, 2, 2),
        },
    )
    noise, one, every = words.values()
    np.testing.assert_array_equal(drawn.normals[:, :, 1 + 3], as_normals(noise))
    np.testing.assert_array_equal(drawn.chance[:, :, 0], as_uniforms(one))
    np.testing.assert_array_equal(drawn.chance[:, :, -1], as_uniforms(every))
    assert len(np.unique(drawn.normals)) == drawn.normals.size
    in_contact = suite.contact_draws(plan, key, clock)[suite.COMMAND]
    assert in_contact.normals.shape == (1 + nozzle_count, 4)
    (noise,) = frame_bits(key, clock, {"command_nozzle_3_fault": (4,)}).values()
    np.testing.assert_array_equal(in_contact.normals[1 + 3], as_normals(noise))


def test_its_numbers_have_paths_to_set_and_draw(here):
    (here / "head-warps.toml").write_text(FAULT, encoding="utf-8")
    setting = "faults.head-warps.star_tracker.drift=0.05 deg"
    mission = load_mission("athena", [setting], faults=["./head-warps.toml"])
    drift_rad = numbers_of(mission).faults[0]["star_tracker"]["drift_rad"]
    assert drift_rad == pytest.approx(np.radians(0.05))
