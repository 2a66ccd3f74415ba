"""An upload as the design makes it, and estimates put where a test wants them."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics.rotation import cross, from_matrix, multiply, rotate_back
from perilune.onboard.control.attitude import attitude_from_axes
from perilune.onboard.guidance.view import look, moon_orientation
from perilune.onboard.memory import wake
from perilune.onboard.navigation.estimate import layout_of

LATE_S = 4_000.0


@pytest.fixture(scope="session")
def upload(athena_design):
    """What Athena's computer is told."""
    return athena_design.plan.upload


@pytest.fixture(scope="session")
def estimate_at(upload):
    """(position, velocity) in the site's axes, upright → an `Estimate` that stands there."""

    def place(position_site_m, velocity_site_m_s, time_s=LATE_S):
        chart, where = upload.chart, moon_orientation(upload.chart, time_s)
        site_from_inertial = multiply(chart.site_from_fixed, where.fixed_from_inertial)
        away = rotate_back(chart.site_from_fixed, jnp.asarray(position_site_m, float))
        position = rotate_back(where.fixed_from_inertial, chart.aim_fixed_m + away)
        over_ground = rotate_back(site_from_inertial, jnp.asarray(velocity_site_m_s, float))
        side = rotate_back(site_from_inertial, jnp.array([1.0, 0.0, 0.0]))
        return dataclasses.replace(
            wake(upload).estimate,
            position_inertial_m=position,
            velocity_inertial_m_s=over_ground + cross(where.spin_inertial_rad_s, position),
            inertial_from_body=from_matrix(attitude_from_axes(position, side)),
        )

    return place


@pytest.fixture(scope="session")
def view_at(upload, estimate_at):
    """The same as a `View`, on the point mass alone."""

    def see(position_site_m, velocity_site_m_s, time_s=LATE_S):
        estimate = estimate_at(position_site_m, velocity_site_m_s, time_s)
        return look(
            upload, estimate, moon_orientation(upload.chart, time_s), wake(upload).held_gravity
        )

    return see


@pytest.fixture(scope="session")
def tangled_covariance(athena):
    """A full covariance, every error correlated with every other; sizes as in flight."""
    size = [100.0] * 3 + [0.3] * 3 + [1e-3] * 3 + [5e-6] * 3 + [3e-3] * 3
    count = layout_of(athena.lander.sensors).count
    size += [0.01] * (count - len(size))
    mixed = np.random.default_rng(8).normal(size=(count, 40))
    correlation = mixed @ mixed.T / 40.0
    return jnp.asarray(correlation * np.outer(size, size))
