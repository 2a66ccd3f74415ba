"""The kinds of sensors a lander may have, in the order in which the flight software uses them.

Adding a kind is a row here and three files of its name: `interfaces/`, `truth/sensors/` and
`onboard/navigation/`.
"""

from perilune.interfaces.altimeter import ALTIMETER
from perilune.interfaces.camera import CAMERA
from perilune.interfaces.imu import IMU
from perilune.interfaces.optical_velocity import OPTICAL_VELOCITY
from perilune.interfaces.propellant_gauge import PROPELLANT_GAUGE
from perilune.interfaces.radar_altimeter import RADAR_ALTIMETER
from perilune.interfaces.sensor import Sensor
from perilune.interfaces.star_tracker import STAR_TRACKER
from perilune.interfaces.units import kind_of
from perilune.interfaces.velocimeter import VELOCIMETER

SENSORS = (
    IMU,
    ALTIMETER,
    RADAR_ALTIMETER,
    VELOCIMETER,
    OPTICAL_VELOCITY,
    CAMERA,
    STAR_TRACKER,
    PROPELLANT_GAUGE,
)
KINDS: dict[str, Sensor] = {sensor.kind: sensor for sensor in SENSORS}


def sensor_of(label: str) -> Sensor:
    """The declaration behind a unit's label."""
    return KINDS[kind_of(label)]
