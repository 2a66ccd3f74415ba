"""Every line of the velocimeter's error model has a test that fails without it."""

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces.velocimeter import VelocimeterErrors, VelocimeterSpec, beams_body
from perilune.mechanics.rotation import from_rotation_vector
from perilune.truth.sensors.velocimeter import measure, shift, sigma
from tests.truth.sensors.scenes import FAR_M, UP, draw, flown, scene, turned

LEAN_RAD = np.deg2rad(22.5)
SPEC = {
    "mount": ["0 m", "0 m", "0 m"],
    "half_angle": "22.5 deg",
    "noise": "0.02 m/s",
    "bias": "0.01 m/s",
    "min_range": "1 m",
    "max_range": "5 km",
    "speed_limit": "200 m/s",
    "incidence_limit": "70 deg",
    "dropout_fraction": 0.01,
}
BEAMS = np.asarray(beams_body(flown(VelocimeterSpec.model_validate(SPEC))))


def read(velocity_m_s, height_m=100.0, errors=None, drawn=None, spec=None, **over):
    sheet = flown(VelocimeterSpec.model_validate(SPEC | (spec or {})))
    wrong = flown(VelocimeterErrors.model_validate(errors or {}))
    around = scene(height_m, velocity_inertial_m_s=velocity_m_s, **over)
    return measure(sheet, wrong, None, around, drawn or draw(np.zeros(6), np.ones(6)))[0]


def test_its_beams_stand_on_a_cone_about_the_axis_that_points_down():
    np.testing.assert_allclose(np.linalg.norm(BEAMS, axis=-1), 1.0)
    np.testing.assert_allclose(BEAMS[:, 2], -np.cos(LEAN_RAD))
    np.testing.assert_allclose(BEAMS.sum(axis=0)[:2], 0.0, atol=1e-15)
    np.testing.assert_allclose(BEAMS[0], [np.sin(LEAN_RAD), 0.0, -np.cos(LEAN_RAD)])


def test_falling_straight_every_beam_closes_at_the_cosine():
    reading = read([0.0, 0.0, -10.0])
    np.testing.assert_allclose(reading.closing_speed_m_s, 10.0 * np.cos(LEAN_RAD), rtol=1e-14)
    assert bool(jnp.all(reading.valid))


def test_sideways_the_beam_ahead_closes_and_those_behind_open_by_half():
    reading = read([4.0, 0.0, 0.0])
    ahead = 4.0 * np.sin(LEAN_RAD)
    np.testing.assert_allclose(reading.closing_speed_m_s, [ahead, -ahead / 2, -ahead / 2])


@pytest.mark.parametrize(
    ("mount", "center_body_m"),
    [(["2 m", "0 m", "0 m"], [0.0, 0.0, 0.0]), (["1 m", "0 m", "-3 m"], [-1.0, 0.0, -3.0])],
    ids=["centre of mass at the body's origin", "centre of mass behind and below it"],
)
def test_it_reads_its_mounts_speed_where_the_body_turns_about_its_centre(mount, center_body_m):
    """A mount 2 m ahead of the centre, pitching at 0.1 rad/s about y, moves by 0.2 m/s down."""
    reading = read(
        [0.0, 0.0, 0.0],
        spec={"mount": mount},
        rate_body_rad_s=[0.0, 0.1, 0.0],
        center_body_m=center_body_m,
    )
    np.testing.assert_allclose(reading.closing_speed_m_s, 0.2 * np.cos(LEAN_RAD), rtol=1e-12)


def test_it_reads_speed_over_the_turning_ground():
    """Moving with the ground, 2.7e-9 rad/s at 1e9 m, it reads nothing."""
    spin = (0.0, 2.7e-9, 0.0)
    reading = read([2.7e-9 * (1e9 + 100.0), 0.0, 0.0], spin=spin)
    np.testing.assert_allclose(reading.closing_speed_m_s, 0.0, atol=1e-12)


def test_its_beams_turn_with_the_body():
    lean = from_rotation_vector(jnp.array([0.1, -0.2, 0.3]))
    velocity_m_s = np.array([3.0, -2.0, -8.0])
    reading = read(velocity_m_s, inertial_from_body=lean)
    expected = [turned(lean, beam) @ velocity_m_s for beam in BEAMS]
    np.testing.assert_allclose(reading.closing_speed_m_s, expected, rtol=1e-12)


