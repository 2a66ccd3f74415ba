"""The only words spoken across the wall between what is true and what is believed."""

from perilune.interfaces.commands import Command, quiet_command
from perilune.interfaces.measurements import (
    AltimeterReading,
    CameraReading,
    ContactReading,
    CycleReadings,
    ImuReading,
    StarTrackerReading,
    VelocimeterReading,
)

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
