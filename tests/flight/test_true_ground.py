"""A flight over ground that is not as the map has it: tilted under the pads, turned and raised."""

import numpy as np
import pytest

from perilune import load_mission
from perilune.design import design, nominal
from perilune.flight.outcome import Outcome
from perilune.mechanics.randomness import run_key
from perilune.mechanics.rotation import rotate
from perilune.telemetry.flight_columns import telemetry_columns
from perilune.truth.environment import terrain
from perilune.truth.environment.ephemeris import fixed_from_inertial

SLOPE = np.array([0.06, -0.04])
SETTINGS = (
    "errors.ground.slope_fraction=[0.06, -0.04]",
    'errors.map.east="40 m"',
    'errors.map.north="-30 m"',
    'errors.map.height="2 m"',
)


@pytest.fixture(scope="module")
def flown(compiled_flight):
    """(plan, summary, samples) of an Athena without draws on such ground."""
    plan = nominal(design(load_mission("athena", SETTINGS)).plan)
    summary, samples = compiled_flight(plan, run_key(0, 0))
    assert summary.outcome == Outcome.LANDED
    return plan, summary, samples


def test_it_comes_to_rest_as_the_ground_leans(flown):
    """Six legs crush alike: the tilt is that of map and slope together, to half a degree."""
    plan, summary, _ = flown
    world, east_north = plan.world, np.asarray(plan.nominal_start.site_from_fixed)[:2]
    here = np.asarray(world.aim_fixed_m)
    normal = np.asarray(terrain.normal_fixed(world.terrain, here, np.zeros(2, np.uint32), 0.1))
    leaning = normal - SLOPE @ east_north
    up = here / np.linalg.norm(here)
    slope_deg = np.degrees(np.arccos(leaning @ up / np.linalg.norm(leaning)))
    level_deg = np.degrees(np.arccos(normal @ up))
    assert abs(slope_deg - level_deg) > 1.0
    assert np.degrees(summary.rest.tilt_rad) == pytest.approx(slope_deg, abs=0.5)


def test_the_telemetry_shows_the_pads_on_the_true_ground(flown):
    plan, _, samples = flown
    columns = telemetry_columns(plan, samples)
    height_m = columns["height_m"]
    sunk_m = np.mean([columns[f"pad_sinkage_{leg}_m"][-1] for leg in range(1, 7)])
    assert -0.02 < height_m[-1] + sunk_m < 0.02
    assert np.all(np.diff(height_m[-400:-5]) < 0.2)


def test_the_miss_is_from_the_aim_point_on_the_true_ground(flown):
    """The camera sees the ground where it is: a misregistered map moves the landing with it."""
    plan, summary, samples = flown
    moved_m = np.asarray(plan.world.aim_fixed_m - plan.nominal_start.aim_fixed_m)
    assert np.linalg.norm(moved_m) == pytest.approx(np.sqrt(40.0**2 + 30.0**2 + 2.0**2))
    aside_m = np.asarray(summary.places.rest_map_fixed_m) - np.asarray(
        plan.nominal_start.aim_fixed_m
    )
    up = np.asarray(plan.nominal_start.site_from_fixed)[2]
    level_m = np.linalg.norm(aside_m - (aside_m @ up) * up)
    assert summary.miss_m == pytest.approx(level_m, rel=0.01, abs=0.1)
    place_m = _rest_fixed_m(plan, samples)
    back_m = np.asarray(terrain.place_on_map_m(plan.world.terrain, place_m))
    np.testing.assert_allclose(summary.places.rest_map_fixed_m, back_m, atol=1e-3)
    np.testing.assert_allclose(summary.places.rest_true_fixed_m, place_m, atol=1e-3)


def _rest_fixed_m(plan, samples):
    contact = samples.contact
    last = int(np.sum(contact.tick_mask)) - 1
    time_s = 0.1 * contact.tick_count[last]
    fixed = fixed_from_inertial(plan.world.sky, time_s)
    return np.asarray(rotate(fixed, contact.steps.state.position_inertial_m[last, -1]))
