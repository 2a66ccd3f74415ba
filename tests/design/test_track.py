"""The planned track and the gravity met along it."""

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.data.gravity.gravity_files import read_gravity
from perilune.mechanics.integration import rk4
from perilune.mechanics.rotation import rotate
from perilune.mechanics.track_gravity import track_gravity_m_s2
from perilune.truth.environment.ephemeris import pa_from_inertial
from perilune.truth.environment.gravitation import acceleration_m_s2


@pytest.fixture(scope="module")
def ignition(athena_design):
    """(field, track table) → place and velocity at ignition, from one start and one burn."""
    transfer, sky = athena_design.transfer, athena_design.plan.world.sky

    @jax.jit
    def carried(gravity, state, times_s):
        field, track = gravity
        step_s = (times_s[1] - times_s[0]) / 360

        def rate(now, t_s):
            return now[1], acceleration_m_s2(field, sky, t_s, now[0], track)

        def step(now, index):
            return rk4(rate, now, times_s[0] + index * step_s, step_s), None

        return jax.lax.scan(step, state, jnp.arange(360.0))[0]

    def flown(*gravity):
        legs = (0.0, transfer.deorbit_time_s, transfer.ignition_time_s)
        state = transfer.start_position_m, transfer.start_velocity_m_s
        place, speed = carried(gravity, tuple(map(jnp.asarray, state)), jnp.array(legs[:2]))
        state = place, speed + jnp.asarray(transfer.deorbit_velocity_m_s)
        return [np.asarray(each) for each in carried(gravity, state, jnp.array(legs[1:]))]

    return flown


def test_ignition_is_where_all_degrees_to_150_put_it(athena_design, ignition, data_folder):
    """The table stands for degrees 25 to 150; without them ignition lies over 100 m away."""
    world = athena_design.plan.world
    whole = ignition(read_gravity(data_folder / "gravity/grgm660prim_150.sha"), None)
    tabled = ignition(world.gravity, world.track_gravity)
    cut = ignition(world.gravity, None)
    assert np.linalg.norm(tabled[0] - whole[0]) < 0.5
    assert np.linalg.norm(tabled[1] - whole[1]) < 5e-4
    assert np.linalg.norm(cut[0] - whole[0]) > 100.0


def test_the_table_lies_under_the_flight_from_start_to_ground(athena_design):
    plan = athena_design.plan
    rows_m = np.asarray(plan.world.track_gravity.row_values)[:, 8:]
    if not np.any(rows_m):
        pytest.skip("no field beyond degree 24 here")
    start = rotate(pa_from_inertial(plan.world.sky, 0.0), plan.start.position_inertial_m)
    site = rotate(_conjugate(plan.world.sky.fixed_from_pa), plan.world.aim_fixed_m)
    for place in (start, site):
        assert np.min(np.linalg.norm(rows_m - np.asarray(place), axis=1)) < 5_000.0


def _conjugate(quaternion):
    return quaternion * jnp.array([1.0, -1.0, -1.0, -1.0])


def test_with_measured_gravity_the_plateau_itself_is_felt(athena_design, data_folder):
    """Mons Mouton, 5.3 km of highland crust of 2,550 kg/m3 (Wieczorek et al. 2013), pulls as a
    slab 2 pi G rho h of 5.7e-3 m/s2 would, to about a half; degree 24 has hardly any of it."""
    assert data_folder
    world = athena_design.plan.world
    up = world.aim_fixed_m / jnp.linalg.norm(world.aim_fixed_m)
    site_pa_m = rotate(_conjugate(world.sky.fixed_from_pa), world.aim_fixed_m)
    pull = rotate(world.sky.fixed_from_pa, track_gravity_m_s2(world.track_gravity, site_pa_m))
    slab_m_s2 = 2.0 * math.pi * 6.674e-11 * 2_550.0 * 5_306.0
    assert -float(pull @ up) == pytest.approx(slab_m_s2, rel=0.5)


def test_truths_degree_compiles_nothing(athena_design):
    gravity, track = athena_design.plan.world.gravity, athena_design.plan.world.track_gravity
    assert gravity.cosine.shape == (25, 25)
    assert dataclasses.fields(track)
    assert track.row_values.shape == (1024, 11)
