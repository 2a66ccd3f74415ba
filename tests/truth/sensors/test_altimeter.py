"""Every line of the altimeter's error model has a test that fails without it."""

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import binom

from perilune.interfaces.altimeter import AltimeterSpec
from perilune.interfaces.ranging import RangingErrors, beams_body
from perilune.mechanics.rotation import from_rotation_vector
from perilune.truth.sensors.altimeter import REACH_FACTOR, measure, shift, sigma
from tests.truth.sensors.scenes import FAR_M, UP, draw, flown, scene

SPEC = {
    "mount": ["0 m", "0 m", "0 m"],
    "cant": "70 deg",
    "noise": "0.5 m",
    "noise_fraction": 0.0005,
    "quantum": "0 m",
    "min_range": "2 m",
    "max_range": "20 km",
    "incidence_limit": "65 deg",
    "dropout_fraction": 0.01,
}


def luck(normal=0.0, fate=1.0, share=1.0):
    """Random numbers: the noise, what becomes of the echo, and where a false one is."""
    return draw(normal, (fate, share))


def read(height_m=100.0, drawn=None, errors=None, over=None, **spec):
    """The reading of the axial beam from a height over level ground."""
    sheet = flown(AltimeterSpec.model_validate(SPEC | spec))
    wrong = flown(RangingErrors.model_validate(errors or {}))
    return measure(sheet, wrong, None, over or scene(height_m), drawn or luck())[0]


@pytest.mark.parametrize("height_m", [10.0, 1_000.0, 15_000.0])
def test_without_errors_it_reads_the_height(height_m):
    assert float(read(height_m).range_m) == pytest.approx(height_m, abs=1e-5)


@pytest.mark.parametrize("height_m", [10.0, 1_000.0, 15_000.0])
def test_a_bias_adds_and_a_scale_error_grows_with_range(height_m):
    found = read(height_m, errors={"bias": "0.3 m", "scale_fraction": -2e-4})
    assert float(found.range_m) == pytest.approx(height_m * (1.0 - 2e-4) + 0.3, abs=1e-5)


@pytest.mark.parametrize(("height_m", "sigma_m"), [(10.0, 0.500025), (15_000.0, 7.516648)])
def test_its_noise_is_the_square_sum_of_a_part_near_the_ground_and_one_of_the_range(
    height_m, sigma_m
):
    """sqrt(0.5^2 + (0.0005 * 10)^2) and sqrt(0.5^2 + (0.0005 * 15000)^2)."""
    louder = float(read(height_m, luck(2.0)).range_m) - float(read(height_m).range_m)
    assert louder == pytest.approx(2.0 * sigma_m, abs=2e-6)
    assert float(
        sigma(flown(AltimeterSpec.model_validate(SPEC)), read(height_m), 0.2)[0]
    ) == pytest.approx(sigma_m, abs=2e-6)


@pytest.mark.parametrize(("height_m", "counted_m"), [(10.04, 10.0), (10.13, 10.25), (11.0, 11.0)])
def test_it_counts_in_whole_quanta(height_m, counted_m):
    assert float(read(height_m, quantum="0.25 m").range_m) == pytest.approx(counted_m, abs=1e-9)


@pytest.mark.parametrize(
    ("height_m", "valid"),
    [(1.9, False), (2.1, True), (19_990.0, True), (20_010.0, False)],
    ids=["too near", "just near enough", "just in reach", "out of reach"],
)
def test_it_reads_between_its_nearest_and_its_furthest_range(height_m, valid):
    assert bool(read(height_m).valid) is valid


def test_what_it_can_reach_is_judged_by_the_true_range():
    assert bool(read(1.9, errors={"bias": "5 m"}).valid) is False
    assert bool(read(2.1, errors={"bias": "-5 m"}).valid) is True


@pytest.mark.parametrize(("slope_deg", "valid"), [(64.0, True), (66.0, False)])
def test_past_its_limit_of_incidence_no_echo_returns(slope_deg, valid):
    slope = math.radians(slope_deg)
    over = scene(normal=[math.sin(slope), 0.0, math.cos(slope)])
    assert bool(read(over=over).valid) is valid


@pytest.mark.parametrize(("off_m", "valid"), [(0.0, True), (3.0, False)])
def test_incidence_is_that_on_the_ground_where_the_beam_ends(off_m, valid):
    """A beam 60 deg off strikes 173.2 m ahead; ground that is level only there sends it back."""
    strike_m = jnp.array([100.0 * math.tan(math.radians(60.0)) + off_m, 0.0, FAR_M])
    away = jnp.array([math.sin(1.4), 0.0, math.cos(1.4)])

    def below(place_m):
        normal = jnp.where(jnp.linalg.norm(place_m - strike_m) < 1.0, UP, away)
        return place_m[2] - FAR_M, normal

    level = scene(100.0, beam=0)
    ground = dataclasses.replace(level.look(), below=below)
    over = dataclasses.replace(level, look=lambda: ground)
    assert bool(read(over=over, cant="60 deg").valid) is valid


@pytest.mark.parametrize(("chance", "valid"), [(0.0099, False), (0.0101, True)])
def test_its_share_of_readings_drops_out(chance, valid):
    assert bool(read(drawn=luck(0.0, chance)).valid) is valid


def test_no_reading_drops_out_at_a_fraction_of_zero():
    assert bool(read(drawn=luck(0.0, 0.0), dropout_fraction=0.0).valid)


