"""What engines do: thrust and flow, gimbal, force and torque."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.clock import CLOCK_S, TICK_COUNT
from perilune.interfaces.commands import Command
from perilune.mechanics.matrices import matvec
from perilune.mechanics.rocket import exhaust_speed_m_s
from perilune.mechanics.rotation import cross
from perilune.truth.actuators.pulses import Pulsing


class Engines(eqx.Module):
    """E engines with a floor, first-order lags and a gimbal that may be none.

    Specific impulse is `specific_impulse_s` times a factor that is linear between P throttles.
    """

    _: KW_ONLY
    max_thrust_n: Float[Array, " E"]
    min_thrust_n: Float[Array, " E"]
    specific_impulse_s: Float[Array, " E"]
    curve_throttle_fraction: Float[Array, "E P"]  # rising
    curve_impulse_factor: Float[Array, "E P"]
    lag_s: Float[Array, " E"]  # of rising thrust
    lag_down_s: Float[Array, " E"]  # of falling thrust
    gimbal_limit_rad: Float[Array, " E"]  # zero: none
    gimbal_lag_s: Float[Array, " E"]
    gimbal_rate_rad_s: Float[Array, " E"] | None = None  # the most; None: no limit
    throttle_ceiling_fraction: Float[Array, " E"] | None = None  # above it only full; None: 1
    pulsing: Pulsing | None = None  # None: all burn steadily
    position_body_m: Float[Array, "E 3"]  # of the pivot, where the thrust acts
    body_from_mount: Float[Array, "E 3 3"]  # the mount's z is the thrust's direction at no gimbal
    pointing_rad: Float[Array, "E 2"]  # the thrust's lean at no gimbal, about the mount's x and y
    draw_fraction: Float[Array, "E S"]  # of its flow, from each tank
    gimballed: bool = eqx.field(static=True, default=True)  # whether any swings


def commanded_thrust_n(
    engines: Engines, command: Command, tank_kg: Float[Array, " S"]
) -> Float[Array, " E"]:
    """The thrust each engine settles at: floor to full, or nothing when off or a tank is dry.

    Of one that pulses, full: that of an open valve.
    """
    fed = jnp.all((engines.draw_fraction == 0.0) | (tank_kg > 0.0), axis=-1)
    wanted_n = jnp.clip(
        command.throttle * engines.max_thrust_n, engines.min_thrust_n, engines.max_thrust_n
    )
    wanted_n = _out_of_band_n(engines, wanted_n)
    if engines.pulsing is not None:
        wanted_n = jnp.where(engines.pulsing.pulses, engines.max_thrust_n, wanted_n)
    return jnp.where(command.engine_on & fed, wanted_n, 0.0)


def least_thrust_n(engines: Engines) -> Float[Array, " E"]:
    """The least that each holds: its floor; of one that pulses, the shortest pulse in each tick."""
    pulsing = engines.pulsing
    if pulsing is None:
        return engines.min_thrust_n
    share = pulsing.min_on_s / (CLOCK_S * TICK_COUNT)
    return jnp.where(pulsing.pulses, share * engines.max_thrust_n, engines.min_thrust_n)


def _out_of_band_n(engines: Engines, wanted_n: Float[Array, " E"]) -> Float[Array, " E"]:
    """The nearer end of the throttles that an engine cannot hold, if there are any."""
    if engines.throttle_ceiling_fraction is None:
        return wanted_n
    full_n = engines.max_thrust_n
    ceiling_n = engines.throttle_ceiling_fraction * full_n
    nearer_n = jnp.where(wanted_n > 0.5 * (ceiling_n + full_n), full_n, ceiling_n)
    return jnp.where(wanted_n > ceiling_n, nearer_n, wanted_n)


def mass_flow_kg_s(
    thrust_n: Float[Array, " n"], specific_impulse_s: Float[Array, " n"]
) -> Float[Array, " n"]:
    """Propellant used per second."""
    return thrust_n / exhaust_speed_m_s(specific_impulse_s)


def specific_impulse_s(engines: Engines, thrust_n: Float[Array, "*t E"]) -> Float[Array, "*t E"]:
    """Of each engine at its thrust: constant beyond the ends of its curve."""
    factors = engines.curve_impulse_factor
    if factors.shape[-1] == 1:
        return engines.specific_impulse_s * factors[:, 0]
    places = engines.curve_throttle_fraction
    throttle = (thrust_n / engines.max_thrust_n)[..., None]
    span = jnp.maximum(places[:, 1:] - places[:, :-1], 1e-9)
    along = jnp.clip((throttle - places[:, :-1]) / span, 0.0, 1.0)
    rise = jnp.sum(along * (factors[:, 1:] - factors[:, :-1]), axis=-1)
    return engines.specific_impulse_s * (factors[:, 0] + rise)


def tank_flow_kg_s(engines: Engines, thrust_n: Float[Array, "*t E"]) -> Float[Array, "*t S"]:
    """What all engines together take from each tank per second."""
    flow_kg_s = mass_flow_kg_s(thrust_n, specific_impulse_s(engines, thrust_n))
    return jnp.sum(flow_kg_s[..., None] * engines.draw_fraction, axis=-2)


def gimbal_left_rad(
    engines: Engines, off_rad: Float[Array, "E 2"], spacing_s: Float[Array, ""], count: int
) -> Float[Array, "count E 2"]:
    """What is left of a swing that is `off_rad` from its order, now and each `spacing_s` later.

    By a first-order lag; where the drive has a limit it runs at that until the lag is slower.
    """
    if not engines.gimballed:
        return jnp.zeros((count, *off_rad.shape))
    if engines.gimbal_rate_rad_s is None:
        left = powers(jnp.exp(-spacing_s / engines.gimbal_lag_s), count)
        return left[..., None] * off_rad
    after_s = spacing_s * jnp.arange(float(count))[:, None, None]
    lag_s = engines.gimbal_lag_s[:, None]
    rate_rad_s = engines.gimbal_rate_rad_s[:, None]
    size_rad = jnp.abs(off_rad)
    running_s = jnp.maximum(size_rad - rate_rad_s * lag_s, 0.0) / rate_rad_s
    run_rad = rate_rad_s * jnp.minimum(after_s, running_s)
    decay = jnp.exp(-jnp.maximum(after_s - running_s, 0.0) / lag_s)
    return jnp.sign(off_rad) * (size_rad - run_rad) * decay


def powers(base: Float[Array, " E"], count: int) -> Float[Array, "count E"]:
    """From the zeroth on: equal steps of a lag have one exponential, the rest are products."""
    rows = [jnp.ones_like(base)]
    for _ in range(count - 1):
        rows.append(rows[-1] * base)
    return jnp.stack(rows)


def thrust_direction(gimbal_rad: Float[Array, "*E 2"]) -> Float[Array, "*E 3"]:
    """Unit vector of the force in the mount's axes; the gimbal turns about its x, then its y.

    The sine is its series to the seventh power, 1e-10 off at 15 degrees: the library's costs more
    than the rest of the derivative.
    """
    square = gimbal_rad**2
    sine = gimbal_rad * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0)))
    cosine = jnp.sqrt(1.0 - sine**2)
    return jnp.stack(
        [sine[..., 1] * cosine[..., 0], -sine[..., 0], cosine[..., 1] * cosine[..., 0]], axis=-1
    )


class ThrustAxes(eqx.Module):
    """What a newton of each engine's thrust makes: its direction, and its torque about the centre.

    Body axes; the torque is N m for each newton.
    """

    direction: Float[Array, "*t E 3"]
    arm_m: Float[Array, "*t E 3"]


def thrust_axes(
    engines: Engines, gimbal_rad: Float[Array, "*t E 2"], center_body_m: Float[Array, "3"]
) -> ThrustAxes:
    """At any instants: the leading axes of the gimbals', if any engine swings, else none.

    The pointing error adds to the gimbal: both are turns about the pivot.
    """
    swung_rad = engines.pointing_rad
    if engines.gimballed:
        swung_rad = gimbal_rad + swung_rad
    along = matvec(engines.body_from_mount, thrust_direction(swung_rad))
    return ThrustAxes(along, cross(engines.position_body_m - center_body_m, along))


def wrench_along(
    axes: ThrustAxes, thrust_n: Float[Array, "*t E"]
) -> tuple[Float[Array, "*t 3"], Float[Array, "*t 3"]]:
    """Force, N, and torque about the centre of mass, N m, of all engines, body axes."""
    each_n = thrust_n[..., None]
    return jnp.sum(each_n * axes.direction, axis=-2), jnp.sum(each_n * axes.arm_m, axis=-2)


def engine_wrench(
    engines: Engines,
    thrust_n: Float[Array, "*t E"],
    gimbal_rad: Float[Array, "*t E 2"],
    center_body_m: Float[Array, "3"],
) -> tuple[Float[Array, "*t 3"], Float[Array, "*t 3"]]:
    """`wrench_along` the thrust axes that the gimbals make."""
    return wrench_along(thrust_axes(engines, gimbal_rad, center_body_m), thrust_n)
