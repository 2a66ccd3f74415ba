"""What the onboard map leaves out: by ground that is raised, and by a map that is another."""

import dataclasses
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune import load_mission
from perilune.campaign.covariance.ground_left_out import AROUND_M, left_out_m2
from perilune.design import design
from perilune.interfaces.clock import CLOCK_S
from perilune.mechanics.rotation import axes_about, conjugate, rotate
from perilune.mechanics.terrain_map import map_height_m
from perilune.onboard.guidance.view import moon_orientation
from perilune.truth.environment.terrain import over_map_m

HEIGHT_M = 15_000.0
CLOCK = 4_000


@pytest.fixture(scope="module")
def plan():
    """Athena's over ground made up: a plane, which the onboard map carries whole near the site."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PERILUNE_DATA", raising=False)
        return design(load_mission("athena")).plan


def raised(plan, rise_m):
    terrain = plan.world.terrain
    moved = dataclasses.replace(terrain, rise_m=terrain.rise_m + rise_m)
    return dataclasses.replace(plan, world=dataclasses.replace(plan.world, terrain=moved))


def moment(strikes, places_m):
    """Cycles at one time, with strikes Moon-fixed and places in inertial axes."""
    end = SimpleNamespace(
        strike_direction=np.array(strikes), position_inertial_m=np.array(places_m)
    )
    return SimpleNamespace(end=end, clock=np.full((len(strikes), 3), CLOCK))


def site_direction(plan):
    aim_m = np.asarray(plan.world.aim_fixed_m)
    return aim_m / np.linalg.norm(aim_m)


def inertial(plan, direction):
    fixed = moon_orientation(plan.upload.chart, jnp.array(CLOCK_S * CLOCK)).fixed_from_inertial
    radius_m = float(plan.upload.chart.terrain_map.reference_radius_m)
    return np.asarray(rotate(conjugate(fixed), jnp.asarray(direction))) * (radius_m + HEIGHT_M)


def test_ground_higher_by_so_much_everywhere_is_left_out_as_its_square(plan):
    up = site_direction(plan)
    at = moment([up], [inertial(plan, up)])
    low, high = (np.sqrt(left_out_m2(raised(plan, rise), at)[0]) for rise in (0.0, 30.0))
    assert low < 0.5
    assert high == pytest.approx(30.0, abs=0.5)


def test_before_the_first_strike_it_is_looked_at_below_the_vehicle(plan):
    up = site_direction(plan)
    higher = raised(plan, 30.0)
    struck, not_yet = left_out_m2(
        higher, moment([up, np.zeros(3)], [inertial(plan, -up), inertial(plan, up)])
    )
    assert not_yet == pytest.approx(struck, rel=1e-3)


def test_it_is_the_mean_square_of_the_two_maps_a_kilometre_each_way(data_folder):
    """Place by place over the measured maps, without a program of its own."""
    import perilune

    folders = perilune.Folders(data=data_folder)
    plan = perilune.plan(perilune.load_mission("athena", folders=folders))
    up = site_direction(plan)
    carried = plan.upload.chart.terrain_map
    east, north, _ = np.asarray(axes_about(jnp.asarray(up)))
    middle_m = float(carried.reference_radius_m) * up
    places_m = jnp.array([middle_m + a * east + b * north for a in AROUND_M for b in AROUND_M])
    carried_m = jax.vmap(lambda each: map_height_m(carried, each))(places_m)
    over_carried_m = np.linalg.norm(places_m, axis=1) - carried.reference_radius_m - carried_m
    over_true_m = jax.vmap(lambda each: over_map_m(plan.world.terrain, each))(places_m)
    (found,) = left_out_m2(plan, moment([up], [inertial(plan, up)]))
    assert found > 1.0
    assert found == pytest.approx(float(np.mean((over_true_m - over_carried_m) ** 2)), rel=1e-6)
