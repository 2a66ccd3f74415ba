"""Legs, loads and energy in contact with the ground, and how far every point is above it."""

import numpy as np
from jaxtyping import Float

from perilune.design.flight_plan import FlightPlan
from perilune.flight.ground_view import PAD_FOOTPRINT_M
from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.mass_properties import mass_properties
from perilune.telemetry import host_geometry
from perilune.telemetry.host_geometry import Setting
from perilune.telemetry.samples import Columns, Rows
from perilune.telemetry.true_ground import clearances_and_normals, stop_heights_m


def contact_columns(plan: FlightPlan, rows: Rows, setting: Setting) -> Columns:
    """Name → column, (n,), of what exists from the handover on, every step of contact a row."""
    points, load_n = rows.vehicle.contact, rows.touch.normal_force_n
    legs, bells = np.s_[:, : points.leg_count], np.s_[:, -points.bell_count :]
    hull = np.s_[:, points.leg_count : -points.bell_count]
    energy_j = _energy_j(plan, rows, setting)
    columns = {
        **_each_leg("leg_stroke_*_m", rows.touch.legs.stroke_m[:, :, 0, 0]),
        **_each_leg("pad_sinkage_*_m", rows.touch.legs.sinkage_m),
        **_each_leg("leg_load_*_n", load_n[legs]),
        "hull_load_n": np.max(load_n[hull], axis=-1),
        "bell_load_n": np.max(load_n[bells], axis=-1),
        "total_energy_j": np.sum(energy_j, axis=0),
        "thrust_work_j": np.cumsum(rows.thrust_work_j) - _carried_off_j(rows, energy_j),
    }
    size = len(rows.time_s)
    gap = np.full(rows.free_count, np.nan)
    return {name: np.concatenate([gap, values])[:size] for name, values in columns.items()}


def mass_kg(rows: Rows) -> Float[AnyArray, " n"]:
    """True mass at each row."""
    return rows.vehicle.mass.dry_kg + np.sum(rows.state.tank_kg, axis=-1)


def point_clearances_m(
    plan: FlightPlan, rows: Rows, setting: Setting, first: int = 0
) -> Float[AnyArray, "n P"]:
    """How far every contact point, its leg's crush counted, is above the ground; (n, P) m."""
    fixed = setting.fixed_from_inertial[first:, None]
    turn = rows.state.inertial_from_body[first:, None]
    arm_m = host_geometry.rotate(turn, _arms_body_m(rows, first))
    place = host_geometry.rotate(fixed, rows.state.position_inertial_m[first:, None] + arm_m)
    clear_m, _ = clearances_and_normals(plan, rows.ground, place, PAD_FOOTPRINT_M)
    return clear_m - _tilt_rise_m(rows, setting, place, first)


def _tilt_rise_m(
    rows: Rows, setting: Setting, place: Float[AnyArray, "n P 3"], first: int
) -> Float[AnyArray, "n P"]:
    """How far the slope under the pads lifts the ground, once contact has begun."""
    handover = max(rows.free_count - 1, 0)
    rise_m = (place - setting.position_fixed_m[handover]) @ rows.ground.slope_fixed_fraction
    down = np.arange(first, first + len(place)) >= rows.free_count
    return np.where(down[:, None], rise_m, 0.0)


def _slope_cosine(plan: FlightPlan, rows: Rows, setting: Setting) -> float:
    """Of the angle between the ground's normal and the vertical where contact began.

    Clearances are vertical, but springs are pressed along the normal.
    """
    place = setting.position_fixed_m[max(rows.free_count - 1, 0)]
    up = place / np.linalg.norm(place)
    north = np.cross(up, np.cross(np.eye(3)[2 if abs(up[2]) < 0.9 else 0], up))
    level = np.stack([north, np.cross(north, up)]) / np.linalg.norm(north)
    _, normal = clearances_and_normals(plan, rows.ground, place, PAD_FOOTPRINT_M)
    gradient = level @ (rows.ground.slope_fixed_fraction - normal / (normal @ up))
    return 1.0 / np.sqrt(1.0 + gradient @ gradient)


