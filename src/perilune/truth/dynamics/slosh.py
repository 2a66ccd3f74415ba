"""Liquid that sways in its tanks: a mass on a spring across each tank's axis, and what it does.

Each tank's `mechanics.slosh_mode` is a point that slides in a plane across body z, held by a
spring and a damper, and carried by the hull along z. Hull and points are one mechanical system,
whose equations are solved together: forces between them are internal to the last bit, so that
momentum and angular momentum are kept. The reference point C is the centre of mass with every point
at rest; the hull is all but the points. In body axes, with a the acceleration of C less gravity,
w the rate, and for each point its arm r = p + s from C and c = w x (w x r) + 2 w x s',

    hull_kg (a - (w' x g + w x (w x g)))    = F + sum(m k) - z sum(m l)
    I w' + w x (I w) - hull_kg g x a        = T + sum(r x m k) - sum(m l r x z)
    s''                                     = -(a + w' x r + c)_xy - k
    k = (n^2 + W/R (s.s/R^2)^4) s + 2 d n s',    l = z . (a + w' x r + c)

where hull_kg g = sum(m p), I is the hull's inertia about C, and n^2 grows with the acceleration
that is felt along z (Greensite, *Analysis and Design of Space Vehicle Flight Control Systems*,
NASA CR-820 ff., 1967, on sloshing propellants; here not linearised). The eighth power of s over
the tank's radius R stands for its wall, by no experiment: it adds 0.1 % at R/5 under lunar gravity
and keeps the liquid of a lander that lies or tumbles in its tank. It does not grow with what is
felt, so that it gives back no more than it took.
"""

import dataclasses
from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.derivatives import length
from perilune.mechanics.mass_properties import MassModel, MassProperties
from perilune.mechanics.matrices import matvec
from perilune.mechanics.rotation import cross
from perilune.mechanics.slosh_mode import slosh_mode
from perilune.truth.dynamics.state import SloshState
from perilune.truth.vehicle.vehicle import Slosh

CARRIED_M_S2 = 0.03
"""Felt along body z: below it the liquid is carried along, as if at this and critically damped.

An engine that lands brings ten times as much and more; pulses of nozzles along z may bring it for
a moment.
"""
WALL_M_S2 = 830.0
"""By which the wall would hold liquid a radius out; half a radius out it holds 2^-9 of that, which
is lunar gravity across a tank that lies."""
MOST_TURN_RAD = 0.7
"""Frequency times step at most: hull and liquid swing up to twice as fast together."""
MOST_SPIN_RAD = 0.25
"""Turn in a step, past which no spring that the step can follow holds the liquid in."""
UP = (0.0, 0.0, 1.0)
Along = tuple[Float[Array, " T"], Float[Array, " T"], Float[Array, " T"]]
"""Of each point, along body x, y and z."""


class Sway(eqx.Module):
    """What one tick holds fixed of the liquid that sways, T tanks."""

    _: KW_ONLY
    mass_kg: Float[Array, " T"]
    arm_body_m: Float[Array, "T 3"]  # of the points at rest, from the centre of mass
    total_kg: Float[Array, ""]  # of all of them
    moment_body_kg_m: Float[Array, "3"]  # of all of them: sum of mass and arm
    beside_kg2_m2: Float[Array, "3 3"]  # of the moment: squares of its products with x and y
    per_radius_m: Float[Array, " T"]
    frequency_rad_s: Float[Array, " T"]  # under 1 m/s2; it grows as the root of that
    flowing_rad_s: Float[Array, " T"]  # likewise: of walls, damping ratio times frequency
    baffle_damping_factor: Float[Array, " T"]
    hull_inertia_kg_m2: Float[Array, "3 3"]  # of all the rest, about the same centre of mass
    fastest_rad_s: Float[Array, ""]  # that the step can follow


