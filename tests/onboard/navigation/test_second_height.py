"""A radar beside a laser: it only watches while the laser is in use, and stands in for it."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces import RangeReading
from perilune.interfaces.inbox import Message
from perilune.interfaces.sensor import Rate
from perilune.interfaces.sensor_kinds import sensor_of
from perilune.mechanics.rotation import rotate
from perilune.mechanics.terrain_map import map_height_m
from perilune.onboard.memory import wake
from perilune.onboard.navigation.measurements import navigated
from perilune.onboard.navigation.propagate import Cycle
from tests.onboard.conftest import LATE_S
from tests.onboard.navigation.slopes import look
from tests.onboard.navigation.test_radar_altimeter_rows import believe

OFF_M = 5.0
"""What both read too much, well within their gates."""


@pytest.fixture(scope="module")
def both(upload, estimate_at, where):
    """From (laser heard, radar heard) to the estimate and the results after two cycles."""
    sensors = upload.sensors | {"radar_altimeter": believe()}
    fitted = dataclasses.replace(upload, sensors=sensors)
    placed = estimate_at([0.0, 0.0, 500.0], [0.0, 0.0, 0.0])
    memory = wake(fitted)
    start = dataclasses.replace(
        memory.estimate,
        position_inertial_m=placed.position_inertial_m,
        velocity_inertial_m_s=placed.velocity_inertial_m_s,
        inertial_from_body=placed.inertial_from_body,
    )
    sight = dataclasses.replace(look(upload, where, ""), time_s=jnp.array(LATE_S))
    here = rotate(where.fixed_from_inertial, start.position_inertial_m)
    map_m = upload.chart.terrain_map.reference_radius_m + map_height_m(
        upload.chart.terrain_map, here
    )
    range_m = jnp.linalg.norm(here) - map_m + OFF_M
    cycle = Cycle(
        duration_s=jnp.array(0.2),
        powered=jnp.array(False),
        gain_inertial_m_s=jnp.zeros(3),
        held_gravity=memory.held_gravity,
        imu_in_use=memory.imu_in_use,
        range_m=jnp.array(0.0),
    )

    @jax.jit
    def after(laser, radar):
        said = {
            label: sensor_of(label).silent()
            for label in sensors
            if sensor_of(label).rate is Rate.CYCLE
        }
        said["altimeter"] = RangeReading(range_m, jnp.array(1), laser)
        said["radar_altimeter"] = RangeReading(range_m, jnp.array(1), radar)
        messages = {label: Message(each, sight.time_s) for label, each in said.items()}
        estimate, _ = navigated(fitted, start, messages, sight, cycle)
        return navigated(fitted, estimate, messages, sight, cycle)

    def run(laser, radar):
        estimate, results = after(jnp.array(laser), jnp.array(radar))
        up = start.position_inertial_m / jnp.linalg.norm(start.position_inertial_m)
        raised_m = jnp.sum((estimate.position_inertial_m - start.position_inertial_m) * up)
        return float(raised_m), results["radar_altimeter"], estimate

    return run


def test_while_a_laser_is_in_use_the_radar_moves_nothing_and_is_watched(both):
    alone_m, _, alone = both(True, False)
    beside_m, result, beside = both(True, True)
    assert beside_m == pytest.approx(alone_m, abs=1e-9)
    np.testing.assert_allclose(beside.covariance, alone.covariance, rtol=1e-12, atol=1e-300)
    np.testing.assert_array_equal(beside.strike_direction, alone.strike_direction)
    assert not bool(result.used[0])
    assert bool(beside.watches["radar_altimeter"].heard[0])


def test_without_a_laser_the_radar_moves_the_height_and_its_strike_is_referred_to(both):
    _, _, silent = both(False, False)
    raised_m, result, alone = both(False, True)
    assert bool(result.used[0])
    assert raised_m > 0.5 * OFF_M
    assert not np.array_equal(alone.strike_direction, silent.strike_direction)


def test_a_radar_that_only_watches_is_less_sure_by_the_maps_error(both, upload):
    _, watching, estimate = both(True, True)
    _, moving, _ = both(False, True)
    factor = float(upload.filter.gate_factor)
    assert float(watching.gate[0]) > factor * float(jnp.sqrt(estimate.map_variance_m2))
    assert np.isfinite(moving.gate[0])
