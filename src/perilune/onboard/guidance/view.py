"""The estimate as guidance wants it: in the site's axes, relative to the turning ground."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.chebyshev import evaluate_with_rate
from perilune.mechanics.derivatives import length
from perilune.mechanics.rotation import conjugate, cross, multiply, rotate
from perilune.onboard.navigation.estimate import Estimate
from perilune.onboard.navigation.ground import height_over_ground_m
from perilune.onboard.navigation.propagate import HeldGravity
from perilune.onboard.upload import Chart, Upload


class MoonOrientation(eqx.Module):
    """How the Moon is believed to be turned now."""

    fixed_from_inertial: Float[Array, "4"]
    spin_inertial_rad_s: Float[Array, "3"]


class View(eqx.Module):
    """Position and velocity in East-North-Up at the aim point, and height over believed ground."""

    _: KW_ONLY
    position_site_m: Float[Array, "3"]
    velocity_site_m_s: Float[Array, "3"]
    gravity_site_m_s2: Float[Array, "3"]
    up_site: Float[Array, "3"]  # local vertical
    height_m: Float[Array, ""]  # of the footpads above the ground below
    range_m: Float[Array, ""]  # along the sphere to the aim point
    site_from_inertial: Float[Array, "4"]


def moon_orientation(chart: Chart, time_s: Float[Array, ""]) -> MoonOrientation:
    """The Moon's attitude and spin from the uploaded table."""
    raw, rate = evaluate_with_rate(chart.pa_from_inertial, time_s)
    size = jnp.linalg.norm(raw)
    pa_from_inertial = raw / size
    spin = 2.0 * multiply(conjugate(rate / size), pa_from_inertial)[1:]
    return MoonOrientation(multiply(chart.fixed_from_pa, pa_from_inertial), spin)


def ground_range_m(chart: Chart, estimate: Estimate, where: MoonOrientation) -> Float[Array, ""]:
    """Distance to the aim point along the sphere through it."""
    here = rotate(where.fixed_from_inertial, estimate.position_inertial_m)
    aim = chart.aim_fixed_m
    angle = jnp.arctan2(length(cross(here, aim)), jnp.sum(here * aim))
    return jnp.linalg.norm(aim) * angle


def look(
    upload: Upload, estimate: Estimate, where: MoonOrientation, held_gravity: HeldGravity
) -> View:
    """Everything guidance needs of the estimate."""
    chart = upload.chart
    site_from_inertial = multiply(chart.site_from_fixed, where.fixed_from_inertial)
    position_fixed = rotate(where.fixed_from_inertial, estimate.position_inertial_m)
    radius = jnp.linalg.norm(position_fixed)
    relative = estimate.velocity_inertial_m_s - cross(
        where.spin_inertial_rad_s, estimate.position_inertial_m
    )
    up = rotate(chart.site_from_fixed, position_fixed / radius)
    gravity = -held_gravity.gm_m3_s2 / radius**2 * up + rotate(
        site_from_inertial, held_gravity.perturbation_inertial_m_s2
    )
    return View(
        position_site_m=rotate(chart.site_from_fixed, position_fixed - chart.aim_fixed_m),
        velocity_site_m_s=rotate(site_from_inertial, relative),
        gravity_site_m_s2=gravity,
        up_site=up,
        height_m=height_over_ground_m(upload, estimate, where.fixed_from_inertial)
        - upload.vehicle.foot_below_center_m,
        range_m=ground_range_m(chart, estimate, where),
        site_from_inertial=site_from_inertial,
    )
