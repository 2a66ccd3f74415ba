"""Which engine, gimbal and nozzle makes the thrust and the torque wanted, and what falls short."""

import dataclasses
from dataclasses import KW_ONLY
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from perilune.interfaces import Command, Shortfall
from perilune.mechanics.rotation import cross
from perilune.onboard.control.boxed import boxed_least_squares
from perilune.onboard.control.nozzles import nozzle_shares
from perilune.onboard.control.pulses import pulsed
from perilune.onboard.control.throttle import throttle_limits
from perilune.onboard.navigation.disturbance import Effort
from perilune.onboard.upload import VehicleBelief

ATTITUDE_WEIGHT = 10.0
"""What a torque counts, over its lever of a metre, beside a force: attitude is kept first."""
LEAST_THRUST_N = 1.0
TRIM_TIME_S = 10.0
"""In which a slow gimbal takes over a standing torque: long beside the attitude loop's period."""


class Demand(eqx.Module):
    """What one tick is to do."""

    _: KW_ONLY
    engine_on: Bool[Array, ""]
    throttle: Float[Array, ""]  # of the full thrust of all engines together; limits not yet kept
    angular_impulse_n_m_s: Float[Array, "3"]  # over the tick, body axes
    tick_s: Float[Array, ""]
    nozzles_closed: Bool[Array, ""]  # they are to stay so
    altimeter_beam: Int[Array, ""]
    gimbal_before_rad: Float[Array, "E 2"] | None = None  # ordered in the last tick; slow ones only
    unfired_n_m_s: Float[Array, "3"] = eqx.field(default_factory=lambda: jnp.zeros(3))
    """Left over from the last tick; none without."""
    unspent_s: Float[Array, " E"] | None = None  # of engines that pulse, likewise

    @property
    def left_nm(self) -> Float[Array, "3"]:
        """The torque that would make up for what was left over, in this tick."""
        return self.unfired_n_m_s / self.tick_s


class Allocation(NamedTuple):
    """One tick's orders, what they lack of the demand, what they make, and what they leave."""

    command: Command
    shortfall: Shortfall
    effort: Effort
    unfired_n_m_s: Float[Array, "3"]  # too little for a pulse yet
    unspent_s: Float[Array, " E"] | None  # of full thrust of engines that pulse; None: none does


class VehicleNow(eqx.Module):
    """The believed vehicle between full and empty tanks."""

    inertia_kg_m2: Float[Array, "3 3"]
    center_body_m: Float[Array, "3"]


def vehicle_now(vehicle: VehicleBelief, mass_kg: Float[Array, ""]) -> VehicleNow:
    """Inertia and centre of mass, linear in the mass between empty and full tanks."""
    span_kg = vehicle.full_mass_kg - vehicle.empty_mass_kg
    filled = jnp.clip((mass_kg - vehicle.empty_mass_kg) / span_kg, 0.0, 1.0)

    def between(empty: Float[Array, "..."], full: Float[Array, "..."]) -> Float[Array, "..."]:
        return empty + filled * (full - empty)

    return VehicleNow(
        between(vehicle.empty_inertia_kg_m2, vehicle.full_inertia_kg_m2),
        between(vehicle.empty_center_body_m, vehicle.full_center_body_m),
    )


def allocate(
    vehicle: VehicleBelief, center_body_m: Float[Array, "3"], demand: Demand
) -> Allocation:
    """Throttles, gimbal angles and pulses that make a thrust and an angular impulse.

    About each axis it is the engines that turn while they burn, if `engine_axis_factor` of the
    upload is 1 there, else the nozzles, which make up as well for what the engines do about it and
    for what gimbals leave at their limits; without the engines the nozzles do it all. The nozzles'
    thrust is taken off the engines'.
    """
    torque_nm = demand.angular_impulse_n_m_s / demand.tick_s
    levers = _levers(vehicle, center_body_m)
    full_n = vehicle.engine_fraction * vehicle.max_thrust_n
    burning = jnp.where(demand.engine_on, 1.0, 0.0)
    even_n = burning * demand.throttle * full_n
    by_engines = burning * vehicle.engine_axis_factor
    trim_rad = _trim(vehicle, levers, demand, even_n)
    apart_nm = torque_nm - _standing_nm(even_n, trim_rad, levers)
    by_gas_nm = _by_gas_nm(vehicle, levers, demand, even_n, apart_nm)
    shares = nozzle_shares(vehicle, by_gas_nm)
    pulse_s = shares * demand.tick_s
    pulse_s = jnp.where((pulse_s < vehicle.min_pulse_s) | demand.nozzles_closed, 0.0, pulse_s)
    lift_n = jnp.sum(pulse_s / demand.tick_s * vehicle.nozzle_force_n[:, 2])
    wanted_n = demand.throttle * vehicle.max_thrust_n - burning * lift_n
    throttle = burning * _throttles(vehicle, levers, demand, wanted_n)
    thrust_n = throttle * full_n
    untilted_nm = _total(thrust_n, levers.of_thrust_m)
    unmade_nm = by_engines * (torque_nm - untilted_nm)
    gimbal_rad = trim_rad
    if gimbal_rad is None:
        axes = vehicle.engine_axis_factor
        gimbal_rad = burning * _gimbals(vehicle, levers, thrust_n, unmade_nm, axes)
    tilted_nm = _tilted_nm(thrust_n, gimbal_rad, levers)
    made_nm = untilted_nm + tilted_nm + _total(shares, vehicle.nozzle_torque_n_m)
    engines_n = jnp.sum(thrust_n * vehicle.engine_from_mount[:, 2, 2])
    on = demand.engine_on & (full_n > 0.0)
    pulsed_nm = _total(pulse_s / demand.tick_s - shares, vehicle.nozzle_torque_n_m)
    steady = Allocation(
        Command(
            engine_on=on,
            throttle=throttle,
            gimbal_rad=gimbal_rad,
            thruster_on_s=pulse_s,
            altimeter_beam=demand.altimeter_beam,
        ),
        Shortfall(
            burning * (wanted_n - engines_n),
            jnp.where(demand.nozzles_closed, 0.0, torque_nm + demand.left_nm - made_nm),
        ),
        Effort(burning * engines_n + lift_n, made_nm + pulsed_nm),
        _unfired(vehicle, demand, by_gas_nm, pulse_s),
        None,
    )
    return _in_pulses(vehicle, levers, demand, steady)


