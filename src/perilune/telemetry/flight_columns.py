"""The telemetry of one flight as columns: what was true, believed and read at each instant."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from perilune.design.flight_plan import FlightPlan
from perilune.interfaces.telemetry import BelievedState
from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.projection import angles_from_direction, east_and_north_m
from perilune.onboard.navigation.ground import steady_variance_m2
from perilune.telemetry import host_geometry
from perilune.telemetry.contact_columns import contact_columns, mass_kg, point_clearances_m
from perilune.telemetry.height_columns import covariances, heights_over_ground
from perilune.telemetry.host_geometry import Setting
from perilune.telemetry.samples import Columns, Rows, Samples, rows_of
from perilune.telemetry.sensor_columns import sensor_columns
from perilune.truth.dynamics.state import TrueState

LOCAL = ("along", "cross", "radial")
BODY_Z = np.array([0.0, 0.0, 1.0])


def telemetry_columns(plan: FlightPlan, samples: Samples) -> Columns:
    """Name → column, (n,), of one flight's `Samples`; not-a-number for what did not exist.

    `plan` is the plan that was flown, drawn or not: of it only sky, map, nominal_start and upload
    are read.
    Rows are ticks: 2.5 s apart in coast and wait, else 0.1 s; and in contact the steps of a
    millisecond in which it is flown. Ranging sensors and camera read when a cycle ends, every
    second tick; star tracker and propellant gauge at the end of a frame, every sixth; sigmas
    stand at the tick after a cycle, where the estimate has its readings in it. From handover,
    a fraction of a second before contact, on there is no estimate. Host only, NumPy only.
    """
    rows = rows_of(samples)
    setting = _setting(plan, rows)
    columns = {"time_s": rows.time_s, "phase": _phase(plan, rows), "mode": rows.mode}
    columns |= _motion(rows, setting)
    columns |= _place(plan, rows, setting)
    columns |= _tanks(rows)
    columns |= _padded(_belief(plan, rows, setting), len(rows.time_s))
    columns |= _throttles(rows) | contact_columns(plan, rows, setting)
    return columns | sensor_columns(rows)


def _phase(plan: FlightPlan, rows: Rows) -> Int[AnyArray, " n"]:
    powered = (rows.mode >= int(plan.ignition_phase)).astype(int)
    powered[rows.free_count :] = 2
    return powered


def _setting(plan: FlightPlan, rows: Rows) -> Setting:
    fixed, spin = host_geometry.turning(plan.world.sky, rows.time_s)
    position_m = rows.state.position_inertial_m
    up = host_geometry.unit(position_m)
    normal = host_geometry.rotate(
        host_geometry.conjugate(fixed), np.asarray(plan.world.track_normal_fixed)
    )
    along = host_geometry.unit(np.cross(normal, up))
    local = np.stack([along, np.cross(up, along), up], axis=1)
    return Setting(fixed, spin, host_geometry.rotate(fixed, position_m), up, local)


def _motion(rows: Rows, setting: Setting) -> Columns:
    """States in inertial axes, and speeds and tilt relative to the ground."""
    state = rows.state
    over_ground = state.velocity_inertial_m_s - np.cross(
        setting.spin_inertial_rad_s, state.position_inertial_m
    )
    rise_m_s = _dot(over_ground, setting.up_inertial)
    across = over_ground - rise_m_s[:, None] * setting.up_inertial
    axis = host_geometry.rotate(state.inertial_from_body, BODY_Z)
    lean = np.linalg.norm(np.cross(setting.up_inertial, axis), axis=-1)
    return {
        **_state("true", state),
        **_each("true_rate_*_deg_s", "xyz", np.degrees(state.rate_body_rad_s)),
        "vertical_speed_m_s": -rise_m_s,
        "horizontal_speed_m_s": np.linalg.norm(across, axis=-1),
        "tilt_deg": np.degrees(np.arctan2(lean, _dot(setting.up_inertial, axis))),
    }


def _place(plan: FlightPlan, rows: Rows, setting: Setting) -> Columns:
    """Where over the Moon, truly and on the map, and how high the lowest footpad is.

    East and north of the aim point are the map's, from where the map has it: the map is the true
    ground turned, so they are those over the true ground, along the map's east and north.
    """
    here, legs = setting.position_fixed_m, rows.vehicle.contact.leg_count
    aim = rows.ground.aim_fixed_m
    angle = np.arctan2(np.linalg.norm(np.cross(here, aim), axis=-1), here @ aim)
    range_m = np.linalg.norm(aim) * angle
    on_map = here - np.cross(rows.ground.turn_fixed_rad, here)
    east_m, north_m = east_and_north_m(plan.nominal_start.aim_fixed_m, on_map, range_m)
    return {
        **_angles("true", here),
        **_angles("map", on_map),
        "altitude_m": np.linalg.norm(here, axis=-1) - MOON_RADIUS_M,
        "height_m": np.min(point_clearances_m(plan, rows, setting)[:, :legs], axis=-1),
        "range_m": range_m,
        "from_aim_east_m": east_m,
        "from_aim_north_m": north_m,
    }


def _angles(whose: str, place_fixed_m: Float[AnyArray, "n 3"]) -> Columns:
    latitude, longitude = np.degrees(angles_from_direction(place_fixed_m))
    return {f"{whose}_latitude_deg": latitude, f"{whose}_longitude_deg": longitude}


def _tanks(rows: Rows) -> Columns:
    state = rows.state
    return {
        "thrust_n": np.sum(state.thrust_n, axis=-1),
        **_gimbals(np.degrees(state.gimbal_rad)),
        "mass_kg": mass_kg(rows),
        "propellant_kg": state.propellant_kg,
        "cold_gas_kg": state.cold_gas_kg,
    }


def _throttles(rows: Rows) -> Columns:
    """Of all engines by their full thrust and, of several, of each."""
    full_n = rows.vehicle.engines.max_thrust_n
    columns = {"throttle": rows.throttle @ (full_n / np.sum(full_n))}
    if len(full_n) > 1:
        columns |= _numbered("throttle_*", rows.throttle)
        columns |= _numbered("thrust_*_n", rows.state.thrust_n)
    return columns


def _gimbals(gimbal_deg: Float[AnyArray, "n E 2"]) -> Columns:
    """Of the engine, or of each of several."""
    if gimbal_deg.shape[1] == 1:
        return _each("gimbal_*_deg", "xy", gimbal_deg[:, 0])
    return _numbered("gimbal_*_x_deg", gimbal_deg[..., 0]) | _numbered(
        "gimbal_*_y_deg", gimbal_deg[..., 1]
    )


def _numbered(names: str, values: Float[AnyArray, "n E"]) -> Columns:
    return {
        names.replace("*", str(index + 1)): values[:, index] for index in range(values.shape[1])
    }


def _belief(plan: FlightPlan, rows: Rows, setting: Setting) -> Columns:
    """Estimates, their errors and sigmas, of the rows before the handover."""
    count, estimate = rows.free_count, rows.estimate
    true = rows.state
    local = setting.local_from_inertial[:count]
    apart_m = estimate.position_inertial_m - true.position_inertial_m[:count]
    apart_m_s = estimate.velocity_inertial_m_s - true.velocity_inertial_m_s[:count]
    turn_rad = host_geometry.turn_between(
        true.inertial_from_body[:count], estimate.inertial_from_body
    )
    sigmas = _sigmas(plan, rows, local)
    height = heights_over_ground(plan, rows, setting.fixed_from_inertial[:count])
    return {
        **_state("estimated", estimate),
        "estimated_height_m": height.believed_m,
        "height_error_over_ground_m": height.believed_m - height.true_m,
        "height_sigma_over_ground_m": height.sigma_m,
        "estimated_mass_kg": _at_cycles(rows, rows.believed_kg),
        "thrust_short_n": rows.shortfall.force_n,
        **_each("torque_short_*_n_m", "xyz", rows.shortfall.torque_n_m),
        **_each("position_error_*_m", LOCAL, _seen(local, apart_m)),
        **_each("position_sigma_*_m", LOCAL, sigmas[0]),
        **_each("velocity_error_*_m_s", LOCAL, _seen(local, apart_m_s)),
        **_each("velocity_sigma_*_m_s", LOCAL, sigmas[1]),
        **_each("attitude_error_*_deg", "xyz", np.degrees(turn_rad)),
        **_each("attitude_sigma_*_deg", "xyz", np.degrees(sigmas[2])),
    }


def _at_cycles(rows: Rows, values: Float[AnyArray, " cycles"]) -> Float[AnyArray, " n"]:
    """Values in the rows where cycles end, not-a-number between."""
    column = np.full(rows.free_count, np.nan)
    column[rows.cycles.row_count] = values
    return column


def _sigmas(
    plan: FlightPlan, rows: Rows, local: Float[AnyArray, "n 3 3"]
) -> Float[AnyArray, "3 n 3"]:
    """One sigma of position, velocity and attitude, (3, n, 3): the start's at the first row, each
    cycle's at the row after it ends, not-a-number between."""
    at, covariance = covariances(plan, rows)
    up = local[at, 2]
    covariance[:, :3, :3] += steady_variance_m2(plan.upload) * up[:, :, None] * up[:, None]
    body = host_geometry.axes_of(host_geometry.conjugate(rows.state.inertial_from_body[at]))
    sigmas = np.full((3, rows.free_count, 3), np.nan)
    for index, axes in enumerate((local[at], local[at], body)):
        group = slice(3 * index, 3 * index + 3)
        sigmas[index, at] = _spread(covariance[:, group, group], axes)
    return sigmas


