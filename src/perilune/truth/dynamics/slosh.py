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
    k = n^2 (1 + (s.s/R^2)^2) s + 2 d n s',    l = z . (a + w' x r + c)

where hull_kg g = sum(m p), I is the hull's inertia about C, and n^2 grows with the acceleration
that is felt along z (Greensite, *Analysis and Design of Space Vehicle Flight Control Systems*,
NASA CR-820 ff., 1967, on sloshing propellants; here not linearised). The fourth power of s over
the tank's radius R stands for its wall: it adds 0.2 % at R/5 and keeps the liquid of a lost lander
in its tank, by no experiment.
"""

import dataclasses
from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.mechanics.mass_properties import MassModel, MassProperties
from perilune.mechanics.matrices import inverse, matvec
from perilune.mechanics.rotation import cross
from perilune.mechanics.slosh_mode import slosh_mode
from perilune.truth.dynamics.state import SloshState
from perilune.truth.vehicle.vehicle import Slosh

CARRIED_M_S2 = 0.03
"""Felt along body z: below it the liquid is carried along, as if at this and critically damped.

An engine that lands brings ten times as much and more; pulses of nozzles along z may bring it for
a moment.
"""
MOST_TURN_RAD = 0.7
"""Frequency times step at most: hull and liquid swing up to twice as fast together."""
UP = (0.0, 0.0, 1.0)


class Sway(eqx.Module):
    """What one tick holds fixed of the liquid that sways, T tanks."""

    _: KW_ONLY
    mass_kg: Float[Array, " T"]
    arm_body_m: Float[Array, "T 3"]  # of the points at rest, from the centre of mass
    moment_body_kg_m: Float[Array, "3"]  # of all of them: sum of mass and arm
    radius_m: Float[Array, " T"]
    stiffness_per_m: Float[Array, " T"]
    wall_per_s: Float[Array, " T"]
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
    return Sway(
        mass_kg=mode.mass_kg,
        arm_body_m=arm_m,
        moment_body_kg_m=jnp.sum(mode.mass_kg[:, None] * arm_m, axis=0),
        radius_m=model.tank_radius_m,
        stiffness_per_m=mode.stiffness_per_m,
        wall_per_s=mode.wall_per_s,
        baffle_damping_factor=slosh.baffle_damping_factor,
        hull_inertia_kg_m2=mass.inertia_kg_m2 - of_points,
        fastest_rad_s=jnp.array(jnp.inf),
    )


def held_to_step(sway: Sway | None, step_s: Float[Array, ""]) -> Sway | None:
    """The same with no spring too stiff for a Runge-Kutta step so long."""
    if sway is None:
        return None
    return dataclasses.replace(sway, fastest_rad_s=MOST_TURN_RAD / step_s)


def answer(sway: Sway, wrench: Wrench, rate_rad_s: Float[Array, "3"], state: SloshState) -> Answer:
    """The accelerations of hull and liquid together.

    Sideways and along z the acceleration of C follows from the turn, `a = free + of . turn`, which
    leaves three equations for the turn.
    """
    out_m, arm_m = _level(state.out_m), sway.arm_body_m + _level(state.out_m)
    spin, each_kg = rate_rad_s[None], sway.mass_kg[:, None]
    held = _held_m_s2(sway, wrench, state)
    carried = cross(spin, cross(spin, arm_m)) + 2.0 * cross(spin, _level(state.speed_m_s))
    lever = jnp.stack([arm_m[:, 1], -arm_m[:, 0], jnp.zeros_like(arm_m[:, 0])], axis=-1)  # r x z
    out_kg_m = jnp.sum(each_kg * out_m, axis=0)
    shift = jnp.stack([out_kg_m[1], -out_kg_m[0], jnp.zeros(())])  # out_kg_m x z
    rest_kg_m, mass_kg = sway.moment_body_kg_m, wrench.mass_kg
    sides_kg = mass_kg - jnp.sum(sway.mass_kg)
    pushed = jnp.sum(each_kg * held, axis=0) + cross(rate_rad_s, cross(rate_rad_s, rest_kg_m))
    lifted_n = jnp.sum(sway.mass_kg * carried[:, 2])
    by_axis_kg = jnp.stack([sides_kg, sides_kg, mass_kg])
    free = (wrench.force_n + pushed - lifted_n * jnp.array(UP)) / by_axis_kg
    across = free * jnp.array([1.0, 1.0, 0.0])
    spun = matvec(sway.hull_inertia_kg_m2, rate_rad_s)
    torque_nm = (
        wrench.torque_n_m
        - cross(rate_rad_s, spun)
        + jnp.sum(each_kg * (cross(arm_m, held) - carried[:, 2:] * lever), axis=0)
        + cross(rest_kg_m, across)
        - shift * free[2]
    )
    x, y, z = rest_kg_m
    none = jnp.zeros(())
    beside = jnp.stack([jnp.stack([none, z, -y]), jnp.stack([-z, none, x])])  # g x e_x, g x e_y
    inertia = (
        sway.hull_inertia_kg_m2
        + jnp.sum((each_kg * lever)[:, :, None] * lever[:, None, :], axis=0)
        - shift[:, None] * shift / mass_kg
        - jnp.sum(beside[:, :, None] * beside[:, None, :], axis=0) / sides_kg
    )
    turn = matvec(inverse(inertia), torque_nm)
    beside_turn = cross(turn, rest_kg_m) / sides_kg * jnp.array([1.0, 1.0, 0.0])
    felt = free + beside_turn - jnp.sum(shift * turn) / mass_kg * jnp.array(UP)
    sliding = -(felt + cross(turn[None], arm_m) + carried + held)
    return Answer(felt, turn, sliding[:, :2])


def _held_m_s2(sway: Sway, wrench: Wrench, state: SloshState) -> Float[Array, "T 3"]:
    """Spring and damper for each kilogram, by the acceleration felt along z."""
    felt_m_s2 = wrench.force_n[2] / wrench.mass_kg
    square = sway.stiffness_per_m * jnp.maximum(felt_m_s2, CARRIED_M_S2)
    square = jnp.minimum(square, sway.fastest_rad_s**2)
    near = jnp.sum(state.out_m**2, axis=-1) / sway.radius_m**2
    spring = jnp.minimum(square * (1.0 + near**2), sway.fastest_rad_s**2)
    frequency = jnp.sqrt(square)
    flowing = jnp.sqrt(sway.wall_per_s * frequency) + sway.baffle_damping_factor * frequency
    damping = 2.0 * jnp.where(felt_m_s2 > CARRIED_M_S2, flowing, frequency)
    pulled = spring[:, None] * state.out_m + damping[:, None] * state.speed_m_s
    return _level(pulled)


def _level(sideways: Float[Array, "T 2"]) -> Float[Array, "T 3"]:
    return jnp.concatenate([sideways, jnp.zeros_like(sideways[:, :1])], axis=-1)


def kicked(
    sway: Sway,
    wrench: Wrench,
    moving: tuple[Float[Array, "3"], SloshState],
    step_s: Float[Array, ""],
) -> tuple[Float[Array, "3"], Float[Array, "3"], SloshState]:
    """Felt acceleration, then the rate and the liquid's speed one step on.

    With `drifted` after it the semi-implicit Euler method, which neither damps nor feeds a swing.
    """
    rate, slosh = moving
    made = answer(sway, wrench, rate, slosh)
    speed_m_s = slosh.speed_m_s + step_s * made.slosh_m_s2
    return made.felt_m_s2, rate + step_s * made.turn_rad_s2, SloshState(slosh.out_m, speed_m_s)


def drifted(slosh: SloshState | None, step_s: Float[Array, ""]) -> SloshState | None:
    """The liquid carried on by its present speed."""
    if slosh is None:
        return None
    return SloshState(slosh.out_m + step_s * slosh.speed_m_s, slosh.speed_m_s)