class Wrench(eqx.Module):
    """Force on the vehicle beside gravity, and torque about the centre of mass; body axes."""

    force_n: Float[Array, "3"]
    torque_n_m: Float[Array, "3"]
    mass_kg: Float[Array, ""]  # of the vehicle with all liquid


class Answer(eqx.Module):
    """Accelerations that a wrench makes; that of the centre of mass is the felt one."""

    felt_m_s2: Float[Array, "3"]
    turn_rad_s2: Float[Array, "3"]
    slosh_m_s2: Float[Array, "T 2"]


def sway_of(
    slosh: Slosh, model: MassModel, mass: MassProperties, tank_kg: Float[Array, " S"]
) -> Sway:
    """The points of what the tanks hold; total mass, centre and inertia stay as they were."""
    mode = slosh_mode(
        tank_kg[:-1], model.tank_density_kg_m3, model.tank_radius_m, slosh.viscosity_m2_s
    )
    rest_m = model.tank_floor_body_m + mode.height_m[:, None] * jnp.array(UP)
    arm_m = rest_m - mass.center_body_m
    each = mode.mass_kg[:, None, None]
    square = jnp.sum(arm_m**2, axis=-1)[:, None, None] * jnp.eye(3)
    of_points = jnp.sum(each * (square - arm_m[:, :, None] * arm_m[:, None, :]), axis=0)
    moment_kg_m = jnp.sum(mode.mass_kg[:, None] * arm_m, axis=0)
    beside = cross(moment_kg_m[None], jnp.eye(3)[:2])
    frequency = jnp.sqrt(mode.stiffness_per_m)
    return Sway(
        mass_kg=mode.mass_kg,
        arm_body_m=arm_m,
        total_kg=jnp.sum(mode.mass_kg),
        moment_body_kg_m=moment_kg_m,
        beside_kg2_m2=jnp.sum(beside[:, :, None] * beside[:, None, :], axis=0),
        per_radius_m=1.0 / model.tank_radius_m,
        frequency_rad_s=frequency,
        flowing_rad_s=jnp.sqrt(mode.wall_per_s * frequency),
        baffle_damping_factor=slosh.baffle_damping_factor,
        hull_inertia_kg_m2=mass.inertia_kg_m2 - of_points,
        fastest_rad_s=jnp.array(jnp.inf),
    )


def held_to_step(
    sway: Sway | None,
    inertia_kg_m2: Float[Array, "3 3"],
    rate_rad_s: Float[Array, "3"],
    step_s: Float[Array, ""],
) -> Sway | None:
    """The same with no spring too stiff for a Runge-Kutta step so long, `inertia` of all.

    A lander that spins so fast that such springs hold nothing carries its liquid rigidly: it stops
    in the hull where it is, and the momentum of its sway is lost.
    """
    if sway is None:
        return None
    spins = length(rate_rad_s) * step_s > MOST_SPIN_RAD
    sways = jnp.where(spins, 0.0, 1.0)
    return dataclasses.replace(
        sway,
        mass_kg=sways * sway.mass_kg,
        total_kg=sways * sway.total_kg,
        moment_body_kg_m=sways * sway.moment_body_kg_m,
        beside_kg2_m2=sways * sway.beside_kg2_m2,
        hull_inertia_kg_m2=jnp.where(spins, inertia_kg_m2, sway.hull_inertia_kg_m2),
        fastest_rad_s=MOST_TURN_RAD / step_s,
    )


def swayed(
    sway: Sway | None, before: SloshState | None, after: SloshState | None
) -> SloshState | None:
    """The liquid after a step: where it was and at rest, if it was carried rigidly."""
    if sway is None or before is None or after is None:
        return after
    free = sway.total_kg > 0.0
    return SloshState(
        jnp.where(free, after.out_m, before.out_m), jnp.where(free, after.speed_m_s, 0.0)
    )


