"""The only words spoken across the wall between what is true and what is believed."""

from perilune.interfaces.commands import Command, quiet_command
from perilune.interfaces.inbox import Arrivals, Inbox
from perilune.interfaces.measurements import (
    AltimeterReading,
    CameraReading,
    ContactReading,
    CycleReadings,
    ImuReading,
    StarTrackerReading,
    VelocimeterReading,
)
from perilune.interfaces.telemetry import (
    BelievedState,
    NavigationTelemetry,
    Shortfall,
    Telemetry,
    UpdateResult,
)

__all__ = [
    "AltimeterReading",
    "Arrivals",
    "BelievedState",
    "CameraReading",
    "Command",
    "ContactReading",
    "CycleReadings",
    "ImuReading",
    "Inbox",
    "NavigationTelemetry",
    "Shortfall",
    "StarTrackerReading",
    "Telemetry",
    "UpdateResult",
    "VelocimeterReading",
    "quiet_command",
]
