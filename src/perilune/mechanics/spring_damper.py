"""What a spring and damper give back of an impact, and how stiff and damped a step can hold.

A body of mass m meets the ground on a spring k and damper c that push and never pull. With the
damping ratio z = c / (2 sqrt(k m)) it leaves at e times the speed it came with, where without
weight e = exp(-2 z acos(z) / sqrt(1 - z^2)) and, above one, acosh and z^2 - 1 (Schwager and
Poeschel, Granular Matter 9, 2007, p. 465, whose contact also ends where the force does).
"""

import math
from collections.abc import Sequence

import numpy as np

CONTACT_STEP_S = 1e-3
"""The step of contact with the ground."""
LEAST_RESTITUTION = 1e-6
"""The least that is inverted: less is no rebound at all."""


def restitution(damping_factor: float) -> float:
    """The share of its speed that a body leaves with, by the damping ratio: 1 at none."""
    if damping_factor == 1.0:
        return math.exp(-2.0)
    root = math.sqrt(abs(1.0 - damping_factor**2))
    angle = math.acos(damping_factor) if damping_factor < 1.0 else math.acosh(damping_factor)
    return math.exp(-2.0 * damping_factor * angle / root)


def damping_factor(restitution_factor: float) -> float:
    """The damping ratio that gives back this share of the speed, by bisection."""
    if not LEAST_RESTITUTION <= restitution_factor <= 1.0:
        raise ValueError(f"A restitution lies in [1e-6, 1], but is {restitution_factor}.")
    low, high = 0.0, 1e3
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if restitution(middle) > restitution_factor else (low, middle)
    return 0.5 * (low + high)


def damping_n_s_per_m(restitution_factor: float, stiffness_n_per_m: float, mass_kg: float) -> float:
    """The damper beside this spring under this mass that gives back this share of the speed."""
    return 2.0 * damping_factor(restitution_factor) * math.sqrt(stiffness_n_per_m * mass_kg)


def largest_stiffness_n_per_m(step_s: float, mass_kg: float) -> float:
    """The stiffest spring that a step may have, m / h^2: two pi steps to an undamped period.

    Leapfrog itself diverges from 4 m / h^2 on.
    """
    return mass_kg / step_s**2


def largest_damping_n_s_per_m(
    step_s: float, mass_kg: float, stiffness_n_per_m: float = 0.0
) -> float:
    """The largest damper beside a spring that an explicit step holds stable.

    Kick and drift with the damper at the speed before the step have the characteristic polynomial
    q^2 - (2 - a - b) q + 1 - a, a = h c / m, b = h^2 k / m. Its roots lie within the unit circle
    while 2 a + b < 4 (Jury). Below zero, the spring alone is too stiff.
    """
    return 2.0 * mass_kg / step_s - 0.5 * step_s * stiffness_n_per_m


def mass_on_each_kg(
    arms_m: Sequence[Sequence[float]], mass_kg: float, inertia_kg_m2: Sequence[float]
) -> float:
    """The least mass that moves with one of several alike contact points, all in the ground.

    `arms_m` (n, 3) are from the centre of mass, `inertia_kg_m2` (3,) about its axes. It is one over
    the largest eigenvalue of M^-1 sum(J' J), J from the body's six speeds to a point's three: what
    the bounds above need. Motion straight down alone would have the mass over their number.
    """
    total = np.zeros((6, 6))
    for x, y, z in np.asarray(arms_m, dtype=float):
        turning = np.array([[0.0, z, -y], [-z, 0.0, x], [y, -x, 0.0]])
        jacobian = np.hstack([np.eye(3), turning])
        total += jacobian.T @ jacobian
    root = 1.0 / np.sqrt(np.concatenate([np.full(3, mass_kg), np.asarray(inertia_kg_m2)]))
    return float(1.0 / np.linalg.eigvalsh(root[:, None] * total * root).max())
