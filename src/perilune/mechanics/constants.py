"""Figures of nature that every room shares, each once and with its source."""

MOON_RADIUS_M = 1_737_400.0
"""The sphere of lunar maps and altitudes: mean radius, IAU (Archinal et al. 2018, table 5)."""
GRAVITY_RADIUS_M = 1_738_000.0
"""The reference sphere of lunar gravity fields: scales their terms (GRGM1200L)."""
MOON_TURN_RAD_S = 2.66169949e-6
"""Of the Moon about its axis, 13.17635815 deg a day (Archinal et al. 2018, table 2)."""
MOON_GM_M3_S2 = 4_902.800118e9
"""Where no field is at hand; DE440, BODY301_GM (Park et al. 2021, AJ 161, 105, table 2)."""
EARTH_GM_M3_S2 = 398_600.435507e9
"""DE440, BODY399_GM (Park et al. 2021, table 2)."""
SUN_GM_M3_S2 = 132_712_440_041.279419e9
"""DE440, BODY10_GM (Park et al. 2021, table 2)."""
STANDARD_GRAVITY_M_S2 = 9.80665
"""Turns a specific impulse in seconds into an exhaust speed (CGPM 1901)."""
SUN_RADIUS_M = 695_700_000.0
"""Of the Sun's disc: nominal, IAU 2015 resolution B3."""
EARTH_RADIUS_M = 6_371_008.4
"""Mean radius (Archinal et al. 2018, table 4)."""
