"""The ellipse about the Moon's centre, by its lowest and highest radius (Kepler; vis-viva)."""

import math

import numpy as np
from jaxtyping import Float


def half_revolution_s(gm_m3_s2: float, perilune_m: float, apolune_m: float) -> float:
    """Half its period; radii in m."""
    return math.pi * math.sqrt((0.5 * (perilune_m + apolune_m)) ** 3 / gm_m3_s2)


def perilune_speed_m_s(gm_m3_s2: float, perilune_m: float, apolune_m: float) -> float:
    """Speed at its lower end; radii in m."""
    return math.sqrt(2.0 * gm_m3_s2 * (1.0 / perilune_m - 1.0 / (perilune_m + apolune_m)))


def apolune_speed_m_s(gm_m3_s2: float, perilune_m: float, apolune_m: float) -> float:
    """Speed at its upper end, by that of the circle there; radii in m."""
    slower = math.sqrt(2.0 * perilune_m / (perilune_m + apolune_m))
    return slower * math.sqrt(gm_m3_s2 / apolune_m)


def speed_m_s(gm_m3_s2: float, radius_m: float, perilune_m: float, apolune_m: float) -> float:
    """Speed at a radius between its ends; radii in m."""
    return math.sqrt(gm_m3_s2 * (2.0 / radius_m - 1.0 / (0.5 * (perilune_m + apolune_m))))


def radii_of_state_m(
    gm_m3_s2: float, position_m: Float[np.ndarray, "3"], velocity_m_s: Float[np.ndarray, "3"]
) -> tuple[float, float]:
    """Lowest and highest radius of the ellipse of a state vector; the second infinite if open."""
    radius_m = float(np.linalg.norm(position_m))
    energy = 0.5 * float(velocity_m_s @ velocity_m_s) - gm_m3_s2 / radius_m
    spin = float(np.linalg.norm(np.cross(position_m, velocity_m_s)))
    parameter_m = spin**2 / gm_m3_s2
    eccentricity = math.sqrt(max(1.0 + 2.0 * energy * parameter_m / gm_m3_s2, 0.0))
    highest_m = parameter_m / (1.0 - eccentricity) if energy < 0.0 else math.inf
    return parameter_m / (1.0 + eccentricity), highest_m