def _in_pulses(
    vehicle: VehicleBelief, levers: "Levers", demand: Demand, steady: Allocation
) -> Allocation:
    """With the throttles of engines that pulse as they are fired, and what that makes."""
    if vehicle.pulsing is None or demand.unspent_s is None:
        return steady
    command, effort = steady.command, steady.effort
    fired = pulsed(vehicle.pulsing, command.throttle, demand.unspent_s, demand.tick_s)
    over_n = (fired.throttle - command.throttle) * vehicle.engine_fraction * vehicle.max_thrust_n
    return steady._replace(
        command=dataclasses.replace(command, throttle=fired.throttle),
        effort=Effort(
            effort.force_n + jnp.sum(over_n * vehicle.engine_from_mount[:, 2, 2]),
            effort.torque_n_m + _total(over_n, levers.of_thrust_m),
        ),
        unspent_s=fired.unspent_s,
    )


def _unfired(
    vehicle: VehicleBelief,
    demand: Demand,
    by_gas_nm: Float[Array, "3"],
    pulse_s: Float[Array, " N"],
) -> Float[Array, "3"]:
    """Angular impulse that nozzles leave to the next tick while engines burn.

    Pulses too short to fire leave it, so that a small torque is made in the mean, by a pulse now
    and then; so do nozzles at their limit. No more is kept than one shortest pulse of every nozzle
    makes. A tick of a coast leaves none, which saves gas.
    """
    left_n_m_s = by_gas_nm * demand.tick_s - _total(pulse_s, vehicle.nozzle_torque_n_m)
    most_n_m_s = _total(vehicle.min_pulse_s, jnp.abs(vehicle.nozzle_torque_n_m))
    kept = jnp.clip(left_n_m_s, -most_n_m_s, most_n_m_s)
    return jnp.where(demand.nozzles_closed | ~demand.engine_on, 0.0, kept)


def _total(amounts: Float[Array, " n"], each: Float[Array, "n ..."]) -> Float[Array, "..."]:
    """Amounts (n,) of something times what each makes, (n, ...), added up; it fuses."""
    return jnp.sum(amounts.reshape(-1, *[1] * (each.ndim - 1)) * each, axis=0)


def _tilted_nm(
    thrust_n: Float[Array, " E"], gimbal_rad: Float[Array, "E 2"], levers: "Levers"
) -> Float[Array, "3"]:
    """Torque of the gimbals' tilt, to first order."""
    return jnp.sum(_total(thrust_n, gimbal_rad[..., None] * levers.of_gimbal_m), axis=0)


def _by_gas_nm(
    vehicle: VehicleBelief,
    levers: "Levers",
    demand: Demand,
    thrust_n: Float[Array, " E"],
    torque_nm: Float[Array, "3"],
) -> Float[Array, "3"]:
    """What of a torque the nozzles are to make, beside what the last tick left to them.

    All of it about axes that no engine turns, and about the others what gimbals leave at their
    limits.
    """
    axes = vehicle.engine_axis_factor
    by_engines = jnp.where(demand.engine_on, axes, 0.0)
    by_gas_nm = (1.0 - by_engines) * torque_nm + demand.left_nm
    if not vehicle.gimballed or vehicle.gimbal_rate_rad_s is not None:
        return by_gas_nm
    by_gimbals_nm = by_engines * torque_nm
    gimbal_rad = _gimbals(vehicle, levers, thrust_n, by_gimbals_nm, axes)
    return by_gas_nm + by_gimbals_nm - by_engines * _tilted_nm(thrust_n, gimbal_rad, levers)


def _standing_nm(
    thrust_n: Float[Array, " E"], trim_rad: Float[Array, "E 2"] | None, levers: "Levers"
) -> Float[Array, "3"]:
    """Torque of the engines with their gimbals at rest, or where slow ones are."""
    untilted_nm = _total(thrust_n, levers.of_thrust_m)
    return untilted_nm if trim_rad is None else untilted_nm + _tilted_nm(thrust_n, trim_rad, levers)


