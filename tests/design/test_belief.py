"""What is drawn and what the filter is told have one size; gravity left out has its effect."""

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from perilune import load_mission
from perilune.design import belief
from perilune.design.build_sensors import drawn_errors, onboard_model
from perilune.mechanics.constants import MOON_GM_M3_S2 as GM_M3_S2
from perilune.mission.dispersions import rows_of
from perilune.mission.distributions import Kind, Row
from perilune.mission.parameters import Leaf
from perilune.onboard.navigation.sight import Craft
from perilune.truth.environment.gravitation import left_out_inertial_m_s2

LEAF = Leaf(path="errors.altimeter.bias", name="bias_m", value=0.0)


@pytest.fixture(scope="module")
def rows(athena):
    return rows_of(athena)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (Row(leaf=LEAF, kind=Kind.NORMAL, scale=0.2), 0.04),
        (Row(leaf=LEAF, kind=Kind.UNIFORM, low=-3.0, high=3.0), 3.0),
        (Row(leaf=LEAF, kind=Kind.UNIFORM, low=0.0, high=3.0), 3.0),
        (Row(leaf=LEAF, kind=Kind.CHOICE, values=(0.0, 2.0), weights=(0.75, 0.25)), 1.0),
    ],
)
def test_the_size_of_a_row_is_its_mean_square_about_no_error(row, expected):
    assert belief.mean_square(row) == pytest.approx(expected)


def test_a_log_normal_row_has_the_mean_square_of_its_draws():
    leaf = dataclasses.replace(LEAF, value=0.15)
    row = Row(leaf=leaf, kind=Kind.LOG_NORMAL, scale=math.log(1.2))
    points = np.random.default_rng(1).normal(size=400_000)
    drawn = 0.15 * np.exp(math.log(1.2) * points)
    assert belief.mean_square(row) == pytest.approx(np.mean((drawn - 0.15) ** 2), rel=0.02)


def test_the_maps_place_is_told_along_and_across_the_track(athena):
    settings = {"east": "10 m", "north": "30 m"}
    index = {entry.path: i for i, entry in enumerate(athena.dispersions)}
    sets = [f"dispersions.{index[f'errors.map.{k}']}.sigma={v}" for k, v in settings.items()]
    rows = rows_of(load_mission("athena", sets))
    southward = belief.map_lie_m2(rows, (0.0, -1.0, 0.0))
    np.testing.assert_allclose(southward, [30.0**2, 10.0**2])
    eastward = belief.map_lie_m2(rows, (1.0, 0.0, 0.0))
    np.testing.assert_allclose(eastward, southward[::-1])


def test_the_maps_datum_is_off_by_its_height_and_half_its_step(athena):
    """Its waves differ along the approach: they are of the error that varies."""
    index = {entry.path: i for i, entry in enumerate(athena.dispersions)}
    sigmas = {"height": "2 m", "waves": "3 m", "step": "12 m"}
    sets = [f"dispersions.{index[f'errors.map.{k}']}.sigma={v}" for k, v in sigmas.items()]
    found_m = belief.map_steady_m(rows_of(load_mission("athena", sets)))
    assert found_m == pytest.approx(math.hypot(2.0, 6.0))


def craft():
    return Craft(
        landing_center_m=np.zeros(3),
        braking_m_s2=3.0,
        map_lie_m2=np.zeros(2),
    )


def believed(label, lander, rows):
    """(belief, first variances) of a unit."""
    model, spec = onboard_model(label), lander.sensors[label]
    drawn = drawn_errors(rows, label)
    return model.believe(spec, drawn, craft()), model.first_variances(spec, drawn, craft())


def test_nothing_drawn_leaves_the_instruments_own_figures(athena):
    lander = athena.lander
    assert belief.map_steady_m([]) == 0.0
    ranging, _ = believed("altimeter", lander, [])
    assert (float(ranging.bias_m), float(ranging.scale_fraction)) == (0.0, 0.0)
    assert float(ranging.noise_fraction) == lander.altimeter.noise_fraction
    _, variances = believed("velocimeter", lander, [])
    np.testing.assert_allclose(variances["bias_m_s"], lander.velocimeter.bias_m_s**2)
    _, variances = believed("star_tracker", lander, [])
    np.testing.assert_array_equal(variances["misalignment_rad"], 0.0)


def test_what_is_drawn_of_a_unit_is_believed_of_it(athena, rows):
    """0.2 m and 1e-4 of the altimeter's range; 2e-4 of the velocimeter's 50 m/s, 0.01 m/s."""
    ranging, none = believed("altimeter", athena.lander, rows)
    assert (float(ranging.bias_m), float(ranging.scale_fraction)) == pytest.approx((0.2, 1e-4))
    assert float(ranging.noise_fraction) == pytest.approx(math.hypot(0.0005, 1e-4))
    assert none == {}
    _, variances = believed("velocimeter", athena.lander, rows)
    np.testing.assert_allclose(variances["bias_m_s"], 2 * 0.01**2)


def test_a_star_trackers_misalignment_is_a_state_as_unsure_as_it_is_drawn(athena, rows):
    """5 arcsec about each axis; its rows have the noise of the data sheet."""
    tracker, variances = believed("star_tracker", athena.lander, rows)
    assert float(tracker.cross_axis_rad) == athena.lander.star_tracker.cross_axis_rad
    assert float(tracker.roll_rad) == athena.lander.star_tracker.roll_rad
    sigma_rad = np.radians(5.0 / 3_600.0)
    np.testing.assert_allclose(np.sqrt(variances["misalignment_rad"]), sigma_rad)


def test_the_gravity_left_out_moves_ignition_as_a_better_field_would(athena_design, rows):
    """GRGM1200A to degree 400 in place of degree 150 of GRGM660PRIM moves ignition by 1.1 m along,
    2.2 m across and 1.3 m up (rms of both missions, the page on gravity); half an orbit by DOP853.
    """
    transfer = athena_design.transfer
    place = np.asarray(transfer.start_position_m)
    up = place / np.linalg.norm(place)
    normal = np.cross(place, transfer.start_velocity_m_s)
    normal = normal / np.linalg.norm(normal)
    high_m, low_m = 1_837_400.0, 1_752_400.0
    mean_m = 0.5 * (high_m + low_m)
    speed_m_s = math.sqrt(GM_M3_S2 * (2.0 / high_m - 1.0 / mean_m))
    first = np.concatenate([high_m * up, speed_m_s * np.cross(normal, up)])
    half_s = math.pi * math.sqrt(mean_m**3 / GM_M3_S2)
    pull = jax.jit(lambda local, here: left_out_inertial_m_s2(local, jnp.asarray(normal), here))

    def ended(local):
        def rate(_, state):
            here = state[:3]
            central = -GM_M3_S2 * here / np.linalg.norm(here) ** 3
            return np.concatenate([state[3:], central + np.asarray(pull(local, here))])

        flown = solve_ivp(rate, (0.0, half_s), first, "DOP853", rtol=1e-11, atol=1e-6)
        return flown.y[:3, -1]

    still = ended(jnp.zeros(3))
    ending = -up
    axes = np.stack([np.cross(normal, ending), normal, ending])
    square = np.zeros(3)
    for axis in range(3):
        (row,) = [each for each in rows if each.path == f"errors.gravity.left_out.{axis}"]
        moved_m = axes @ (ended(jnp.zeros(3).at[axis].set(row.scale)) - still)
        square += moved_m**2
    along_m, across_m, up_m = np.sqrt(square)
    assert 1.1 < along_m < 1.5
    assert across_m == pytest.approx(2.2, rel=0.1)
    assert 1.0 < up_m < 1.5
