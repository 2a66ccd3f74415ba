"""One nominal flight of ours, cut into blocks that another simulator can fly open loop."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np

COAST_BLOCK_S, POWERED_BLOCK_S = 15.0, 3.0  # whole strides of all of the peer's tasks
LONG_S = 1.0  # ticks longer than this are those of the coast
SPENT_N = 1.0  # thrust below this has died away
DOWN = 2  # the telemetry's phase of contact
CORE_FIELDS = ("propellant_kg", "cold_gas_kg", "thrust_n")


def recorded(mission, folder):
    """Fly `mission` without draws through the command line; write what the peer needs.

    Returns the path of a JSON file in `folder`: `start`, `end`, `reference` (the end by another
    integrator), `blocks`, `vehicle`, `sensors`, `gravity` (the file of coefficients beside it). SI,
    J2000 axes, quaternions scalar first. Raises subprocess.CalledProcessError when the flight
    cannot be flown.
    """
    folder = Path(folder)
    command = Path(sys.executable).with_name("perilune")
    flown = folder / "recorded"
    words = [command, "fly", mission, "--nominal", "--out", flown]
    subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True)
    from benchmarks.program import plan_of
    from benchmarks.reference import reference_end

    plan, rows = plan_of(mission), _columns(flown / "telemetry.parquet")
    told = {
        "start": _state(rows, 0),
        "end": _state(rows, -1),
        "reference": reference_end(plan, rows),
        "blocks": _blocks(plan, rows),
        "vehicle": _vehicle(plan),
        "sensors": _sensors(plan),
        "gravity": _gravity(plan, folder / "gravity.csv"),
    }
    path = folder / "recorded.json"
    path.write_text(json.dumps(told))
    return path


def _columns(path):
    """Of the flight before contact, name → (n,)."""
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    free = np.asarray(table["phase"]) < DOWN
    return {name: np.asarray(table[name])[free] for name in table.column_names}


def _state(rows, at):
    return {
        "time_s": float(rows["time_s"][at]),
        "position_m": [float(rows[f"true_position_{axis}_m"][at]) for axis in "xyz"],
        "velocity_m_s": [float(rows[f"true_velocity_{axis}_m_s"][at]) for axis in "xyz"],
        "attitude": attitude(rows, at).tolist(),
        **{name: float(rows[name][at]) for name in CORE_FIELDS},
    }


def attitude(rows, at):
    """Unit quaternions, inertial from body, at some rows, (..., 4)."""
    return np.stack([rows[f"true_attitude_{part}"][at] for part in "wxyz"], axis=-1)


def _blocks(plan, rows):
    """What is held through each block: turn rate, mean thrust, pull of the field's short waves."""
    coasting = long_strides(rows["time_s"], rows["thrust_n"])
    edges = block_edges(rows["time_s"], coasting, rows["throttle"] > 0.0)
    pulls = _short_waves(plan, rows, edges)
    return [
        _block(plan, rows, first, last) | {"coast": bool(coasting[last]), "pull_m_s2": pull}
        for (first, last), pull in zip(pairwise(edges), pulls, strict=True)
    ]


def long_strides(time_s, thrust_n):
    """Whether the tick that ends at each row is one of the coast's and begins with no thrust, (n,).

    A peer that integrates the engine's lag needs short steps until the thrust has died away.
    """
    spent = np.concatenate([[False], thrust_n[:-1] < SPENT_N])
    return spent & (np.diff(time_s, prepend=time_s[0]) > LONG_S)


def block_edges(time_s, coasting, burning):
    """Rows at which blocks end, the first of them 0: where the stride changes, where the engine
    is lit or cut, and at even times between. A row belongs to the tick that ends there."""
    changes = np.flatnonzero(np.diff(2 * coasting + burning))
    changes = changes[changes > 0]
    edges = []
    for first, last in zip([0, *changes], [*changes, len(time_s) - 1], strict=True):
        length_s = COAST_BLOCK_S if coasting[first + 1] else POWERED_BLOCK_S
        grid_s = np.arange(time_s[first], time_s[last] - 0.5 * length_s, length_s)
        edges += [first, *np.searchsorted(time_s, grid_s - 1e-6).tolist()]
    return np.unique([*edges, len(time_s) - 1]).tolist()


