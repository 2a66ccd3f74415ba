"""What arrives at the flight software beside the readings of sensors."""

import equinox as eqx
import jax

from perilune.interfaces.altimeter import AltimeterReading
from perilune.interfaces.camera import CameraReading
from perilune.interfaces.velocimeter import VelocimeterReading


class ContactReading(eqx.Module):
    """The switches in the footpads."""

    closed: jax.Array  # (6,) bool


class CycleReadings(eqx.Module):
    """What arrives once a measurement cycle, beside the IMU's reading of every tick."""

    altimeter: AltimeterReading
    velocimeter: VelocimeterReading
    camera: CameraReading
