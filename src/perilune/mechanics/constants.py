"""Two figures that every room shares: the sphere heights are above, and standard gravity."""

MOON_RADIUS_M = 1_737_400.0
"""The sphere of lunar maps and altitudes (IAU mean radius)."""
STANDARD_GRAVITY_M_S2 = 9.80665
"""What a specific impulse in seconds is multiplied by (CGPM 1901)."""
