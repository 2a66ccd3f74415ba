"""How wide the draws are, and that `nominal` leaves none."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chi2

from perilune.design import nominal
from perilune.design.spread import start_sigma
from perilune.flight.draw import chance_of, draw, noise_of
from perilune.mechanics.randomness import run_key

RUN_COUNT = 2_000


@pytest.fixture(scope="module")
def plan(athena_design):
    return athena_design.plan


def test_the_starts_covariance_has_the_sigmas_along_across_and_up(athena, athena_design):
    transfer, told = athena_design.transfer, athena.navigation
    sigma = start_sigma(transfer, told)
    covariance = sigma @ sigma.T
    up = transfer.start_position_m / np.linalg.norm(transfer.start_position_m)
    along = transfer.start_velocity_m_s / np.linalg.norm(transfer.start_velocity_m_s)
    across = np.cross(up, along)
    for axis, place_m, speed_m_s in (
        (along, told.along_track_m, told.along_track_speed_m_s),
        (across, told.cross_track_m, told.cross_track_speed_m_s),
        (up, told.radial_m, told.radial_speed_m_s),
    ):
        assert axis @ covariance[:3, :3] @ axis == pytest.approx(place_m**2, rel=1e-4)
        assert axis @ covariance[3:, 3:] @ axis == pytest.approx(speed_m_s**2, rel=1e-4)


def test_the_starts_drawn_are_spread_as_the_filter_believes(plan):
    """Whitened by the covariance uploaded, 2,000 starts: chi-square within 99.9 %."""

    @jax.jit
    def starts(runs):
        drawn = jax.vmap(lambda run: draw(plan, run_key(0, run)).start)(runs)
        return drawn.position_inertial_m, drawn.velocity_inertial_m_s

    place, speed = starts(jnp.arange(RUN_COUNT))
    off = np.concatenate(
        [
            place - plan.upload.filter.start_position_inertial_m,
            speed - plan.upload.filter.start_velocity_inertial_m_s,
        ],
        axis=1,
    )
    covariance = np.asarray(plan.upload.filter.start_covariance[:6, :6])
    scale = np.sqrt(np.diag(covariance))
    root = np.linalg.cholesky(covariance / np.outer(scale, scale))
    white = np.linalg.solve(root, (off / scale).T)
    low, high = chi2.ppf([0.0005, 0.9995], 6 * RUN_COUNT)
    assert low < np.sum(white**2) < high


def start_mass_kg(plan):
    return plan.vehicle.mass.dry_kg + plan.start.cold_gas_kg + plan.start.propellant_kg


@pytest.mark.parametrize(
    ("path", "sigma"),
    [
        (lambda plan: plan.vehicle.engine.max_thrust_n, 0.01),
        (lambda plan: plan.vehicle.engine.specific_impulse_s, 0.003),
        (start_mass_kg, 0.003),
    ],
)
def test_the_vehicle_is_drawn_about_its_file_with_the_sigma_told(plan, path, sigma):
    each = jax.jit(jax.vmap(lambda run: path(draw(plan, run_key(0, run)))))
    drawn = each(jnp.arange(RUN_COUNT))
    share = np.asarray(drawn) / float(path(plan)) - 1.0
    low, high = chi2.ppf([0.0005, 0.9995], RUN_COUNT)
    assert low < np.sum((share / sigma) ** 2) < high
    assert abs(share.mean()) < 3.3 * sigma / np.sqrt(RUN_COUNT)


def test_floor_and_full_thrust_are_drawn_together(plan):
    engine = draw(plan, run_key(0, 7)).vehicle.engine
    assert float(engine.max_thrust_n) != float(plan.vehicle.engine.max_thrust_n)
    ratio = float(plan.vehicle.engine.min_thrust_n / plan.vehicle.engine.max_thrust_n)
    assert float(engine.min_thrust_n / engine.max_thrust_n) == pytest.approx(ratio)


def test_a_draw_changes_truth_and_leaves_the_belief(plan):
    drawn = draw(plan, run_key(3, 5))
    for told, kept in zip(jax.tree.leaves(plan.upload), jax.tree.leaves(drawn.upload), strict=True):
        np.testing.assert_array_equal(told, kept)
    assert not np.array_equal(drawn.start.position_inertial_m, plan.start.position_inertial_m)
    assert np.any(np.asarray(drawn.sensors.imu.gyro.bias) != 0.0)
    assert np.any(np.asarray(drawn.sensors.velocimeter.bias_m_s) != 0.0)


@pytest.mark.parametrize("run", [0, 1, 99])
def test_nominal_leaves_nothing_to_draw(plan, run):
    still = nominal(plan)
    drawn = draw(still, run_key(0, run))
    for told, flown in zip(jax.tree.leaves(still), jax.tree.leaves(drawn), strict=True):
        np.testing.assert_allclose(flown, told, rtol=1e-15, atol=1e-15)
    assert not np.any(noise_of(still, run_key(0, run), "altimeter noise", 12, (8,)))
    assert np.all(chance_of(still, jnp.linspace(0.0, 0.9, 8)) == 1.0)
    assert np.any(noise_of(plan, run_key(0, run), "altimeter noise", 12, (8,)))