def _spread(
    covariance: Float[AnyArray, "n 3 3"], axes: Float[AnyArray, "n 3 3"]
) -> Float[AnyArray, "n 3"]:
    """The square roots of the diagonal of A P A', (n, 3)."""
    return np.sqrt(np.einsum("nij,njk,nik->ni", axes, covariance, axes))


def _state(whose: str, state: TrueState | BelievedState) -> Columns:
    return {
        **_each(f"{whose}_position_*_m", "xyz", state.position_inertial_m),
        **_each(f"{whose}_velocity_*_m_s", "xyz", state.velocity_inertial_m_s),
        **_each(f"{whose}_attitude_*", "wxyz", state.inertial_from_body),
    }


def _each(names: str, parts: Sequence[str], values: Float[AnyArray, "n parts"]) -> Columns:
    return {names.replace("*", part): values[..., index] for index, part in enumerate(parts)}


def _padded(columns: Columns, size: int) -> Columns:
    return {
        name: np.concatenate([values, np.full(size - len(values), np.nan)])
        for name, values in columns.items()
    }


def _seen(
    axes: Float[AnyArray, "n 3 3"], vectors: Float[AnyArray, "n 3"]
) -> Float[AnyArray, "n 3"]:
    return np.einsum("nij,nj->ni", axes, vectors)


def _dot(a: Float[AnyArray, "n 3"], b: Float[AnyArray, "n 3"]) -> Float[AnyArray, " n"]:
    return np.sum(a * b, axis=-1)
