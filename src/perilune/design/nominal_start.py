"""Where a flight starts as it was planned, and how it faces."""

from typing import Any

import jax
import numpy as np

from perilune.design.flight_plan import NominalStart
from perilune.design.orbit import Transfer
from perilune.design.survey import Survey
from perilune.design.typed_arrays import as_arrays
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.rotation import from_matrix
from perilune.onboard.control.attitude import attitude_from_axes


def nominal_start_of(surveyed: Survey, transfer: Transfer, kept_fraction: float) -> NominalStart:
    """On the circular orbit, at rest in attitude, facing the descent-orbit burn."""
    place, speed = transfer.start_position_m, transfer.start_velocity_m_s
    normal = np.cross(place, speed)
    normal = normal / np.linalg.norm(normal)
    aim_m = MOON_RADIUS_M + surveyed.terrain_report.site_height_m
    facing = _facing(transfer.deorbit_velocity_m_s, -normal)
    aim_fixed_m = aim_m * surveyed.aim_fixed
    axes = surveyed.site_from_fixed
    planned: Any = (place, speed, facing, normal, kept_fraction, aim_fixed_m, axes)
    return as_arrays(NominalStart(*planned))


@jax.jit
def _facing(thrust_axis, side_axis):
    return from_matrix(attitude_from_axes(thrust_axis, side_axis))
