"""The estimate in the site's axes, against the places it was put at and truth's own tables."""

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics.rotation import rotate
from perilune.mechanics.terrain_map import map_height_m
from perilune.onboard.guidance.view import ground_range_m, moon_orientation
from perilune.truth.environment.ephemeris import fixed_from_inertial, spin_inertial_rad_s
from tests.onboard.conftest import LATE_S


def test_a_place_and_a_speed_come_back_as_they_were_put(view_at):
    view = view_at([120.0, -340.0, 560.0], [1.0, -2.0, -3.0])
    np.testing.assert_allclose(view.position_site_m, [120.0, -340.0, 560.0], atol=1e-8)
    np.testing.assert_allclose(view.velocity_site_m_s, [1.0, -2.0, -3.0], atol=1e-11)


def test_the_believed_moon_turns_as_the_true_one(upload, athena_design):
    sky, where = athena_design.plan.world.sky, moon_orientation(upload.chart, LATE_S)
    np.testing.assert_allclose(
        where.fixed_from_inertial, fixed_from_inertial(sky, LATE_S), atol=1e-15
    )
    np.testing.assert_allclose(
        where.spin_inertial_rad_s, spin_inertial_rad_s(sky, LATE_S), rtol=1e-7
    )
    # Once a sidereal month of 27.32 days, to the libration's few per cent.
    turn_s = 2.0 * np.pi / float(jnp.linalg.norm(where.spin_inertial_rad_s))
    assert turn_s == pytest.approx(27.32 * 86_400.0, rel=0.03)


def test_height_is_that_of_the_footpads_over_the_map_and_its_bias(upload, estimate_at, view_at):
    view = view_at([30.0, 40.0, 100.0], [0.0, 0.0, 0.0])
    estimate = estimate_at([30.0, 40.0, 100.0], [0.0, 0.0, 0.0])
    here = rotate(
        moon_orientation(upload.chart, LATE_S).fixed_from_inertial, estimate.position_inertial_m
    )
    ground_m = 1_737_400.0 + float(map_height_m(upload.chart.terrain_map, here))
    feet_m = float(jnp.linalg.norm(here) - upload.vehicle.foot_below_center_m)
    assert float(view.height_m) == pytest.approx(feet_m - ground_m, abs=1e-6)


def test_range_runs_along_the_ground(upload, estimate_at):
    chart, where = upload.chart, moon_orientation(upload.chart, LATE_S)
    radius_m = float(jnp.linalg.norm(chart.aim_fixed_m))
    for angle in (0.0, 0.05, 0.3):
        place = [
            0.0,
            (radius_m + 500.0) * np.sin(angle),
            (radius_m + 500.0) * np.cos(angle) - radius_m,
        ]
        found = ground_range_m(chart, estimate_at(place, [0.0, 0.0, 0.0]), where)
        assert float(found) == pytest.approx(angle * radius_m, abs=1e-6)