def test_bias_and_noise_add_along_the_beam():
    errors = {"bias": ["0.01 m/s", "0 m/s", "-0.01 m/s"]}
    reading = read(
        [0.0, 0.0, 0.0], errors=errors, drawn=draw([1.0, 2.0, 0.0, 0.0, 0.0, 0.0], np.ones(6))
    )
    np.testing.assert_allclose(reading.closing_speed_m_s, [0.03, 0.04, -0.01], atol=1e-15)


def test_a_scale_error_stretches_every_speed_and_no_bias():
    errors = {"bias": ["0.01 m/s"] * 3, "scale_fraction": 1e-3}
    right = read([4.0, 1.0, -30.0]).closing_speed_m_s
    stretched = read([4.0, 1.0, -30.0], errors=errors).closing_speed_m_s
    np.testing.assert_allclose(stretched, 1.001 * right + 0.01, rtol=1e-14)


@pytest.mark.parametrize(
    ("height_m", "valid"),
    [(0.9, False), (1.0, True), (4_600.0, True), (4_650.0, False)],
    ids=["too near", "just near enough", "just in reach", "out of reach"],
)
def test_ranges_are_slant(height_m, valid):
    reading = read([0.0, 0.0, -1.0], height_m)
    assert np.all(np.asarray(reading.valid) == valid)
    slant_m = height_m / np.cos(LEAN_RAD) if valid else 0.0
    np.testing.assert_allclose(reading.range_m, slant_m, rtol=1e-6)


@pytest.mark.parametrize(("fall_m_s", "valid"), [(210.0, True), (220.0, False), (-220.0, False)])
def test_the_speed_limit_is_along_the_beam(fall_m_s, valid):
    assert np.all(np.asarray(read([0.0, 0.0, -fall_m_s]).valid) == valid)


def test_a_beam_that_grazes_the_ground_returns_nothing():
    slope_rad = np.deg2rad(60.0)
    normal = np.array([np.sin(slope_rad), 0.0, np.cos(slope_rad)])
    incidence_deg = np.rad2deg(np.arccos(-BEAMS @ normal))
    reading = read([0.0, 0.0, -1.0], normal=normal)
    assert list(np.asarray(reading.valid)) == list(incidence_deg < 70.0)
    assert not np.all(reading.valid)
    assert np.any(reading.valid)


def test_each_beam_ranges_to_the_ground_that_it_meets_and_not_to_that_below():
    """A step 30 m high begins 10 m ahead: the first beam, which leans ahead, ends on it."""

    def over(place_m):
        return place_m[2] - FAR_M - jnp.where(place_m[0] > 10.0, 30.0, 0.0)

    reading = read([0.0, 0.0, -1.0], below=lambda place: (over(place), UP), over_map_m=over)
    np.testing.assert_allclose(reading.range_m * np.cos(LEAN_RAD), [70.0, 100.0, 100.0], rtol=1e-6)


def test_incidence_is_that_of_the_ground_where_the_beam_ends():
    steep = jnp.array([np.sin(1.5), 0.0, np.cos(1.5)])

    def below(place_m):
        return place_m[2] - FAR_M, jnp.where(place_m[0] > 10.0, steep, UP)

    assert list(np.asarray(read([0.0, 0.0, -1.0], below=below).valid)) == [False, True, True]


def test_ranges_settle_on_the_relief_that_the_map_does_not_have():
    def below(place_m):
        return place_m[2] - FAR_M - 1.5, UP

    reading = read([0.0, 0.0, -1.0], below=below)
    np.testing.assert_allclose(reading.range_m * np.cos(LEAN_RAD), 98.5, rtol=1e-6)


def test_a_beam_starts_at_its_mount():
    mounted = {"mount": ["0 m", "0 m", "3 m"]}
    reading = read([0.0, 0.0, -1.0], spec=mounted, center_body_m=[0.0, 0.0, 1.0])
    np.testing.assert_allclose(reading.range_m * np.cos(LEAN_RAD), 102.0, rtol=1e-6)