class Levers(eqx.Module):
    """Torque about the centre of mass for each newton of each engine's thrust."""

    of_thrust_m: Float[Array, "E 3"]  # gimbal at rest
    of_gimbal_m: Float[Array, "E 2 3"]  # for each radian about the mount's x and y


def _levers(vehicle: VehicleBelief, center_body_m: Float[Array, "3"]) -> Levers:
    """A turn about a mount's x leans the thrust to its -y, a turn about its y to its x."""
    arm_m = vehicle.engine_position_body_m - center_body_m
    x, y, z = jnp.moveaxis(vehicle.engine_from_mount, -1, 0)
    return Levers(cross(arm_m, z), jnp.stack([cross(arm_m, -y), cross(arm_m, x)], axis=1))


def _throttles(
    vehicle: VehicleBelief, levers: Levers, demand: Demand, wanted_n: Float[Array, ""]
) -> Float[Array, " E"]:
    """Of each engine, between its floor and full: the thrust wanted and, by their difference, what
    of the torque is theirs. One engine has nothing to share."""
    low, high = throttle_limits(vehicle, demand.throttle)
    even = wanted_n / vehicle.max_thrust_n * jnp.ones_like(low)
    if len(low) == 1:
        return jnp.clip(even, low, high)
    torque_nm = demand.angular_impulse_n_m_s / demand.tick_s
    weight = ATTITUDE_WEIGHT * vehicle.throttle_axis_factor
    upward = vehicle.engine_from_mount[:, 2, 2]
    turning = weight[:, None] * levers.of_thrust_m.T
    rows = vehicle.engine_fraction * jnp.concatenate([upward[None], turning])
    wanted = jnp.append(wanted_n, weight * torque_nm) / vehicle.max_thrust_n
    return boxed_least_squares(rows, wanted, low, high, even)


def _gimbals(
    vehicle: VehicleBelief,
    levers: Levers,
    thrust_n: Float[Array, " E"],
    torque_nm: Float[Array, "3"],
    axis_factor: Float[Array, "3"],
) -> Float[Array, "E 2"]:
    """Angles (E, 2) that make a torque about these axes, small angles, within the limits."""
    limit_rad = vehicle.gimbal_limit_rad[:, None] * jnp.ones(2)
    if not vehicle.gimballed:
        return 0.0 * limit_rad
    per_rad = jnp.maximum(thrust_n, LEAST_THRUST_N)[:, None, None] * levers.of_gimbal_m
    rows = axis_factor * per_rad
    if len(thrust_n) == 1:
        return jnp.clip(_two_angles(rows[0], torque_nm), -limit_rad, limit_rad)
    size_nm = jnp.maximum(jnp.max(jnp.abs(rows)), 1e-9) * jnp.maximum(jnp.max(limit_rad), 1e-9)
    scaled = (rows * limit_rad[..., None]).reshape(-1, 3).T / size_nm
    one = jnp.ones(scaled.shape[1])
    swung = boxed_least_squares(scaled, torque_nm / size_nm, -one, one, 0.0 * one)
    return limit_rad * swung.reshape(-1, 2)


def _trim(
    vehicle: VehicleBelief, levers: Levers, demand: Demand, thrust_n: Float[Array, " E"]
) -> Float[Array, "E 2"] | None:
    """Angles (E, 2) of slow gimbals: towards making all of the torque, no faster than they swing.

    So they take over what the nozzles would have to make for long, and leave to them what changes.
    None where no drive is slow.
    """
    rate_rad_s, before_rad = vehicle.gimbal_rate_rad_s, demand.gimbal_before_rad
    if rate_rad_s is None or before_rad is None:
        return None
    torque_nm = demand.angular_impulse_n_m_s / demand.tick_s - _total(thrust_n, levers.of_thrust_m)
    towards_rad = _gimbals(vehicle, levers, thrust_n, torque_nm, 1.0 - vehicle.engine_axis_factor)
    step_rad = rate_rad_s[:, None] * demand.tick_s
    share = jnp.minimum(demand.tick_s / TRIM_TIME_S, 1.0)
    moved_rad = before_rad + jnp.clip(share * (towards_rad - before_rad), -step_rad, step_rad)
    return jnp.where(demand.engine_on, moved_rad, before_rad)


def _two_angles(rows: Float[Array, "2 3"], torque_nm: Float[Array, "3"]) -> Float[Array, "2"]:
    """The least-squares solution (2,) of one gimbal for a torque: rows (2, 3) are N m a radian."""
    about_x, about_y = rows
    xx, yy = jnp.sum(about_x**2), jnp.sum(about_y**2)
    xy = jnp.sum(about_x * about_y)
    x, y = jnp.sum(about_x * torque_nm), jnp.sum(about_y * torque_nm)
    size = jnp.maximum(xx * yy - xy**2, 1e-12)
    return jnp.stack([yy * x - xy * y, xx * y - xy * x]) / size
