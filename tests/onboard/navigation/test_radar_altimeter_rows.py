"""What the radar altimeter should read, and its slopes against differences of the residual."""

import dataclasses
import math

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces.radar_altimeter import RadarAltimeterSpec
from perilune.interfaces.ranging import RangeReading, RangingErrors
from perilune.mechanics.nearest_ground import Cone, Level, Pattern, nearest_ground
from perilune.mechanics.rotation import rotate
from perilune.mechanics.terrain_map import map_height_m
from perilune.onboard.navigation import radar_altimeter
from perilune.onboard.navigation.radar_altimeter import NEARER_FACTOR, relief_in_beam_m
from perilune.onboard.navigation.sight import Craft
from tests.onboard.navigation.slopes import YES, look, slopes_by_difference
from tests.truth.sensors.test_radar_altimeter import SPEC

LABEL = "altimeter"
"""The sight's label names biases of the filter, of which this kind has none."""
DENSE = Pattern(
    ring_fractions=tuple(np.linspace(0.1, 1.0, 10)), ray_count=tuple(6 * k for k in range(1, 11))
)


def believe(relief_m=0.0, bias_m=0.0, scale_fraction=0.0, **changes):
    spec = RadarAltimeterSpec.model_validate(SPEC | changes)
    drawn = RangingErrors.model_construct(bias_m=bias_m**2, scale_fraction=scale_fraction**2)
    craft = Craft(
        landing_center_m=np.array([0.0, 0.0, 1.0]),
        braking_m_s2=3.0,
        map_lie_m2=np.zeros(2),
        relief_m=relief_m,
        relief_length_m=100.0,
    )
    return radar_altimeter.believe(spec, drawn, craft)


def rows_of(belief, upload, where, estimate, reading):
    return radar_altimeter.expect(belief, look(upload, where, LABEL), estimate, reading)


def read_truly(belief, upload, where, estimate, beam):
    """What a perfect radar over the map on board would read, found by many rays."""
    turn, chart_map = where.fixed_from_inertial, upload.chart.terrain_map
    mount = rotate(estimate.inertial_from_body, belief.mount_from_center_m)
    axis = rotate(turn, rotate(estimate.inertial_from_body, belief.beam_body[beam]))
    apex = rotate(turn, estimate.position_inertial_m + mount)

    def clearance(place):
        height = map_height_m(chart_map, place)
        return jnp.linalg.norm(place) - chart_map.reference_radius_m - height

    cone = Cone(apex, axis, belief.half_angle_rad)
    found = nearest_ground(clearance, cone, Level(apex, clearance(apex)), DENSE)
    return RangeReading(found.range_m, jnp.array(beam), YES)


@pytest.fixture(scope="module")
def upright(estimate_at):
    """Over the plateau, its perpendicular within the beam."""
    return estimate_at([0.0, 0.0, 500.0], [0.0, 0.0, -3.0])


@pytest.mark.parametrize("beam", [0, 1])
def test_what_it_reads_over_the_map_leaves_a_residual_of_a_part_of_its_noise(
    upload, where, upright, beam
):
    belief = believe()
    reading = read_truly(belief, upload, where, upright, beam)
    rows = rows_of(belief, upload, where, upright, reading)
    assert abs(float(rows.value[0])) < math.hypot(1.0, 0.002 * float(reading.range_m))
    assert bool(rows.valid[0])
    assert rows.height_alone


@pytest.mark.parametrize("beam", [0, 1])
def test_it_changes_by_each_error_as_it_tells(upload, where, upright, beam):
    """Along the axial beam's perpendicular no turn matters but by its mount."""
    belief = believe()
    reading = read_truly(belief, upload, where, upright, beam)
    by_difference = slopes_by_difference(
        lambda guess: rows_of(belief, upload, where, guess, reading), upright
    )[0]
    slope = np.asarray(rows_of(belief, upload, where, upright, reading).slope[0])
    up = np.asarray(upright.position_inertial_m / jnp.linalg.norm(upright.position_inertial_m))
    assert slope[:3] @ up == pytest.approx(by_difference[:3] @ up, rel=2e-3)
    np.testing.assert_allclose(slope[:3], by_difference[:3], atol=0.05)
    assert np.abs(slope[6:9]).max() == pytest.approx(0.0 if beam else 600.0, rel=0.3, abs=1.0)
    np.testing.assert_allclose(slope[6:9], by_difference[6:9], rtol=0.06, atol=3.0)
    np.testing.assert_allclose(slope[9:], by_difference[9:], atol=2e-3)
    assert slope[upright.layout.map_bias] == -1.0


