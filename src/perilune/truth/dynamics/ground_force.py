"""The ground's force on contact points: springs, dampers, struts and soil that give, friction."""

import dataclasses
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.mechanics.batching import if_any_lane
from perilune.mechanics.derivatives import root
from perilune.mechanics.matrices import matvec
from perilune.mechanics.rotation import cross
from perilune.truth.dynamics.moving_points import Points
from perilune.truth.dynamics.state import ContactState, LegState
from perilune.truth.dynamics.stop_faces import Facing, Stops, barred, bars, faced, is_bent
from perilune.truth.dynamics.strut_crush import PadLoad, crushed_by_leg_m, dot, stage_limit_n
from perilune.truth.vehicle.vehicle import Legs

NO_FORCE_N = 1e-9


class Pressed(eqx.Module):
    """How points press the ground in a step: along its normal, and what slipped along it."""

    force_n: Float[Array, " P"]
    slip_m: Float[Array, "P 3"]
    holding_n: Float[Array, " P"]  # what resists sliding, at most


Felt = tuple[Float[Array, "P 3"], Float[Array, "P 3"], Float[Array, " P"], Float[Array, " P"]]
"""Force on each point, then its bristle, its normal force and the largest so far."""
Kept = tuple[Float[Array, "P 3"], Float[Array, " P"], Float[Array, " P"]]
"""All but the force."""
Pushed = tuple[Float[Array, "3"], Float[Array, "3"]]
"""Force and torque about the centre of mass of all points together, inertial."""


def ground_wrench(
    points: Points,
    legs: tuple[Legs, LegState],
    inertial_from_body: Float[Array, "3 3"],
    step_s: Float[Array, ""],
) -> tuple[Pushed, ContactState]:
    """What the ground does to the vehicle, and what it remembers afterwards.

    With depth d, bristle b, stiffness k and damping c the trial force is k (d n - b) - c v; what
    gives way by s, a strut, the soil or a pad that slides, takes (k + c / step) s off it.
    The feet come first, then hull and bells if any of these touches in any lane: what the law finds
    of a point off the ground is known beforehand. The barrier is for speed: the compiler would else
    work the law out again for every sum over the points.
    """
    count = len(legs[1].broken)
    feet, body = points.part(slice(count)), points.part(slice(count, None))
    found = _feet(feet, legs, inertial_from_body, step_s)
    felt, state = jax.lax.optimization_barrier(found)

    def touched(_: Any) -> tuple[Pushed, Kept]:
        force_n, *kept = _rigid(body, step_s)
        return _pushed(body, force_n), (kept[0], kept[1], kept[2])

    none, press_n = jnp.zeros(3), jnp.zeros_like(body.peak_force_n)
    idle = (none, none), (jnp.zeros_like(body.arm_m), press_n, body.peak_force_n)
    near = jnp.any(_could_touch(body, step_s))
    by_body, rest = if_any_lane(near, touched, idle)
    pushed = jax.tree.map(jnp.add, _pushed(feet, felt[0]), by_body)
    bristle_m, press_n, peak_n = (
        jnp.concatenate([of_feet, of_rest]) for of_feet, of_rest in zip(felt[1:], rest, strict=True)
    )
    return pushed, ContactState(bristle_m, press_n, peak_n, state)


def _pushed(points: Points, force_n: Float[Array, "P 3"]) -> Pushed:
    return jnp.sum(force_n, axis=0), jnp.sum(cross(points.arm_m, force_n), axis=0)


def met_stops(
    points: Points,
    stops: Stops,
    touch: ContactState,
    place_m: Float[Array, "P 3"],
    step_s: Float[Array, ""],
) -> tuple[Points, ContactState]:
    """The points with the stops that they face, and what the ground remembers of those."""
    assert touch.top_entered is not None, (
        "a ground with stops remembers which of them points are over"
    )
    standing_m = place_m - points.bristle_inertial_m - _slip_m(points, step_s)
    facing, over = faced(stops, touch.top_entered, standing_m, points.normal, -points.depth_m)
    lifted_m = points.depth_m + facing.raised_m
    points = dataclasses.replace(points, depth_m=lifted_m, facing=facing)
    return points, dataclasses.replace(touch, top_entered=over)


