"""What the flight software needs to share a torque out among nozzles that only push."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.optimize import nnls

from perilune.errors import InputError
from perilune.mechanics.array_types import AnyArray
from perilune.truth.actuators.nozzles import Nozzles

AXES = ("+x", "+y", "+z", "-x", "-y", "-z")
MADE_FACTOR, PULL_FACTOR = 1e-6, 1e-5


class NozzleTables(NamedTuple):
    """Of N nozzles about a centre of mass."""

    torque_n_m: Float[np.ndarray, "N 3"]  # of each at full thrust
    multiplier_per_torque: Float[np.ndarray, "3 3"]  # those of opposed pairs, 2 (B B')^-1
    per_axis: Float[np.ndarray, "6 N"]  # shares for 1 N m about +x, +y, +z, -x, -y, -z

    def authority_n_m(self) -> Float[np.ndarray, "3"]:
        """The torque that can be had both ways about each axis, (3,) N m."""
        most = 1.0 / np.max(self.per_axis, axis=-1)
        return np.minimum(most[:3], most[3:])


def nozzle_tables(nozzles: Nozzles, center_body_m: Float[AnyArray, "3"]) -> NozzleTables:
    """The shares are of least sum of squares. InputError where an axis cannot be turned about."""
    arms_m = np.asarray(nozzles.position_body_m) - np.asarray(center_body_m)
    torques_nm = np.cross(arms_m, np.asarray(nozzles.force_n))
    each = np.concatenate([np.eye(3), -np.eye(3)])
    shares = [
        _of_least_squares(torques_nm.T, unit, axis) for unit, axis in zip(each, AXES, strict=True)
    ]
    multipliers = 2.0 * np.linalg.inv(torques_nm.T @ torques_nm)
    return NozzleTables(torques_nm, multipliers, np.stack(shares))


def _of_least_squares(
    torques_nm: Float[np.ndarray, "3 N"], wanted_nm: Float[np.ndarray, "3"], axis: str
) -> Float[np.ndarray, " N"]:
    """The least u >= 0 with B u = w.

    Non-negative least squares of B u = w with a slight pull to zero says which nozzles fire; of
    those the least shares that make it exactly are linear (Lawson and Hanson 1974, ch. 23).
    """
    plain, misfit = nnls(torques_nm, wanted_nm)
    if misfit > MADE_FACTOR:
        raise InputError(
            f"lander: thrusters: `nozzles` must turn the lander both ways about each axis, but "
            f"cannot about {axis} alone; add a nozzle or turn one round."
        )
    pull = PULL_FACTOR * np.linalg.norm(torques_nm)
    system = np.vstack([torques_nm, pull * np.eye(torques_nm.shape[1])])
    pulled, _ = nnls(system, np.concatenate([wanted_nm, np.zeros(torques_nm.shape[1])]))
    fires = pulled > 0.0
    shares = np.zeros_like(pulled)
    shares[fires] = np.linalg.pinv(torques_nm[:, fires]) @ wanted_nm
    exact = np.linalg.norm(torques_nm @ shares - wanted_nm) < MADE_FACTOR
    return np.maximum(shares, 0.0) if exact and np.min(shares) > -MADE_FACTOR else plain