def test_noise_of_the_range_is_its_own():
    drawn = draw([0.0, 0.0, 0.0, 1.0, -2.0, 0.0], np.ones(6))
    reading = read([0.0, 0.0, 0.0], spec={"range_noise": "0.5 m"}, drawn=drawn)
    np.testing.assert_allclose(
        reading.range_m - 100.0 / np.cos(LEAN_RAD), [0.5, -1.0, 0.0], atol=1e-4
    )
    np.testing.assert_allclose(reading.closing_speed_m_s, 0.0, atol=1e-15)


LOBED = {"side_lobe_fraction": 0.1, "side_lobe_angle": "10 deg"}
LOBE_RAD = LEAN_RAD - np.deg2rad(10.0)


def test_a_side_lobe_gives_the_speed_and_the_range_of_where_it_looks_and_no_warning():
    astray = draw(np.zeros(6), [1.0, 1.0, 1.0, 0.05, 0.15, 1.0])
    reading = read([4.0, 0.0, -10.0], spec=LOBED, drawn=astray)
    right = read([4.0, 0.0, -10.0], spec=LOBED)
    lobe_m_s = 10.0 * np.cos(LOBE_RAD) + 4.0 * np.sin(LOBE_RAD)
    np.testing.assert_allclose(reading.closing_speed_m_s[0], lobe_m_s, rtol=1e-12)
    np.testing.assert_allclose(reading.range_m[0], 100.0 / np.cos(LOBE_RAD), rtol=1e-6)
    np.testing.assert_array_equal(reading.closing_speed_m_s[1:], right.closing_speed_m_s[1:])
    np.testing.assert_array_equal(reading.range_m[1:], right.range_m[1:])
    assert np.all(reading.valid)


def test_no_side_lobe_is_taken_at_a_fraction_of_zero():
    lobed = LOBED | {"side_lobe_fraction": 0.0}
    reading = read([4.0, 0.0, -10.0], spec=lobed, drawn=draw(np.zeros(6), [1.0] * 3 + [0.0] * 3))
    right = read([4.0, 0.0, -10.0])
    np.testing.assert_array_equal(reading.closing_speed_m_s, right.closing_speed_m_s)


def test_high_over_its_reach_it_says_nothing_even_where_a_hill_stands_in_the_beam():
    """No beam is marched from above 1.5 times its greatest range."""

    def over(place_m):
        return place_m[2] - FAR_M - 7_000.0

    under = {"below": lambda place: (over(place), UP), "over_map_m": over}
    assert not np.any(read([0.0, 0.0, -1.0], 7_600.0, **under).valid)
    assert np.all(read([0.0, 0.0, -1.0], 7_400.0, **under).valid)


def test_a_beam_that_looks_up_returns_nothing():
    over = from_rotation_vector(jnp.array([np.pi, 0.0, 0.0]))
    reading = read([0.0, 0.0, -1.0], inertial_from_body=over)
    assert not np.any(reading.valid)


def test_a_beam_drops_out_by_its_draw():
    reading = read([0.0, 0.0, -1.0], drawn=draw(np.zeros(6), [0.005, 0.015, 0.5, 1.0, 1.0, 1.0]))
    assert list(np.asarray(reading.valid)) == [False, True, True]


def test_no_beam_drops_out_at_a_fraction_of_zero():
    reading = read(
        [0.0, 0.0, -1.0], spec={"dropout_fraction": 0.0}, drawn=draw(np.zeros(6), np.zeros(6))
    )
    assert np.all(reading.valid)


def test_a_fault_moves_each_beams_speed():
    reading = read([0.0, 0.0, -10.0])
    moved = shift(reading, jnp.array([1.0, 2.0, 3.0]), scene())
    expected_m_s = 10.0 * np.cos(LEAN_RAD) + np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(moved.closing_speed_m_s, expected_m_s, rtol=1e-14)
    np.testing.assert_array_equal(moved.valid, reading.valid)
    np.testing.assert_array_equal(moved.range_m, reading.range_m)


def test_each_beam_has_the_sigma_of_its_noise():
    one_sigma = sigma(flown(VelocimeterSpec.model_validate(SPEC)), read([0.0, 0.0, 0.0]), 0.2)
    np.testing.assert_array_equal(one_sigma, [0.02, 0.02, 0.02], strict=True)
