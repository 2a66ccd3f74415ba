"""The star tracker: attitude once a frame, finer across its boresight than about it."""

import math
from typing import Annotated

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float
from pydantic import Field

from perilune.interfaces.clock import FRAME_S
from perilune.interfaces.sensor import Rate, Sensor, TimedErrors, TimedSpec
from perilune.interfaces.table import Direction, SmallAngle, SmallTurn, Why

Exclusion = Annotated[float, Field(ge=0.0, le=math.pi / 2)]


class StarTrackerSpec(TimedSpec):
    """Attitude from stars; errors are one sigma, `roll` about the boresight."""

    cross_axis_rad: SmallAngle
    """One sigma across the boresight."""
    roll_rad: SmallAngle
    """One sigma about the boresight."""
    rate_limit_rad_s: Annotated[float, Field(gt=0.0, le=10.0)]
    """Turning faster, it gives nothing."""
    boresight: Direction
    """In the body frame."""
    latency_s: Annotated[
        float, Field(ge=0.0, le=FRAME_S), Why("the attitude is followed through one frame")
    ] = 0.0
    """From the instant of a reading to its arrival at the flight software."""
    sun_exclusion_rad: Exclusion = 0.0
    """Nearer to the Sun than so much its boresight must not be, or it gives nothing."""
    earth_exclusion_rad: Exclusion = 0.0
    """The same of the Earth."""
    moon_exclusion_rad: Exclusion = 0.0
    """The same of the Moon's limb, lit or dark."""


class StarTrackerErrors(TimedErrors):
    """Of the star tracker."""

    misalignment_rad: tuple[SmallTurn, SmallTurn, SmallTurn] = (0.0, 0.0, 0.0)
    """Small turn of its head against the body, about body x, y and z."""


class StarTrackerReading(eqx.Module):
    """The attitude a star tracker solves for."""

    inertial_from_body: Float[Array, "4"]  # unit quaternion, scalar first
    valid: Bool[Array, ""]


STAR_TRACKER = Sensor(
    kind="star_tracker",
    title="star tracker",
    spec=StarTrackerSpec,
    errors=StarTrackerErrors,
    silent=lambda: StarTrackerReading(jnp.array([1.0, 0.0, 0.0, 0.0]), jnp.array(False)),
    rate=Rate.FRAME,
    normals=(3,),
    bias_states={"misalignment_rad": 3},
    channels={
        "cross_1": "across boresight 1",
        "cross_2": "across boresight 2",
        "roll": "about boresight",
    },
    column_unit="deg",
    one_validity=True,
    error_units={"": ("rad", 3)},
    truth_alone=(
        "latency_s",
        "rate_limit_rad_s",
        "sun_exclusion_rad",
        "earth_exclusion_rad",
        "moon_exclusion_rad",
    ),
)