def _arms_body_m(rows: Rows, first: int) -> Float[AnyArray, "n P 3"]:
    """Every contact point from the centre of mass, body axes, (n, P, 3)."""
    center_m = mass_properties(rows.vehicle.mass, rows.state.tank_kg[first:], xp=np).center_body_m
    arms_m = rows.vehicle.contact.position_body_m - center_m[:, None]
    stroke_m, points = rows.touch.legs.stroke_m, rows.vehicle.contact
    net_m = stroke_m[..., 0] - stroke_m[..., 1]
    moved_m = np.einsum("nlj,ljc->nlc", net_m, points.legs.crush_body_factor)
    arms_m[rows.free_count - first :, : points.leg_count] += moved_m
    return arms_m


def _energy_j(plan: FlightPlan, rows: Rows, setting: Setting) -> Float[AnyArray, "3 n"]:
    """Of motion over the turning ground, of height above where it ended, in springs; (3, n) J."""
    first, state = rows.free_count, rows.state
    masses_kg = mass_kg(rows)[first:]
    place, speed = state.position_inertial_m[first:], state.velocity_inertial_m_s[first:]
    over_ground = speed - np.cross(setting.spin_inertial_rad_s[first:], place)
    rate = state.rate_body_rad_s[first:]
    inertia = mass_properties(rows.vehicle.mass, state.tank_kg[first:], xp=np).inertia_kg_m2
    momentum = np.einsum("nij,nj->ni", inertia, rate)
    kinetic = 0.5 * masses_kg * _dot(over_ground, over_ground) + 0.5 * _dot(momentum, rate)
    distance_m = np.linalg.norm(place, axis=-1)
    gm = float(plan.world.gravity.gm_m3_s2)
    potential = masses_kg * (gm / distance_m[-1:] - gm / distance_m) if len(place) else 0.0
    potential = potential - masses_kg * _beyond_point_mass(rows, setting)
    points = rows.vehicle.contact
    clear_m = _slope_cosine(plan, rows, setting) * point_clearances_m(plan, rows, setting, first)
    depth_m = np.maximum(_lifted_m(plan, rows, setting) - clear_m, 0.0)
    depth_m[:, : points.leg_count] = np.where(
        rows.touch.legs.broken,
        0.0,
        np.maximum(depth_m[:, : points.leg_count] - rows.touch.legs.sinkage_m, 0.0),
    )
    bristle2 = np.sum(rows.touch.bristle_inertial_m**2, axis=-1)
    springs = 0.5 * np.sum(points.stiffness_n_per_m * (depth_m**2 + bristle2), axis=-1)
    return np.stack([kinetic, np.broadcast_to(potential, kinetic.shape), springs])


def _lifted_m(plan: FlightPlan, rows: Rows, setting: Setting) -> Float[AnyArray, "n P"]:
    """How far stops under the contact points lift their ground."""
    over, began_m = rows.touch.top_entered, setting.position_fixed_m[max(rows.free_count - 1, 0)]
    assert over is not None, "a flight remembers what its points are over"
    heights_m = stop_heights_m(plan, rows.ground, began_m)
    return np.max(np.where(np.asarray(over), heights_m, 0.0), axis=-1)


def _beyond_point_mass(rows: Rows, setting: Setting) -> Float[AnyArray, " n"]:
    """Work per kilogram of gravity beyond the point mass, over the ground from the end, (n,)."""
    first = rows.free_count
    place_m, fixed = setting.position_fixed_m[first:], setting.fixed_from_inertial[first:]
    pull_m_s2 = host_geometry.rotate(fixed, rows.pull_inertial_m_s2)
    return _dot(place_m - place_m[-1:], pull_m_s2)


def _carried_off_j(rows: Rows, energy_j: Float[AnyArray, "3 n"]) -> Float[AnyArray, " n"]:
    """Energy of motion and height that has left with the propellant since the first row."""
    masses_kg = mass_kg(rows)[rows.free_count :]
    lost_kg = -np.diff(masses_kg, prepend=masses_kg[:1])
    return np.cumsum(lost_kg / masses_kg * (energy_j[0] + energy_j[1]))


def _each_leg(names: str, values: Float[AnyArray, "n legs"]) -> Columns:
    return {names.replace("*", str(leg + 1)): values[:, leg] for leg in range(values.shape[1])}


def _dot(a: Float[AnyArray, "n 3"], b: Float[AnyArray, "n 3"]) -> Float[AnyArray, " n"]:
    return np.sum(a * b, axis=-1)