def test_where_its_beam_meets_no_ground_it_gives_nothing():
    sideways = from_rotation_vector(jnp.array([0.0, 0.5 * math.pi, 0.0]))
    over = scene(100.0, inertial_from_body=sideways)
    assert not bool(read(over=over, max_range="100 km", incidence_limit="90 deg").valid)


@pytest.mark.parametrize(
    ("beam", "range_m"), [(0, 100.0 / math.cos(math.radians(60.0))), (1, 100.0)]
)
def test_the_beam_that_is_commanded_is_the_one_that_reads(beam, range_m):
    found = read(over=scene(100.0, beam=beam), cant="60 deg")
    assert int(found.beam) == beam
    assert float(found.range_m) == pytest.approx(range_m, abs=1e-4)


def test_the_canted_beam_leans_towards_body_x():
    beams = beams_body(flown(AltimeterSpec.model_validate(SPEC)))
    lean = math.radians(70.0)
    np.testing.assert_allclose(beams, [[math.sin(lean), 0.0, -math.cos(lean)], [0.0, 0.0, -1.0]])


@pytest.mark.parametrize(("center_m", "range_m"), [(0.0, 97.0), (-1.0, 98.0), (1.0, 96.0)])
def test_the_range_is_counted_from_its_mount_which_stands_off_the_centre_of_mass(center_m, range_m):
    over = scene(100.0, center_body_m=[0.0, 0.0, center_m])
    found = read(over=over, mount=["0 m", "0 m", "-3 m"])
    assert float(found.range_m) == pytest.approx(range_m, abs=1e-5)


def test_high_above_its_reach_it_is_not_asked_and_says_nothing():
    high = read(REACH_FACTOR * 20_001.0)
    assert float(high.range_m) == 0.0
    assert not bool(high.valid)


def test_a_fault_lengthens_the_range_but_never_below_nothing():
    reading = read(10.0)
    assert float(shift(reading, jnp.array([3.0]), scene()).range_m) == pytest.approx(13.0, abs=1e-5)
    assert float(shift(reading, jnp.array([-30.0]), scene()).range_m) == 0.0


SLOPE = math.radians(40.0)
SLANTED = {"normal": [math.sin(SLOPE), 0.0, math.cos(SLOPE)]}
WIDE = {"divergence": "1 mrad"}


def test_on_a_slope_an_echo_comes_early_by_a_share_of_the_spots_depth():
    """Gardner (1992): a spot of radius r tan(divergence) on a slope is r tan(d) tan(slope) deep."""
    deep_m = 2_000.0 * math.tan(1e-3) * math.tan(SLOPE)
    over = scene(2_000.0, **SLANTED)
    late_m, early_m = (
        float(read(over=over, early_factor=factor, **WIDE).range_m) for factor in (0.0, 0.6)
    )
    assert late_m - early_m == pytest.approx(0.6 * deep_m, rel=1e-6)
    assert float(read(over=scene(2_000.0), early_factor=0.6, **WIDE).range_m) == pytest.approx(
        2_000.0, abs=1e-5
    )


def test_on_a_slope_an_echos_time_jitters_with_the_spots_depth():
    deep_m = 2_000.0 * math.tan(1e-3) * math.tan(SLOPE)
    over, factors = scene(2_000.0, **SLANTED), {"jitter_factor": 0.7, **WIDE}
    still_m, noisy_m = (
        float(read(over=over, drawn=luck(z), **factors).range_m) for z in (0.0, 1.0)
    )
    sigma_m = math.sqrt(0.5**2 + (0.0005 * 2_000.0) ** 2 + (0.7 * deep_m) ** 2)
    assert noisy_m - still_m == pytest.approx(sigma_m, rel=1e-6)


def test_a_false_echo_is_nearer_than_the_ground_and_marked_valid():
    told = {"false_echo_fraction": 0.2, "dropout_fraction": 0.1}
    lost, false, true = (read(drawn=luck(0.0, each, 0.25), **told) for each in (0.09, 0.27, 0.29))
    assert (bool(lost.valid), bool(false.valid), bool(true.valid)) == (False, True, True)
    assert float(false.range_m) == pytest.approx(2.0 + 0.25 * 98.0)
    assert float(true.range_m) == pytest.approx(100.0, abs=1e-5)


def test_of_many_readings_as_many_are_lost_and_false_as_its_sheet_says():
    """Binomial: a count beyond its 99.9 % interval would be chance once in a thousand runs."""
    told = {"false_echo_fraction": 0.05, "dropout_fraction": 0.1, "min_range": "0 m"}
    count = 4_000
    random = np.random.default_rng(1)
    chances = jnp.asarray(random.uniform(size=(count, 2)))
    found = jax.vmap(lambda each: read(drawn=draw(0.0, each), **told))(chances)
    lost = int(np.sum(~np.asarray(found.valid)))
    false = int(np.sum(np.asarray(found.valid) & (np.asarray(found.range_m) < 99.9)))
    for seen, chance in ((lost, 0.1), (false, 0.9 * 0.05 * 0.999)):
        low, high = binom.interval(0.999, count, chance)
        assert low <= seen <= high, (seen, chance)


def test_with_every_draw_off_nothing_happens_to_an_echo():
    all_of_it = {
        "sun_dropout_fraction": 1.0,
        "false_echo_fraction": 0.9,
        "dust_height": "200 m",
        "dust_dropout_fraction": 0.9,
        "dust_echo_fraction": 0.9,
    }
    found = read(over=scene(100.0, thrust_n=jnp.array([1e3])), **all_of_it)
    assert bool(found.valid)
    assert float(found.range_m) == pytest.approx(100.0, abs=1e-5)
