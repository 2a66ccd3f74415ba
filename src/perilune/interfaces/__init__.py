"""The only words spoken across the wall between what is true and what is believed."""

from perilune.interfaces.camera import CameraReading
from perilune.interfaces.commands import Command, quiet_command
from perilune.interfaces.contact_switches import ContactReading
from perilune.interfaces.imu import ImuReading
from perilune.interfaces.inbox import Arrivals, Inbox, Message
from perilune.interfaces.optical_velocity import OpticalVelocityReading
from perilune.interfaces.ranging import RangeReading
from perilune.interfaces.star_tracker import StarTrackerReading
from perilune.interfaces.telemetry import (
    BelievedState,
    NavigationTelemetry,
    Shortfall,
    Telemetry,
    UpdateResult,
)
from perilune.interfaces.velocimeter import VelocimeterReading

__all__ = [
    "Arrivals",
    "BelievedState",
    "CameraReading",
    "Command",
    "ContactReading",
    "ImuReading",
    "Inbox",
    "Message",
    "NavigationTelemetry",
    "OpticalVelocityReading",
    "RangeReading",
    "Shortfall",
    "StarTrackerReading",
    "Telemetry",
    "UpdateResult",
    "VelocimeterReading",
    "quiet_command",
]
