"""The only words spoken across the wall between what is true and what is believed."""

from perilune.interfaces.altimeter import AltimeterReading
from perilune.interfaces.camera import CameraReading
from perilune.interfaces.commands import Command, quiet_command
from perilune.interfaces.imu import ImuReading
from perilune.interfaces.measurements import ContactReading, CycleReadings
from perilune.interfaces.star_tracker import StarTrackerReading
from perilune.interfaces.velocimeter import VelocimeterReading

__all__ = [
    "AltimeterReading",
    "CameraReading",
    "Command",
    "ContactReading",
    "CycleReadings",
    "ImuReading",
    "StarTrackerReading",
    "VelocimeterReading",
    "quiet_command",
]
