"""What the sensors say: one class per instrument, validity part of every reading."""

import equinox as eqx
import jax


class ImuReading(eqx.Module):
    """Increments since the last tick, in body axes, as a strapdown unit gives them."""

    velocity_increment_body_m_s: jax.Array  # (3,) specific force integrated
    rotation_increment_body_rad: jax.Array  # (3,)


class StarTrackerReading(eqx.Module):
    """The attitude a star tracker solves for."""

    inertial_from_body: jax.Array  # (4,) unit quaternion, scalar first
    valid: jax.Array


class AltimeterReading(eqx.Module):
    """The slant range along the beam in use: 0 canted, 1 axial."""

    range_m: jax.Array
    beam: jax.Array
    valid: jax.Array


class VelocimeterReading(eqx.Module):
    """Speeds along three beams, positive where the ground comes closer."""

    closing_speed_m_s: jax.Array  # (3,)
    valid: jax.Array  # (3,)


class CameraReading(eqx.Module):
    """A position matched to the map: horizontal only, its radius carries nothing."""

    position_fixed_m: jax.Array  # (3,) MOON_ME
    valid: jax.Array


class ContactReading(eqx.Module):
    """The switches in the footpads."""

    closed: jax.Array  # (L,) bool, a leg each


class CycleReadings(eqx.Module):
    """What arrives once a measurement cycle, beside the IMU's reading of every tick."""

    altimeter: AltimeterReading
    velocimeter: VelocimeterReading
    camera: CameraReading