def _block(plan, rows, first, last):
    span_s = float(rows["time_s"][last] - rows["time_s"][first])
    turn = turn_rad(attitude(rows, first), attitude(rows, last))
    ticks = slice(first + 1, last + 1)
    return {
        "stop_s": float(rows["time_s"][last]),
        "attitude": attitude(rows, first).tolist(),
        "rate_rad_s": (turn / span_s).tolist(),
        "thrust_n": float(np.mean(ordered_n(plan.vehicle.engines, rows["throttle"][ticks]))),
        "along": _along(plan.vehicle.engines, rows, first, last, turn),
        "cold_gas_kg": float(rows["cold_gas_kg"][last]),
        **_sky(plan, float(rows["time_s"][first])),
    }


def ordered_n(engine, throttle):
    """Thrust ordered, nothing while the engine is off, (n,) throttles to N."""
    least_n, most_n = float(engine.min_thrust_n[0]), float(engine.max_thrust_n[0])
    return np.where(throttle > 0.0, np.clip(throttle * most_n, least_n, most_n), 0.0)


def leaning(engine, rows, at):
    """Direction of the engine's force at some rows, body axes, (..., 3)."""
    from perilune.truth.actuators.engines import thrust_direction

    gimbal_rad = np.radians(np.stack([rows[f"gimbal_{axis}_deg"][at] for axis in "xy"], axis=-1))
    from_mount = thrust_direction(gimbal_rad + engine.pointing_rad[0])
    return np.asarray(from_mount @ engine.body_from_mount[0].T)


def _along(engine, rows, first, last, turn):
    """Mean direction of the engine's force through a block, in axes that turn evenly, (3,).

    Those are the body's at the block's start and turn by `turn` (3,) until its end, as the peer's
    do. The mean is weighted by thrust, and shorter than one by as much as the direction wavers.
    """
    from perilune.mechanics.rotation import from_rotation_vector, multiply, rotate, rotate_back

    span = slice(first, last + 1)
    time_s, thrust_n = rows["time_s"][span], rows["thrust_n"][span]
    part = (time_s - time_s[0]) / (time_s[-1] - time_s[0])
    even = multiply(attitude(rows, first), from_rotation_vector(part[:, None] * turn, np), np)
    along = rotate_back(even, rotate(attitude(rows, span), leaning(engine, rows, span), np), np)
    weight = np.maximum(thrust_n, SPENT_N)
    whole = np.trapezoid(weight[:, None] * along, time_s, axis=0)
    return (whole / np.trapezoid(weight, time_s)).tolist()


def _short_waves(plan, rows, edges):
    """Gravity that our truth has above its field's degree, midway through each block, J2000."""
    import jax

    from perilune.mechanics.rotation import rotate, rotate_back
    from perilune.mechanics.track_gravity import track_gravity_m_s2
    from perilune.truth.environment.ephemeris import pa_from_inertial

    @jax.jit
    @jax.vmap
    def pull_m_s2(time_s, position_m):
        turn = pa_from_inertial(plan.world.sky, time_s)
        waves = track_gravity_m_s2(plan.world.track_gravity, rotate(turn, position_m))
        return rotate_back(turn, waves)

    time_s = rows["time_s"]
    middle_s = 0.5 * (time_s[edges[:-1]] + time_s[edges[1:]])
    places = [np.interp(middle_s, time_s, rows[f"true_position_{axis}_m"]) for axis in "xyz"]
    return np.asarray(pull_m_s2(middle_s, np.stack(places, axis=-1))).tolist()


