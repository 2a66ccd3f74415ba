"""Where a flight starts as it was planned, and how it faces."""

import jax
import numpy as np
from jaxtyping import Array, Float

from perilune.design.build_surface import largest_relief_m
from perilune.design.flight_plan import NominalStart
from perilune.design.orbit import Transfer
from perilune.design.survey import Survey
from perilune.design.typed_arrays import as_arrays, of_numbers
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.rotation import from_matrix
from perilune.onboard.control.attitude import attitude_from_axes


def nominal_start_of(
    surveyed: Survey,
    transfer: Transfer,
    kept_fraction: float,
    target_m: tuple[float, float],
    thrust_axis: Float[np.ndarray, "3"] | None = None,
) -> NominalStart:
    """On the orbit, at rest in attitude, facing the descent-orbit burn or, with none, backwards.

    A `thrust_axis` is faced instead: that of braking, where a flight begins with it.
    `target_m` is where the last phase leads, east and north of the site.
    """
    place, speed = transfer.start_position_m, transfer.start_velocity_m_s
    normal = np.cross(place, speed)
    normal = normal / np.linalg.norm(normal)
    faced = _thrust_axis(transfer) if thrust_axis is None else thrust_axis
    planned = of_numbers(
        NominalStart,
        start_position_inertial_m=place,
        start_velocity_inertial_m_s=speed,
        start_inertial_from_body=_facing(faced, -normal),
        orbit_normal_inertial=normal,
        kept_fraction=kept_fraction,
        aim_fixed_m=_aim_fixed_m(surveyed, target_m),
        site_from_fixed=surveyed.site_from_fixed,
        largest_relief_m=largest_relief_m(surveyed.terrain_report.resolution_m),
    )
    return as_arrays(planned)


def _thrust_axis(transfer: Transfer) -> Float[np.ndarray, "3"]:
    if np.any(transfer.deorbit_velocity_m_s):
        return transfer.deorbit_velocity_m_s
    return -transfer.start_velocity_m_s


def _aim_fixed_m(surveyed: Survey, target_m: tuple[float, float]) -> Float[np.ndarray, "3"]:
    """Where the flight is to land, on the ground as the map has it, at the site's height."""
    aim_m = MOON_RADIUS_M + surveyed.terrain_report.site_height_m
    if not any(target_m):
        return aim_m * surveyed.aim_fixed
    east, north, _ = surveyed.site_from_fixed
    aside_m = aim_m * surveyed.aim_fixed + target_m[0] * east + target_m[1] * north
    return aim_m * aside_m / np.linalg.norm(aside_m)


@jax.jit
def _facing(thrust_axis: Float[Array, "3"], side_axis: Float[Array, "3"]) -> Float[Array, "4"]:
    return from_matrix(attitude_from_axes(thrust_axis, side_axis))