def _could_touch(points: Points, step_s: Float[Array, ""]) -> Bool[Array, " P"]:
    """Whether a point is in the ground or may be against a stop."""
    if points.facing is None:
        return points.depth_m > 0.0
    ahead_m = points.bristle_inertial_m + _slip_m(points, step_s)
    return (points.depth_m > 0.0) | is_bent(points.facing, ahead_m)


def _slip_m(points: Points, step_s: Float[Array, ""]) -> Float[Array, "P 3"]:
    """How far points go along the ground in a step."""
    closing_m_s = -dot(points.speed_m_s, points.normal)
    return step_s * (points.speed_m_s + closing_m_s[:, None] * points.normal)


def _rigid(points: Points, step_s: Float[Array, ""]) -> Felt:
    """Points that nothing gives way of but what slides."""
    press_n, slip_m = _pressed(points, points.depth_m, step_s)
    return _held(points, Pressed(press_n, slip_m, points.friction_factor * press_n), step_s)


def _pressed(
    points: Points, over_m: Float[Array, " P"], step_s: Float[Array, ""]
) -> tuple[Float[Array, " P"], Float[Array, "P 3"]]:
    """The trial force along the normal of points this far past their ground, and their slip."""
    closing_m_s = -dot(points.speed_m_s, points.normal)
    pressed_n = points.stiffness_n_per_m * over_m + points.damping_n_s_per_m * closing_m_s
    pressed_n = jnp.where(over_m > 0.0, jnp.maximum(pressed_n, 0.0), 0.0)
    return pressed_n, _slip_m(points, step_s)


def _trial_drag_n(
    points: Points, slip_m: Float[Array, "P 3"], step_s: Float[Array, ""]
) -> Float[Array, "P 3"]:
    damper_n_per_m = points.damping_n_s_per_m[:, None] / step_s
    spring_n = points.stiffness_n_per_m[:, None] * (points.bristle_inertial_m + slip_m)
    return -spring_n - damper_n_per_m * slip_m


def _held(points: Points, pressed: Pressed, step_s: Float[Array, ""]) -> Felt:
    """Force and memory after Coulomb's law.

    The slider takes what exceeds its limit off spring and damper together, so that sliding only
    ever dissipates. A point off the ground forgets its bristle.
    """
    trial_n = _trial_drag_n(points, pressed.slip_m, step_s)
    size_n = root(dot(trial_n, trial_n))
    share = jnp.minimum(1.0, pressed.holding_n / jnp.maximum(size_n, NO_FORCE_N))
    if points.facing is not None:
        return _held_at_stops(points, points.facing, pressed, (share, trial_n), step_s)
    yielding_n_per_m = points.stiffness_n_per_m + points.damping_n_s_per_m / step_s
    slid_m = ((1.0 - share) / yielding_n_per_m)[:, None] * trial_n
    bristle_m = points.bristle_inertial_m + pressed.slip_m + slid_m
    press_n = pressed.force_n
    return (
        press_n[:, None] * points.normal + share[:, None] * trial_n,
        jnp.where(press_n[:, None] > 0.0, bristle_m, 0.0),
        press_n,
        jnp.maximum(points.peak_force_n, press_n),
    )


