"""Which axes the engines turn while they burn, and about which they do so by their throttles."""

import numpy as np
from jaxtyping import Float
from scipy.optimize import linprog

from perilune.mechanics.array_types import AnyArray
from perilune.truth.actuators.engines import Engines, least_thrust_n

HALF = 0.5
WAYS = (1.0, -1.0)
ASIDE_FACTOR = 0.1
"""Of a torque about one axis, what may come with it about the two others."""


def engine_axes(
    engines: Engines,
    center_body_m: Float[AnyArray, "3"],
    nozzle_torque_n_m: Float[np.ndarray, "3"],
) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"]]:
    """1 or 0 for each axis, twice: the engines turn about it; they do so by their throttles.

    The engines turn about an axis where at half of full thrust they can do so harder, the weaker
    way round, than the nozzles with their `nozzle_torque_n_m` (3,); by their throttles where their
    gimbals alone make less than half of that.
    """
    swung = engine_authority_n_m(engines, center_body_m, False)
    both = engine_authority_n_m(engines, center_body_m, True)
    turned = both > nozzle_torque_n_m
    return turned.astype(float), (turned & (swung < HALF * both)).astype(float)


def engine_authority_n_m(
    engines: Engines,
    center_body_m: Float[AnyArray, "3"],
    throttled: bool,
    throttle: float = HALF,
) -> Float[np.ndarray, "3"]:
    """The largest torque about each axis that can be had both ways, N m; zero where none can.

    A linear programme in each engine's thrust and its two side forces, of engines that together
    push as at this throttle.
    """
    throttled = throttled and len(engines.max_thrust_n) > 1
    about = engines, center_body_m, throttled, throttle
    return np.array([min(_largest_n_m(*about, axis, way) for way in WAYS) for axis in range(3)])


def _largest_n_m(
    engines: Engines,
    center_body_m: Float[AnyArray, "3"],
    throttled: bool,
    throttle: float,
    axis: int,
    way: float,
) -> float:
    full_n, least_n = np.asarray(engines.max_thrust_n), np.asarray(least_thrust_n(engines))
    half_n = np.clip(throttle * full_n, least_n, full_n)
    slow = 0.0 if engines.gimbal_rate_rad_s is not None else 1.0  # such a gimbal turns nothing
    side_n = slow * half_n * np.sin(np.asarray(engines.gimbal_limit_rad))
    mounts = np.asarray(engines.body_from_mount)
    arms_m = np.asarray(engines.position_body_m) - np.asarray(center_body_m)
    pushes = np.concatenate([mounts[..., 2], mounts[..., 0], mounts[..., 1]])
    torques_m = np.cross(np.concatenate([arms_m] * 3), pushes)
    bounds = list(zip(least_n, full_n, strict=True)) if throttled else [(n, n) for n in half_n]
    bounds += [(-n, n) for n in side_n] * 2 + [(0.0, None)]
    others = [each for each in range(3) if each != axis]
    aside = [[*(sign * torques_m[:, each]), -ASIDE_FACTOR] for each in others for sign in (1, -1)]
    lift = [*mounts[:, 2, 2], *np.zeros(2 * len(full_n)), 0.0]
    found = linprog(
        [*np.zeros(3 * len(full_n)), -1.0],
        A_ub=aside,
        b_ub=np.zeros(len(aside)),
        A_eq=[[*(way * torques_m[:, axis]), -1.0], lift],
        b_eq=[0.0, half_n @ mounts[:, 2, 2]],
        bounds=bounds,
    )
    return float(found.x[-1]) if found.status == 0 else 0.0
