"""Made-up ground and how a map of it is written with a PDS label."""

import numpy as np
import pytest

from perilune.data.maps.map_files import open_source
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M as RADIUS_M

STEP_M = np.radians(0.1) * RADIUS_M


PLACES = np.radians([[3.3, -4.2], [25.7, 33.3]])


GAP = slice(60, 75), slice(165, 176)  # holds 3.3 N 37 E


IN_GAP = np.radians([[3.3], [37.0]])


def ground_m(latitude_rad, longitude_rad):
    """Smooth ground of a kilometre, the same at every turn of longitude."""
    return 1_000.0 + 800.0 * np.sin(3.0 * latitude_rad) * np.cos(2.0 * longitude_rad)


def square_m():
    latitude_rad = np.radians(9.95 - 0.1 * np.arange(200))
    longitude_rad = np.radians(20.05 + 0.1 * np.arange(200))
    return ground_m(latitude_rad[:, None], longitude_rad[None, :])


def assert_ground(path, atol=0.02):
    np.testing.assert_allclose(open_source(path).sample(*PLACES), ground_m(*PLACES), atol=atol)


def refusal(path):
    with pytest.raises(InputError) as caught:
        open_source(path).sample(*PLACES)
    return str(caught.value)