def _held_at_stops(
    points: Points,
    facing: Facing,
    pressed: Pressed,
    tried: tuple[Float[Array, " P"], Float[Array, "P 3"]],
    step_s: Float[Array, ""],
) -> Felt:
    """Force and memory where stops take of the load what friction leaves over.

    `tried` is the share of the trial load that friction holds, and that load. A point off the
    ground is dragged at by its face up and down as well, by its damper alone.
    """
    share, trial_n = tried
    press_n, normal = pressed.force_n, points.normal
    yielding_n_per_m = points.stiffness_n_per_m + points.damping_n_s_per_m / step_s
    rise_n = points.damping_n_s_per_m * dot(points.speed_m_s, normal)
    drag_n = jnp.where(press_n > 0.0, 0.0, -rise_n)[:, None] * normal
    left_n = (1.0 - share)[:, None] * trial_n
    wall = barred(facing, left_n + drag_n, yielding_n_per_m, points.friction_factor)
    along_n = wall.force_n - dot(wall.force_n, normal)[:, None] * normal
    bent_m = points.bristle_inertial_m + pressed.slip_m
    bristle_m = bent_m + (left_n - along_n) / yielding_n_per_m[:, None]
    stays = (press_n > 0.0) | is_bent(facing, bent_m)
    whole_n = root(press_n**2 + wall.press_n**2)
    return (
        press_n[:, None] * normal + share[:, None] * trial_n + wall.force_n,
        jnp.where(stays[:, None], bristle_m, 0.0),
        whole_n,
        jnp.maximum(points.peak_force_n, whole_n),
    )


def _feet(
    feet: Points,
    legs: tuple[Legs, LegState],
    inertial_from_body: Float[Array, "3 3"],
    step_s: Float[Array, ""],
) -> tuple[Felt, LegState]:
    """Pads on soil at the ends of legs that crush and break."""
    built, state = legs
    press_n, slip_m = _pressed(feet, feet.depth_m - state.sinkage_m, step_s)
    press_n = jnp.where(state.broken, 0.0, press_n)
    bearing_n = _borne_n(built, state.sinkage_m)
    ploughing_n = _ploughing_n(built, state.sinkage_m, slip_m / step_s)
    load = PadLoad(
        normal=matvec(inertial_from_body.T, feet.normal),
        press_n=press_n,
        drag_n=matvec(inertial_from_body.T, _trial_drag_n(feet, slip_m, step_s)),
        strut_factor=built.crush_body_factor,
        strut_limit_n=stage_limit_n(built.stage_end_m, built.crush_force_n, state.stroke_m),
        bearing_n=bearing_n,
        friction_factor=feet.friction_factor,
        ploughing_n=ploughing_n,
        yielding_n_per_m=feet.stiffness_n_per_m + feet.damping_n_s_per_m / step_s,
    )
    if feet.facing is not None:
        load = _against_stops(load, feet.facing, state, inertial_from_body)
    untouched = (state.stroke_m, jnp.zeros_like(feet.speed_m_s))
    stroke_m, moved_m = if_any_lane(
        jnp.any(_could_crush(load)),
        lambda kept: _struts_crush(built, load, kept[0], inertial_from_body),
        untouched,
    )
    along_m = dot(moved_m, feet.normal)
    pressed_n = jnp.maximum(press_n - load.yielding_n_per_m * along_m, 0.0)
    press_n = pressed_n if feet.facing is None else jnp.where(press_n > 0.0, pressed_n, 0.0)
    borne_n = jnp.minimum(press_n, bearing_n)
    sunk_m = state.sinkage_m + (press_n - borne_n) / load.yielding_n_per_m
    sunk_m = jnp.where(feet.depth_m > 0.0, sunk_m, 0.0)
    slip_m = slip_m + moved_m - along_m[:, None] * feet.normal
    holding_n = feet.friction_factor * borne_n + jnp.where(borne_n > 0.0, ploughing_n, 0.0)
    felt = _held(feet, Pressed(borne_n, slip_m, holding_n), step_s)
    size2_n2 = dot(felt[0], felt[0])
    broken = state.broken | (size2_n2 > built.ultimate_load_n**2)
    deepest_m = jnp.maximum(state.deepest_m, sunk_m)
    whole = jnp.where(broken, 0.0, 1.0)
    carried_n = whole * felt[2]
    peak_n = jnp.maximum(feet.peak_force_n, carried_n)
    carried = (whole[:, None] * felt[0], whole[:, None] * felt[1], carried_n, peak_n)
    return carried, LegState(stroke_m, sunk_m, deepest_m, broken)


