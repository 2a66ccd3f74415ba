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
from perilune.mechanics.randomness import run_key
from perilune.mechanics.rotation import to_rotation_vector
from perilune.truth.faults.command import first_state
from perilune.truth.faults.faults import Now
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
    return np.asarray(to_rotation_vector(readings["star_tracker"].inertial_from_body))


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


def test_its_numbers_have_paths_to_set_and_draw(here):
    (here / "head-warps.toml").write_text(FAULT, encoding="utf-8")
    setting = "faults.head-warps.star_tracker.drift=0.05 deg"
    mission = load_mission("athena", [setting], faults=["./head-warps.toml"])
    drift_rad = numbers_of(mission).faults[0]["star_tracker"]["drift_rad"]
    assert drift_rad == pytest.approx(np.radians(0.05))
