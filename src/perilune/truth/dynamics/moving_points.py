"""Points of the body that may touch the ground, at one instant."""

from dataclasses import KW_ONLY
from typing import Any

import equinox as eqx
import jax
from jaxtyping import Array, Float

from perilune.mechanics.rotation import cross
from perilune.truth.dynamics.stop_faces import Facing


class Swing(eqx.Module):
    """How the body moves that points are fixed to; inertial axes."""

    speed_m_s: Float[Array, "3"]  # of its centre of mass, over the ground
    spin_rad_s: Float[Array, "3"]


class Points(eqx.Module):
    """Contact points at one instant, P of them: what the ground's force on each follows from."""

    _: KW_ONLY
    stiffness_n_per_m: Float[Array, " P"]
    damping_n_s_per_m: Float[Array, " P"]
    friction_factor: Float[Array, " P"]
    depth_m: Float[Array, " P"]  # under the ground as it lay
    normal: Float[Array, "P 3"]  # of the ground
    arm_m: Float[Array, "P 3"]  # from the centre of mass, inertial
    swing: Swing
    bristle_inertial_m: Float[Array, "P 3"]
    peak_force_n: Float[Array, " P"]
    facing: Facing | None = None  # None: there are no stops

    @property
    def speed_m_s(self) -> Float[Array, "P 3"]:
        """Over the ground, were struts and soil rigid."""
        return self.swing.speed_m_s + cross(self.swing.spin_rad_s[None], self.arm_m)

    def part(self, which: slice) -> "Points":
        """Some of the points."""

        def taken(each: Any) -> Any:
            return each if isinstance(each, Swing) else each[which]

        some: Points = jax.tree.map(taken, self, is_leaf=lambda each: isinstance(each, Swing))
        return some