def _against_stops(
    load: PadLoad, facing: Facing, state: LegState, inertial_from_body: Float[Array, "3 3"]
) -> PadLoad:
    """The load of pads with the stops that they cannot slide past in this step; body axes."""
    outward = matvec(inertial_from_body.T, facing.out_direction)
    against = dataclasses.replace(facing, out_direction=outward)
    is_barred = bars(against, load.drag_n, load.yielding_n_per_m) & ~state.broken
    return dataclasses.replace(load, stop_direction=jnp.where(is_barred[:, None], outward, 0.0))


def _struts_crush(
    built: Legs,
    load: PadLoad,
    stroke_m: Float[Array, "L J 2"],
    inertial_from_body: Float[Array, "3 3"],
) -> tuple[Float[Array, "L J 2"], Float[Array, "L 3"]]:
    """Strokes after a step, none past its end, and how far each pad gives way, inertial."""
    wanted_m = crushed_by_leg_m(load)
    ways_m = jnp.maximum(jnp.stack([wanted_m, -wanted_m], axis=-1), 0.0)
    longer_m = jnp.minimum(ways_m, jnp.maximum(built.stage_end_m[..., -1] - stroke_m, 0.0))
    net_m = longer_m[..., 0] - longer_m[..., 1]
    moved_m = jnp.sum(net_m[..., None] * built.crush_body_factor, axis=1)
    return stroke_m + longer_m, matvec(inertial_from_body, moved_m)


def _could_crush(load: PadLoad) -> Float[Array, "L J"]:
    """Whether a strut might give way under the most that the ground can press and hold."""
    press_n = jnp.minimum(load.press_n, load.bearing_n)
    size_n = jnp.sqrt(dot(load.drag_n, load.drag_n))
    held_n = load.friction_factor * press_n + load.ploughing_n
    held_n = jnp.where(press_n > 0.0, held_n, 0.0)
    share = jnp.minimum(1.0, held_n / jnp.maximum(size_n, NO_FORCE_N))
    if load.stop_direction is not None:
        share = jnp.where(dot(load.stop_direction, load.stop_direction) > 0.0, 1.0, share)
    along_n = press_n[:, None] * dot(load.strut_factor, load.normal[:, None])
    aside_n = share[:, None] * dot(load.strut_factor, load.drag_n[:, None])
    most_n = jnp.maximum(along_n, 0.0) + jnp.maximum(aside_n, 0.0)
    least_n = jnp.minimum(along_n, 0.0) + jnp.minimum(aside_n, 0.0)
    return (most_n > load.strut_limit_n[..., 0]) | (-least_n > load.strut_limit_n[..., 1])


def _borne_n(built: Legs, sinkage_m: Float[Array, " L"]) -> Float[Array, " L"]:
    """What the soil bears of each pad: its table, linear between rows, constant past the last."""
    depth_m, bearing_n = built.bearing_depth_m, built.bearing_n
    borne_n = bearing_n[:, 0]
    for row in range(depth_m.shape[-1] - 1):
        way_m = depth_m[:, row + 1] - depth_m[:, row]
        share = jnp.clip((sinkage_m - depth_m[:, row]) / way_m, 0.0, 1.0)
        borne_n = borne_n + share * (bearing_n[:, row + 1] - bearing_n[:, row])
    return borne_n


def _ploughing_n(
    built: Legs, sinkage_m: Float[Array, " L"], slip_m_s: Float[Array, "L 3"]
) -> Float[Array, " L"]:
    """What the soil before a sunken pad holds: passive pressure, and momentum of what it moves."""
    wedge_n_per_m = built.wedge_n_per_m2 * sinkage_m + built.cohesion_n_per_m
    return sinkage_m * (wedge_n_per_m + built.pushed_kg_per_m2 * dot(slip_m_s, slip_m_s))
