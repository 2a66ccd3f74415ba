import pyproj
import pyshtools
import pytest
from scipy import constants as codata

from perilune.mechanics import constants


def test_the_moon_s_radius_is_that_of_the_iau_s_lunar_coordinate_system():
    moon = pyproj.CRS("IAU_2015:30100").ellipsoid
    assert constants.MOON_RADIUS_M == moon.semi_major_metre == moon.semi_minor_metre


def test_gm_of_moon_earth_and_sun_are_those_of_other_ephemerides_and_fields():
    theirs = pyshtools.constants
    assert pytest.approx(theirs.Moon.gm.value, rel=3e-8) == constants.MOON_GM_M3_S2
    assert pytest.approx(theirs.Earth.wgs84.gm.value, rel=3e-8) == constants.EARTH_GM_M3_S2
    assert pytest.approx(1.32712440041e20, rel=1e-9) == constants.SUN_GM_M3_S2  # JPL DE430


def test_standard_gravity_is_codata_s():
    assert codata.g == constants.STANDARD_GRAVITY_M_S2
