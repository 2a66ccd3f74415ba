"""The propellant gauge: what is left in all tanks, while thrust settles the liquid."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.propellant_gauge import (
    PropellantGaugeErrors,
    PropellantGaugeReading,
    PropellantGaugeSpec,
)
from perilune.interfaces.sensor import Draw
from perilune.truth.sensors.scene import Scene, is_due

LEAST_TIME_S = 1e-6


class Last(eqx.Module):
    """What was in the tanks when it was last looked at."""

    _: KW_ONLY
    propellant_kg: Float[Array, ""]
    time_s: Float[Array, ""]


def init(_: PropellantGaugeSpec) -> Last:
    """Nothing was looked at yet."""
    return Last(propellant_kg=jnp.array(0.0), time_s=jnp.array(-jnp.inf))


def measure(
    spec: PropellantGaugeSpec,
    errors: PropellantGaugeErrors,
    state: Last,
    scene: Scene,
    draw: Draw,
) -> tuple[PropellantGaugeReading, Last]:
    """What was left at the instant of the reading, once a period.

    `scene` is of that instant but for the tanks, which are of a `latency` later: they go back by
    what has flowed out since they were last looked at.
    """
    now_s, left_kg = scene.time_s + spec.latency_s, scene.state.propellant_kg
    flow_kg_s = (state.propellant_kg - left_kg) / jnp.maximum(now_s - state.time_s, LEAST_TIME_S)
    then_kg = left_kg + flow_kg_s * spec.latency_s
    read_kg = then_kg * (1.0 + errors.scale_fraction) + errors.bias_kg
    read_kg = jnp.maximum(read_kg + spec.noise_kg * draw.normals, 0.0)
    push_m_s2 = scene.state.sensed_velocity_body_m_s[2] / scene.tick_s
    settled = push_m_s2 > spec.settled_m_s2
    kept = draw.uniforms >= spec.dropout_fraction
    valid = is_due(spec.period_s, scene) & settled & kept
    return PropellantGaugeReading(read_kg, valid), Last(propellant_kg=left_kg, time_s=now_s)


def sigma(
    spec: PropellantGaugeSpec, reading: PropellantGaugeReading, period_s: Float[Array, ""]
) -> Float[Array, "1"]:
    """One sigma of the noise."""
    del reading, period_s
    return jnp.asarray(spec.noise_kg)[None]


def shift(
    reading: PropellantGaugeReading, error: Float[Array, "1"], scene: Scene
) -> PropellantGaugeReading:
    """More or less left; never less than nothing."""
    del scene
    left_kg = jnp.maximum(reading.propellant_kg + error[0], 0.0)
    return PropellantGaugeReading(left_kg, reading.valid)


def scale(reading: PropellantGaugeReading, factor: Float[Array, "1"]) -> PropellantGaugeReading:
    """What is read, with its noise, multiplied."""
    return PropellantGaugeReading(reading.propellant_kg * factor[0], reading.valid)
