"""The believed mass, corrected by gauges of the propellant.

Between readings the mass falls by the rocket equation with the velocity that the inertial units
feel, m' = m exp(-dv / v_e), and so it is off by what it was off by at the start and by what the
exhaust speed v_e is off by. A Kalman filter of its own estimates both, with bias and scale of each
gauge: the errors, true minus believed, are those of the mass, kg; of v_e, as a share; then the
biases of all gauges, kg; then their scales. No motion depends on them, so that the filter of the
motion is left alone. A reading past its gate is refused, however long it insists: only the gauge
itself says what is in the tanks, and one that is stuck insists as one that is right.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.inbox import Message
from perilune.interfaces.telemetry import UpdateResult
from perilune.onboard.navigation.ground import units
from perilune.onboard.navigation.propellant_gauge import Belief
from perilune.onboard.navigation.update import nothing_used
from perilune.onboard.upload import Upload

KIND = "propellant_gauge"
MASS, EXHAUST, FIRST = 0, 1, 2
"""Places among the errors: of the mass, of the exhaust speed, of the first gauge's bias."""
LEAST_TIME_S = 1e-6


class MassKnowledge(eqx.Module):
    """What is known of the mass beside it, at the last frame; U gauges."""

    _: KW_ONLY
    covariance: Float[Array, "errors errors"]  # as the module lays it out, SI
    exhaust_factor: Float[Array, ""]  # of the exhaust speed over that uploaded
    bias_kg: Float[Array, " U"]
    scale_fraction: Float[Array, " U"]
    mass_kg: Float[Array, ""]  # believed then
    time_s: Float[Array, ""]


class Weighed(NamedTuple):
    """The mass after the readings of a frame, what is known of it, and what was made of them."""

    mass_kg: Float[Array, ""]
    known: MassKnowledge | None
    results: dict[str, UpdateResult]


class Reading(NamedTuple):
    """One gauge's reading, against what is believed."""

    place: int  # of the gauge among the others
    read_kg: Float[Array, ""]
    left_kg: Float[Array, ""]  # believed, at its time tag
    valid: Bool[Array, ""]


def first_knowledge(upload: Upload) -> MassKnowledge | None:
    """As the upload has it; None where no gauge is fitted."""
    labels, belief = units(upload, KIND), upload.mass
    if not labels or belief is None:
        return None
    gauges = [upload.sensors[label] for label in labels]
    sigmas = [belief.start_mass_kg, belief.exhaust_fraction]
    sigmas += [each.bias_kg for each in gauges] + [each.scale_fraction for each in gauges]
    none = jnp.zeros(len(labels))
    return MassKnowledge(
        covariance=jnp.diag(jnp.stack(sigmas) ** 2),
        exhaust_factor=jnp.array(1.0),
        bias_kg=none,
        scale_fraction=none,
        mass_kg=upload.vehicle.start_mass_kg,
        time_s=jnp.array(0.0),
    )


def no_weighing(upload: Upload) -> dict[str, UpdateResult]:
    """As many results as there are gauges, none of them of a reading."""
    return {label: nothing_used(1) for label in units(upload, KIND)}


def weigh(
    upload: Upload,
    known: MassKnowledge | None,
    mass_kg: Float[Array, ""],
    messages: Mapping[str, Message],
    time_s: Float[Array, ""],
) -> Weighed:
    """The readings at the end of a frame, gauge after gauge; as it was where there is none."""
    if known is None:
        return Weighed(mass_kg, None, {})
    flow_kg_s = (known.mass_kg - mass_kg) / jnp.maximum(time_s - known.time_s, LEAST_TIME_S)
    known = dataclasses.replace(grown(known, mass_kg), time_s=time_s)
    results = {}
    for place, label in enumerate(units(upload, KIND)):
        sent = messages[label]
        then_kg = known.mass_kg + flow_kg_s * (time_s - sent.time_s)
        reading = Reading(
            place,
            sent.reading.propellant_kg,
            then_kg - upload.vehicle.empty_mass_kg,
            sent.reading.valid,
        )
        known, results[label] = corrected(
            known, upload.sensors[label], reading, upload.filter.gate_factor
        )
    return Weighed(known.mass_kg, known, results)


def grown(known: MassKnowledge, mass_kg: Float[Array, ""]) -> MassKnowledge:
    """What is known once the mass has fallen to this: dm' = (m'/m) dm + m' ln(m/m') dv_e/v_e."""
    kept = mass_kg / known.mass_kg
    per_share_kg = -mass_kg * jnp.log(kept)
    rows = known.covariance
    rows = rows.at[MASS].set(kept * rows[MASS] + per_share_kg * rows[EXHAUST])
    rows = rows.at[:, MASS].set(kept * rows[:, MASS] + per_share_kg * rows[:, EXHAUST])
    return dataclasses.replace(known, covariance=rows, mass_kg=mass_kg)


def corrected(
    known: MassKnowledge, belief: Belief, reading: Reading, gate_factor: Float[Array, ""]
) -> tuple[MassKnowledge, UpdateResult]:
    """What is known with one reading more: p (1 + scale) + bias of a gauge, and its noise."""
    bias, count = FIRST + reading.place, len(known.bias_kg)
    gain_factor = 1.0 + known.scale_fraction[reading.place]
    expected_kg = reading.left_kg * gain_factor + known.bias_kg[reading.place]
    innovation_kg = reading.read_kg - expected_kg
    slope = jnp.zeros(len(known.covariance)).at[MASS].set(gain_factor)
    slope = slope.at[bias].set(1.0).at[bias + count].set(reading.left_kg)
    spread = jnp.sum(known.covariance * slope, axis=-1)
    variance = jnp.sum(slope * spread) + belief.noise_kg**2
    limit_kg = gate_factor * jnp.sqrt(variance)
    used = reading.valid & (jnp.abs(innovation_kg) < limit_kg)
    gain = jnp.where(used, spread / variance, 0.0)
    error = gain * innovation_kg
    after = dataclasses.replace(
        known,
        covariance=known.covariance - gain[:, None] * spread[None, :],
        exhaust_factor=known.exhaust_factor * (1.0 + error[EXHAUST]),
        bias_kg=known.bias_kg + error[FIRST : FIRST + count],
        scale_fraction=known.scale_fraction + error[FIRST + count :],
        mass_kg=known.mass_kg + error[MASS],
    )
    left_over_kg = innovation_kg * (1.0 - jnp.sum(slope * gain))
    heard = jnp.where(reading.valid, jnp.stack([innovation_kg, limit_kg, left_over_kg]), 0.0)
    return after, UpdateResult(heard[0:1], heard[1:2], used[None], heard[2:3])