def answer(sway: Sway, wrench: Wrench, rate_rad_s: Float[Array, "3"], state: SloshState) -> Answer:
    """The accelerations of hull and liquid together.

    Sideways and along z the acceleration of C follows from the turn, `a = free + of . turn`, which
    leaves three equations for the turn. All is written out: most products of points that slide in
    a plane are zero.
    """
    (out_x, out_y), kg = state.out_m.T, sway.mass_kg
    arm_x, arm_y, arm_z = sway.arm_body_m.T + jnp.stack([out_x, out_y, jnp.zeros_like(kg)])
    rest_kg_m, per_kg = sway.moment_body_kg_m, 1.0 / wrench.mass_kg
    per_side_kg = 1.0 / (wrench.mass_kg - sway.total_kg)
    pull_x, pull_y = _held_m_s2(sway, per_kg * wrench.force_n[2], state)
    carried_x, carried_y, carried_z = _carried_m_s2(rate_rad_s, (arm_x, arm_y, arm_z), state)
    moved_x, moved_y = jnp.sum(kg * out_x), jnp.sum(kg * out_y)
    pushed_n = jnp.stack([jnp.sum(kg * pull_x), jnp.sum(kg * pull_y), -jnp.sum(kg * carried_z)])
    loaded_n = wrench.force_n + pushed_n + cross(rate_rad_s, cross(rate_rad_s, rest_kg_m))
    free_x, free_y = per_side_kg * loaded_n[:2]
    free_z = per_kg * loaded_n[2]
    rest_x, rest_y, rest_z = rest_kg_m
    by_points_nm = [
        -jnp.sum(kg * (arm_z * pull_y + carried_z * arm_y)) - rest_z * free_y - moved_y * free_z,
        jnp.sum(kg * (arm_z * pull_x + carried_z * arm_x)) + rest_z * free_x + moved_x * free_z,
        jnp.sum(kg * (arm_x * pull_y - arm_y * pull_x)) + rest_x * free_y - rest_y * free_x,
    ]
    spun = matvec(sway.hull_inertia_kg_m2, rate_rad_s)
    torque_nm = wrench.torque_n_m - cross(rate_rad_s, spun) + jnp.stack(by_points_nm)
    inertia = sway.hull_inertia_kg_m2 - per_side_kg * sway.beside_kg2_m2
    by_lever = (
        jnp.sum(kg * arm_y**2) - per_kg * moved_y**2,
        per_kg * moved_x * moved_y - jnp.sum(kg * arm_x * arm_y),
        jnp.sum(kg * arm_x**2) - per_kg * moved_x**2,
    )
    turn_x, turn_y, turn_z = _turned(inertia, by_lever, torque_nm)
    felt_x = free_x + per_side_kg * (turn_y * rest_z - turn_z * rest_y)
    felt_y = free_y + per_side_kg * (turn_z * rest_x - turn_x * rest_z)
    felt_z = free_z - per_kg * (moved_y * turn_x - moved_x * turn_y)
    slid_x = felt_x + turn_y * arm_z - turn_z * arm_y + carried_x + pull_x
    slid_y = felt_y + turn_z * arm_x - turn_x * arm_z + carried_y + pull_y
    return Answer(
        jnp.stack([felt_x, felt_y, felt_z]),
        jnp.stack([turn_x, turn_y, turn_z]),
        -jnp.stack([slid_x, slid_y], axis=-1),
    )


def _carried_m_s2(rate_rad_s: Float[Array, "3"], arm_m: Along, state: SloshState) -> Along:
    """What the hull's rate makes of the acceleration of each point: w x (w x r) + 2 w x s'."""
    (spin_x, spin_y, spin_z), (speed_x, speed_y) = rate_rad_s, state.speed_m_s.T
    arm_x, arm_y, arm_z = arm_m
    along = spin_x * arm_x + spin_y * arm_y + spin_z * arm_z
    square = jnp.sum(rate_rad_s**2)
    return (
        spin_x * along - square * arm_x - 2.0 * spin_z * speed_y,
        spin_y * along - square * arm_y + 2.0 * spin_z * speed_x,
        spin_z * along - square * arm_z + 2.0 * (spin_x * speed_y - spin_y * speed_x),
    )