def turn_rad(before, after):
    """Rotation vector in body axes from one unit quaternion to the next, (3,)."""
    from perilune.mechanics.rotation import conjugate, multiply, to_rotation_vector

    return to_rotation_vector(multiply(conjugate(before, np), after, np), np)


def _sky(plan, time_s):
    """The Moon's turn and its rate, Earth and Sun, at one time."""
    from perilune.mechanics.rotation import rotate
    from perilune.truth.environment.ephemeris import (
        earth_position_m,
        pa_from_inertial,
        spin_inertial_rad_s,
        sun_position_m,
    )

    sky = plan.world.sky
    turn = pa_from_inertial(sky, time_s)
    pa = np.stack([np.asarray(rotate(turn, axis)) for axis in np.eye(3)], axis=1)
    x, y, z = np.asarray(spin_inertial_rad_s(sky, time_s))
    spin = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return {
        "pa_from_inertial": pa.tolist(),
        "pa_from_inertial_rate": (-pa @ spin).tolist(),
        "earth_m": np.asarray(earth_position_m(sky, time_s)).tolist(),
        "sun_m": np.asarray(sun_position_m(sky, time_s)).tolist(),
    }


def _vehicle(plan):
    vehicle, sky = plan.vehicle, plan.world.sky
    return {
        "dry_kg": float(vehicle.mass.dry_kg),
        "dry_center_m": np.asarray(vehicle.mass.dry_center_body_m).tolist(),
        "dry_inertia_kg_m2": np.diag(vehicle.mass.dry_inertia_kg_m2).tolist(),
        "tank_radius_m": float(vehicle.mass.tank_radius_m[0]),
        "engine_impulse_s": float(vehicle.engines.specific_impulse_s[0]),
        "engine_lag_s": float(vehicle.engines.lag_s[0]),
        "pivot_height_m": float(vehicle.engines.position_body_m[0, 2]),
        "jet_thrust_n": float(vehicle.nozzles.thrust_n[0]),
        "jet_impulse_s": float(vehicle.nozzles.specific_impulse_s[0]),
        "jet_positions_m": np.asarray(vehicle.nozzles.position_body_m).tolist(),
        "jet_directions": np.asarray(vehicle.nozzles.direction_body).tolist(),
        "earth_gm_m3_s2": float(sky.earth_gm_m3_s2),
        "sun_gm_m3_s2": float(sky.sun_gm_m3_s2),
    }


def _sensors(plan):
    imu = plan.sensors["imu"].spec
    return {
        "gyro": {
            "walk": float(imu.angle_random_walk_rad_per_sqrt_s),
            "limit": float(imu.gyro_limit_rad_s),
            "quantum": float(imu.gyro_quantum_rad),
        },
        "accelerometer": {
            "walk": float(imu.velocity_random_walk_m_s_per_sqrt_s),
            "limit": float(imu.accelerometer_limit_m_s2),
            "quantum": float(imu.accelerometer_quantum_m_s),
        },
        "star_tracker_rad": float(plan.sensors["star_tracker"].spec.cross_axis_rad),
    }


def _gravity(plan, path):
    """Write the true field as Basilisk reads one: a header, then degree, order, cosine, sine."""
    field = plan.world.gravity
    cosine, sine = np.array(field.cosine), np.asarray(field.sine)
    cosine[0, 0] = 1.0  # the point mass, which ours adds apart
    top = len(cosine) - 1
    lines = [f"{float(field.radius_m)},{float(field.gm_m3_s2)},0,{top},{top},1,0,0"]
    lines += [
        f"{degree},{order},{float(cosine[degree, order])!r},{float(sine[degree, order])!r},0,0"
        for degree in range(top + 1)
        for order in range(degree + 1)
    ]
    path.write_text("\n".join(lines) + "\n")
    return {
        "file": path.name,
        "degree": top,
        "gm_m3_s2": float(field.gm_m3_s2),
        "radius_m": float(field.radius_m),
    }
