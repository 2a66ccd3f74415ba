"""The ellipse about the Moon's centre, by its lowest and highest radius (Kepler; vis-viva)."""

import math


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
