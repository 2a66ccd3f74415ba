"""What the flight software needs to share a torque out among nozzles that only push."""

import numpy as np
from scipy.optimize import nnls

from perilune.errors import InputError

AXES = ("+x", "+y", "+z", "-x", "-y", "-z")
MADE_FACTOR = 1e-6


def nozzle_tables(thrusters, center_body_m):
    """Torques (16, 3) N m at full thrust, multipliers (3, 3) per torque, shares (6, 16) per axis.

    The multipliers are those of opposed pairs, 2 (B B')^-1; the shares are what makes 1 N m about
    +x, +y, +z, -x, -y, -z, each of least sum of squares. InputError where an axis cannot be turned
    about.
    """
    arms_m = np.asarray(thrusters.position_body_m) - np.asarray(center_body_m)
    torques_nm = float(thrusters.thrust_n) * np.cross(arms_m, np.asarray(thrusters.direction_body))
    each = np.concatenate([np.eye(3), -np.eye(3)])
    shares = [
        _of_least_squares(torques_nm.T, unit, axis) for unit, axis in zip(each, AXES, strict=True)
    ]
    return torques_nm, 2.0 * np.linalg.inv(torques_nm.T @ torques_nm), np.stack(shares)


def _of_least_squares(torques_nm, wanted_nm, axis):
    """The least u >= 0 with B u = w: least distance programming, Lawson and Hanson 1974, ch. 23."""
    count = torques_nm.shape[1]
    bounds = np.concatenate([np.zeros(count), wanted_nm, -wanted_nm])
    rows = np.vstack([np.eye(count), torques_nm, -torques_nm])
    system = np.vstack([rows.T, bounds])
    target = np.eye(count + 1)[-1]
    dual, misfit = nnls(system, target)
    if misfit < MADE_FACTOR:
        raise InputError(
            f"lander: thrusters: `nozzles` must turn the lander both ways about each axis, but "
            f"cannot about {axis} alone; add a nozzle or turn one round."
        )
    residual = system @ dual - target
    return np.maximum(-residual[:-1] / residual[-1], 0.0)
