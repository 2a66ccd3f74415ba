"""What the flight software says of itself at every step: the only way to see into it."""

from dataclasses import KW_ONLY

import equinox as eqx
from jaxtyping import Array, Bool, Float, Int

SHOWN = 10
"""Errors whose covariance is shown: position, velocity and attitude, inertial axes; map bias."""


class UpdateResult(eqx.Module):
    """What the filter's gate decided on each scalar of some readings."""

    innovation: Float[Array, " n"]
    gate: Float[Array, " n"]  # the largest innovation that would be used
    used: Bool[Array, " n"]
    residual: Float[Array, " n"]  # measured less predicted, after all of them


class BelievedState(eqx.Module):
    """Where the flight software believes that it is."""

    _: KW_ONLY
    position_inertial_m: Float[Array, "3"]
    velocity_inertial_m_s: Float[Array, "3"]
    inertial_from_body: Float[Array, "4"]
    map_bias_m: Float[Array, ""]  # of the map's height in `strike_direction`
    strike_direction: Float[Array, "3"]  # Moon-fixed, where the altimeter last struck
    map_variance_m2: Float[Array, ""]  # of the map's error there


class NavigationTelemetry(eqx.Module):
    """The estimate and how sure the filter is of it."""

    _: KW_ONLY
    reckoned: BelievedState  # before the readings of this step
    estimate: BelievedState  # after them
    covariance: Float[Array, "n n"]  # SI: of `SHOWN` errors first, then of the software's own
    datum_variance_m2: Float[Array, ""]  # along the radius, of what position is measured from
    height_m: Float[Array, ""]  # of the footpads over the ground below
    mass_kg: Float[Array, ""]
    height_variance_m2: Float[Array, ""]  # of the last frame
    cycle_results: dict[str, UpdateResult]  # by label, (n,) each
    frame_results: dict[str, UpdateResult]


class Shortfall(eqx.Module):
    """What control wanted of a tick less what its command makes, by the believed vehicle."""

    force_n: Float[Array, ""]  # along body z, with the engines on
    torque_n_m: Float[Array, "3"]  # body axes


class Telemetry(eqx.Module):
    """What one step reports to the simulation and its recorder."""

    phase: Int[Array, ""]  # its place in the list of phases
    calm_until_s: Float[Array, ""]  # long ticks will do up to this time; in the past: they will not
    navigation: NavigationTelemetry | None  # None in contact
    shortfall: Shortfall  # zero where the actuators make all that is wanted
