"""Every line of the radar altimeter's error model has a test that fails without it."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces.radar_altimeter import RadarAltimeterSpec
from perilune.interfaces.ranging import RangingErrors, beams_body
from perilune.mechanics.rotation import from_rotation_vector
from perilune.truth.sensors.radar_altimeter import measure, scale, shift, sigma
from tests.truth.sensors.scenes import FAR_M, draw, flown, scene

SPEC = {
    "mount": ["0 m", "0 m", "0 m"],
    "cant": "60 deg",
    "half_angle": "10 deg",
    "noise": "1 m",
    "noise_fraction": 0.002,
    "resolution": "1 m",
    "min_range": "3 m",
    "max_range": "20 km",
    "incidence_limit": "70 deg",
    "period": "0.5 s",
    "dropout_fraction": 0.01,
}


def read(height_m=100.0, drawn=None, errors=None, over=None, **spec):
    """The reading of the axial beam from a height over level ground."""
    sheet = flown(RadarAltimeterSpec.model_validate(SPEC | spec))
    wrong = flown(RangingErrors.model_validate(errors or {}))
    return measure(sheet, wrong, None, over or scene(height_m), drawn or draw())[0]


def leaning(angle_rad, **changes):
    turn = from_rotation_vector(jnp.array([0.0, angle_rad, 0.0]))
    return scene(100.0, inertial_from_body=turn, **changes)


@pytest.mark.parametrize("height_m", [10.0, 1_000.0, 15_000.0])
def test_without_errors_it_reads_the_height(height_m):
    assert float(read(height_m).range_m) == pytest.approx(height_m, abs=1e-5)


@pytest.mark.parametrize("lean_deg", [8.0, -8.0])
def test_leaning_by_less_than_its_half_angle_it_reads_the_height_still(lean_deg):
    found = read(over=leaning(math.radians(lean_deg)))
    assert float(found.range_m) == pytest.approx(100.0, abs=1e-5)


def test_leaning_further_it_reads_along_its_edge():
    found = read(over=leaning(math.radians(25.0)))
    assert float(found.range_m) == pytest.approx(100.0 / math.cos(math.radians(15.0)), abs=1e-5)


@pytest.mark.parametrize(("beam", "edge_deg"), [(0, 50.0), (1, 0.0)])
def test_the_beam_that_is_commanded_is_the_one_that_reads(beam, edge_deg):
    found = read(over=scene(100.0, beam=beam))
    assert int(found.beam) == beam
    along_m = 100.0 / math.cos(math.radians(edge_deg))
    assert float(found.range_m) == pytest.approx(along_m, abs=1e-5)


def test_the_canted_beam_leans_towards_body_x():
    lean = math.radians(60.0)
    axes = beams_body(flown(RadarAltimeterSpec.model_validate(SPEC)))
    np.testing.assert_allclose(axes, [[math.sin(lean), 0.0, -math.cos(lean)], [0.0, 0.0, -1.0]])


def test_relief_is_asked_for_as_coarse_as_the_ground_of_a_first_echo():
    """Level ground within a depth d of the nearest is sqrt(2 h d) wide to each side."""
    over = scene(200.0, over_m=lambda place, detail_m: place[2] - FAR_M + detail_m)
    assert float(read(over=over, resolution="4 m").range_m) == pytest.approx(240.0, abs=1e-4)


def test_the_range_is_counted_from_its_mount():
    over = scene(100.0, center_body_m=[0.0, 0.0, 1.0])
    assert float(read(over=over, mount=["0 m", "0 m", "-3 m"]).range_m) == pytest.approx(96.0)


@pytest.mark.parametrize("height_m", [10.0, 1_000.0, 15_000.0])
def test_a_bias_adds_and_a_scale_error_grows_with_range(height_m):
    found = read(height_m, errors={"bias": "0.3 m", "scale_fraction": -1e-3})
    assert float(found.range_m) == pytest.approx(height_m * (1.0 - 1e-3) + 0.3, abs=1e-5)


@pytest.mark.parametrize(("height_m", "sigma_m"), [(10.0, 1.000200), (15_000.0, 30.016662)])
def test_its_noise_is_the_square_sum_of_a_part_near_the_ground_and_one_of_the_range(
    height_m, sigma_m
):
    """sqrt(1 + (0.002 * 10)^2) and sqrt(1 + (0.002 * 15000)^2)."""
    louder = float(read(height_m, draw(2.0)).range_m) - float(read(height_m).range_m)
    assert louder == pytest.approx(2.0 * sigma_m, abs=2e-6)
    sheet = flown(RadarAltimeterSpec.model_validate(SPEC))
    assert float(sigma(sheet, read(height_m), 0.2)[0]) == pytest.approx(sigma_m, abs=2e-6)


@pytest.mark.parametrize(
    ("height_m", "valid"),
    [(2.9, False), (3.1, True), (19_990.0, True), (20_010.0, False)],
    ids=["too near", "just near enough", "just in reach", "out of reach"],
)
def test_it_reads_between_its_nearest_and_its_furthest_range(height_m, valid):
    assert bool(read(height_m, errors={"bias": "3 m"}).valid) is valid


@pytest.mark.parametrize(("limit_deg", "valid"), [(51.0, True), (49.0, False)])
def test_past_its_limit_of_incidence_no_echo_returns(limit_deg, valid):
    """The near edge of the canted beam lies 50 deg from the vertical."""
    found = read(over=scene(100.0, beam=0), incidence_limit=f"{limit_deg} deg")
    assert bool(found.valid) is valid


@pytest.mark.parametrize(("time_s", "valid"), [(5.0, True), (5.2, False), (5.6, True)])
def test_it_reads_once_a_period(time_s, valid):
    assert bool(read(over=scene(100.0, time_s=time_s)).valid) is valid


@pytest.mark.parametrize(("chance", "valid"), [(0.0099, False), (0.0101, True)])
def test_its_share_of_readings_drops_out(chance, valid):
    assert bool(read(drawn=draw(0.0, chance)).valid) is valid


def test_where_its_beam_meets_no_ground_it_gives_nothing():
    up = read(over=leaning(math.pi), max_range="100 km", incidence_limit="90 deg")
    assert not bool(up.valid)
    assert math.isfinite(float(up.range_m))


def test_a_fault_lengthens_the_range_but_never_below_nothing_and_multiplies_it():
    reading = read(10.0)
    assert float(shift(reading, jnp.array([3.0]), scene()).range_m) == pytest.approx(13.0, abs=1e-5)
    assert float(shift(reading, jnp.array([-30.0]), scene()).range_m) == 0.0
    assert float(scale(reading, jnp.array([1.5])).range_m) == pytest.approx(15.0, abs=1e-5)