def _turned(
    inertia: Float[Array, "3 3"],
    by_lever: tuple[Float[Array, ""], Float[Array, ""], Float[Array, ""]],
    torque_nm: Float[Array, "3"],
) -> Float[Array, "3"]:
    """The turn that a torque makes, by the adjugate; `by_lever` adds xx, xy and yy."""
    xx, xy, yy = inertia[0, 0] + by_lever[0], inertia[0, 1] + by_lever[1], inertia[1, 1]
    yy, xz, yz, zz = yy + by_lever[2], inertia[0, 2], inertia[1, 2], inertia[2, 2]
    first = jnp.stack([yy * zz - yz * yz, xz * yz - xy * zz, xy * yz - xz * yy])
    second = jnp.stack([first[1], xx * zz - xz * xz, xy * xz - xx * yz])
    third = jnp.stack([first[2], second[2], xx * yy - xy * xy])
    size = xx * first[0] + xy * first[1] + xz * first[2]
    return (1.0 / size) * matvec(jnp.stack([first, second, third]), torque_nm)


def _held_m_s2(sway: Sway, felt_m_s2: Float[Array, ""], state: SloshState) -> Float[Array, "2 T"]:
    """Spring and damper for each kilogram, by the acceleration felt along z."""
    root = jnp.sqrt(jnp.maximum(felt_m_s2, CARRIED_M_S2))
    frequency = jnp.minimum(sway.frequency_rad_s * root, sway.fastest_rad_s)
    near = (jnp.sum(state.out_m**2, axis=-1) * sway.per_radius_m**2) ** 4
    wall = WALL_M_S2 * sway.per_radius_m * near
    spring = jnp.minimum(frequency**2 + wall, sway.fastest_rad_s**2)
    flowing = sway.flowing_rad_s * jnp.sqrt(root) + sway.baffle_damping_factor * frequency
    damping = 2.0 * jnp.where(felt_m_s2 > CARRIED_M_S2, flowing, frequency)
    return spring * state.out_m.T + damping * state.speed_m_s.T


def kicked(
    sway: Sway,
    wrench: Wrench,
    moving: tuple[Float[Array, "3"], SloshState],
    step_s: Float[Array, ""],
) -> tuple[Float[Array, "3"], Float[Array, "3"], SloshState]:
    """Felt acceleration, then the rate and the liquid's speed one step on.

    With `drifted` after it the semi-implicit Euler method, which neither damps nor feeds a swing.
    Liquid that a crash throws past its wall, at some 8 m/s and more, is stopped there, and its
    momentum is lost: what comes of such a crash is no result.
    """
    rate, slosh = moving
    sway = dataclasses.replace(sway, fastest_rad_s=MOST_TURN_RAD / step_s)
    made = answer(sway, wrench, rate, slosh)
    speed_m_s = slosh.speed_m_s + step_s * made.slosh_m_s2
    ahead_m = slosh.out_m + step_s * speed_m_s
    outside = jnp.sum(ahead_m**2, axis=-1) * sway.per_radius_m**2 > 1.0
    outward = jnp.sum(slosh.out_m * speed_m_s, axis=-1) > 0.0
    speed_m_s = jnp.where((outside & outward)[:, None], 0.0, speed_m_s)
    return made.felt_m_s2, rate + step_s * made.turn_rad_s2, SloshState(slosh.out_m, speed_m_s)


def drifted(slosh: SloshState | None, step_s: Float[Array, ""]) -> SloshState | None:
    """The liquid carried on by its present speed."""
    if slosh is None:
        return None
    return SloshState(slosh.out_m + step_s * slosh.speed_m_s, slosh.speed_m_s)