def test_its_noise_is_its_ranges_seen_along_the_normal_with_what_its_errors_may_be(
    upload, where, upright
):
    belief = believe(bias_m=2.0, scale_fraction=0.003)
    reading = read_truly(belief, upload, where, upright, 1)
    rows = rows_of(belief, upload, where, upright, reading)
    longer = dataclasses.replace(reading, range_m=reading.range_m + 1.0)
    per_metre = float(rows_of(belief, upload, where, upright, longer).value[0] - rows.value[0])
    growing = math.hypot(0.002, 0.003) * float(reading.range_m)
    sigma_m = math.sqrt(1.0 + 2.0**2 + growing**2)
    assert math.sqrt(float(rows.variance[0])) == pytest.approx(sigma_m * abs(per_metre), rel=0.01)
    assert (float(belief.bias_m), float(belief.scale_fraction)) == (2.0, 0.003)


def test_relief_brings_the_nearest_ground_nearer_and_makes_it_less_sure(upload, where, upright):
    bare, rough = believe(), believe(relief_m=5.0)
    reading = read_truly(bare, upload, where, upright, 1)
    before, after = (rows_of(each, upload, where, upright, reading) for each in (bare, rough))
    higher_m, apart_m = (float(each) for each in relief_in_beam_m(rough, reading.range_m))
    nearer_m = float(after.value[0] - before.value[0])
    assert nearer_m == pytest.approx(NEARER_FACTOR * higher_m)
    more_m2 = float(after.variance[0] - before.variance[0])
    assert more_m2 == pytest.approx(apart_m**2)
    canted = read_truly(bare, upload, where, upright, 0)
    at_edge = [
        float(rows_of(each, upload, where, upright, canted).value[0]) for each in (rough, bare)
    ]
    higher_m, _ = relief_in_beam_m(rough, canted.range_m)
    assert 0.0 < at_edge[0] - at_edge[1] < 0.6 * NEARER_FACTOR * float(higher_m)


@pytest.mark.parametrize(
    ("range_m", "near_m"), [(50.0, 50.0 * math.tan(math.radians(10.0))), (1_000.0, 100.0)]
)
def test_relief_counts_between_the_first_echo_and_what_is_near_enough(range_m, near_m):
    """Correlation exp(-(d/L)^2) with L = 100 m; sqrt(2 * 1000 * 5) = 100 m, the edge at 50 m."""
    higher_m, apart_m = relief_in_beam_m(believe(relief_m=5.0), jnp.array(range_m))
    averaged, near = math.exp(-2.0 * range_m / 1e4), math.exp(-((near_m / 100.0) ** 2))
    assert float(apart_m) == pytest.approx(5.0 * math.sqrt(1.0 - near))
    assert float(higher_m) == pytest.approx(5.0 * math.sqrt(max(averaged - near, 0.0)), abs=1e-9)


def test_its_strike_is_where_its_range_ends_on_level_ground(upload, where, upright):
    belief = believe()
    reading = RangeReading(jnp.array(500.0), jnp.array(1), YES)
    sight = look(upload, where, LABEL)
    strike_m = radar_altimeter.strike_fixed_m(belief, sight, upright, reading)
    here_m = rotate(where.fixed_from_inertial, upright.position_inertial_m)
    down_m = np.asarray(here_m - strike_m)
    assert np.linalg.norm(down_m) == pytest.approx(501.0, abs=0.01)
    assert float(jnp.sum(down_m * here_m) / jnp.linalg.norm(here_m)) == pytest.approx(
        501.0, abs=0.1
    )
    canted = dataclasses.replace(reading, beam=jnp.array(0))
    ahead_m = radar_altimeter.strike_fixed_m(belief, sight, upright, canted) - strike_m
    assert float(jnp.linalg.norm(ahead_m)) == pytest.approx(
        2.0 * 500.0 * math.sin(math.radians(25.0)), rel=1e-3
    )


def test_no_state_of_the_filter_is_its_own():
    assert radar_altimeter.first_variances(None, None, None) == {}
