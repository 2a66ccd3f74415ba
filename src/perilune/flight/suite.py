"""Truth to readings: each sensor asked at its rate, then what faults do to what it sends.

Which sensors there are, `interfaces/sensor_kinds.py` and the lander say; a kind's model is the
module of its name in `truth/sensors/`.
"""

import dataclasses
import importlib
from collections.abc import Collection, Iterator, Mapping
from types import ModuleType
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int, Key, UInt32

from perilune.design.flight_plan import Fitted, FlightPlan
from perilune.flight import command_draws
from perilune.flight.command_draws import COMMAND
from perilune.flight.draw import chance_of, noise_of
from perilune.flight.part_states import SWITCHES
from perilune.interfaces import Command, Message
from perilune.interfaces.clock import CYCLE_TICKS, FRAME_CYCLES
from perilune.interfaces.inbox import valid_if
from perilune.interfaces.sensor import Draw, Rate, Sensor
from perilune.interfaces.sensor_kinds import SENSORS
from perilune.interfaces.signal_fault import parts_of
from perilune.interfaces.units import kind_of
from perilune.mechanics.randomness import frame_bits
from perilune.truth.faults import faults as on_signals
from perilune.truth.faults.command import obey
from perilune.truth.faults.fault_kinds import (
    FaultState,
    Now,
    Signal,
    needs_chance,
    needs_noise,
    whole,
)
from perilune.truth.sensors.scene import Scene, Tick

READINGS = {
    Rate.TICK: (FRAME_CYCLES, CYCLE_TICKS),
    Rate.CYCLE: (FRAME_CYCLES,),
    Rate.FRAME: (),
}
"""How often each rate reads in a frame: leading axes of its draws."""


class SensorState(eqx.Module):
    """What one unit keeps from reading to reading: its own, and its faults'."""

    own: Any
    faults: FaultState


class SignalDraw(eqx.Module):
    """The random numbers of one signal: the unit's own, and those of its faults."""

    own: Draw
    normals: Float[Array, "*units n"] | None
    chance: Float[Array, "*rows 2"] | None


def truth_model(sensor: Sensor) -> ModuleType:
    """What is true of a kind: `truth/sensors/<kind>.py`."""
    return importlib.import_module(f"perilune.truth.sensors.{sensor.kind}")


def units(plan: FlightPlan, rate: Rate) -> Iterator[tuple[str, Sensor]]:
    """The labels of the units that read at a rate, kind after kind."""
    for sensor in SENSORS:
        if sensor.rate is rate:
            for label in sorted(plan.sensors):
                if kind_of(label) == sensor.kind:
                    yield label, sensor


def frame_draws(
    plan: FlightPlan, key: Key[Array, ""], clock: Int[Array, ""]
) -> dict[Rate, dict[str, SignalDraw]]:
    """All random numbers of one frame: by rate, then by label of the signal."""
    of_command = command_draws.wanted(plan, READINGS[Rate.TICK])
    normals, chances = dict(of_command.normals), dict(of_command.uniforms)
    for rate, label, sensor in _sensors(plan):
        lead, faults = READINGS[rate], plan.faults.get(label, ())
        normals[label] = lead + sensor.normals
        if sensor.uniforms is not None:
            chances[f"{label}_chance"] = lead + sensor.uniforms
        if needs_noise(faults):
            normals[_stream(label, sensor)] = (*lead, sensor.error_size)
        if needs_chance(faults):
            chances[f"{label}_fault_chance"] = (*lead, 2)
    drawn = _drawn(plan, frame_bits(key, clock, normals | chances), normals)
    found: dict[Rate, dict[str, SignalDraw]] = {rate: {} for rate in Rate}
    for rate, label, sensor in _sensors(plan):
        found[rate][label] = SignalDraw(
            Draw(drawn.get(label), drawn.get(f"{label}_chance")),
            drawn.get(_stream(label, sensor)),
            drawn.get(f"{label}_fault_chance"),
        )
    return found | {Rate.TICK: found[Rate.TICK] | _of_command(plan, drawn)}


def contact_draws(
    plan: FlightPlan, key: Key[Array, ""], clock: Int[Array, ""]
) -> dict[str, SignalDraw]:
    """The random numbers of one tick of contact: of the command's faults and of bouncing switches.

    Of the same streams as in free flight, at the tick's own clock.
    """
    own = command_draws.wanted(plan, ())
    shapes = own.normals | own.uniforms
    if plan.vehicle.contact.switches is not None:
        shapes |= {SWITCHES: (plan.vehicle.contact.leg_count,)}
    if not shapes:
        return {}
    drawn = _drawn(plan, frame_bits(key, clock, shapes), own.normals)
    found = _of_command(plan, drawn)
    if SWITCHES in drawn:
        found[SWITCHES] = SignalDraw(Draw(None, drawn[SWITCHES]), None, None)
    return found


def _drawn(
    plan: FlightPlan, words: Mapping[str, UInt32[Array, "..."]], normals: Collection[str]
) -> dict[str, Float[Array, "..."]]:
    """Words as normal numbers where they are of such streams, else as uniform ones."""
    return {
        name: noise_of(plan, each) if name in normals else chance_of(plan, each)
        for name, each in words.items()
    }


def _of_command(
    plan: FlightPlan, drawn: Mapping[str, Float[Array, "..."]]
) -> dict[str, SignalDraw]:
    if COMMAND not in plan.faults:
        return {}
    return {COMMAND: SignalDraw(Draw(None, None), *command_draws.by_unit(plan, drawn))}


def _sensors(plan: FlightPlan) -> Iterator[tuple[Rate, str, Sensor]]:
    """Rate, label and declaration of every sensor."""
    for rate in Rate:
        for label, sensor in units(plan, rate):
            yield rate, label, sensor


def _stream(label: str, sensor: Sensor) -> str:
    """The name of the stream that the noise of a sensor's faults comes from."""
    if sensor.fault_stream and label == sensor.kind:
        return sensor.fault_stream
    return f"{label}_fault"


def begin(plan: FlightPlan) -> dict[str, SensorState]:
    """What every unit keeps, at the start of the flight."""
    return {
        label: SensorState(
            truth_model(sensor).init(plan.sensors[label].spec),
            on_signals.init(plan.faults.get(label, ()), _nothing(sensor)),
        )
        for rate in Rate
        for label, sensor in units(plan, rate)
    }


def silence(plan: FlightPlan, rate: Rate) -> dict[str, Message]:
    """Messages that say nothing, by label."""
    return {label: _nothing(sensor) for label, sensor in units(plan, rate)}


def _nothing(sensor: Sensor) -> Message:
    return Message(sensor.silent(), jnp.array(0.0))


def read(
    plan: FlightPlan,
    rate: Rate,
    states: dict[str, SensorState],
    seen: tuple[Scene, Now],
    draws: dict[str, SignalDraw],
) -> tuple[dict[str, Message], dict[str, SensorState]]:
    """What arrives from the units of a rate, by label, and what every unit keeps."""
    (scene, now), messages, kept = seen, {}, dict(states)
    for label, sensor in units(plan, rate):
        fitted, state, drawn = plan.sensors[label], states[label], draws[label]
        then = scene if rate is Rate.TICK else scene.earlier(fitted.spec.latency_s)
        reading, own = truth_model(sensor).measure(
            fitted.spec, fitted.errors, state.own, then, drawn.own
        )
        messages[label], faults = on_signals.struck(
            plan.faults.get(label, ()),
            state.faults,
            Message(reading, _time_tag_s(rate, fitted, then)),
            _signal(sensor, fitted.spec, then),
            now,
            (drawn.normals, drawn.chance),
        )
        kept[label] = SensorState(own, faults)
    return messages, kept


def followed(
    plan: FlightPlan, states: dict[str, SensorState], tick: Tick
) -> dict[str, SensorState]:
    """What every unit keeps after a tick: those that read at the end of a frame may follow it."""
    kept = dict(states)
    for label, sensor in units(plan, Rate.FRAME):
        model, state = truth_model(sensor), states[label]
        if hasattr(model, "follow"):
            own = model.follow(plan.sensors[label].spec, state.own, tick)
            kept[label] = SensorState(own, state.faults)
    return kept


def _time_tag_s(rate: Rate, fitted: Fitted, then: Scene) -> Float[Array, ""]:
    """The instant of a reading by the unit's own clock; increments of a tick end with it."""
    if rate is Rate.TICK:
        return then.time_s
    errors = fitted.errors
    return then.time_s * (1.0 + errors.clock_drift_fraction) + errors.time_tag_s


def obeyed(
    plan: FlightPlan,
    state: FaultState,
    command: Command,
    now: Now,
    draws: dict[str, SignalDraw],
) -> tuple[Command, FaultState]:
    """The command that the actuators obey, and what its faults keep."""
    drawn = draws.get(COMMAND)
    own = (None, None) if drawn is None else (drawn.normals, drawn.chance)
    return obey(plan.faults.get(COMMAND, ()), state, command, now, own)


def _signal(sensor: Sensor, spec: Any, scene: Scene) -> Signal:
    """What a message of a kind is like, for its faults; what is frozen has a time tag of now."""
    model = truth_model(sensor)

    def saying(message: Message, reading: Any) -> Message:
        return dataclasses.replace(message, reading=reading)

    def scaled(message: Message, factor: Float[Array, " n"]) -> Message:
        return saying(message, model.scale(message.reading, factor))

    def limited(message: Message, limit: Float[Array, " n"]) -> Message:
        return saying(message, model.limit(message.reading, limit, scene))

    def either(yes: Bool[Array, ""], this: Message, that: Message) -> Message:
        one = whole(yes, this.reading, that.reading)
        return Message(one, jnp.maximum(this.time_s, that.time_s))

    return Signal(
        parts=parts_of(sensor.error_units),
        shift=lambda sent, error: saying(sent, model.shift(sent.reading, error, scene)),
        sigma=lambda sent: model.sigma(spec, sent.reading, scene.period_s),
        scale=scaled if sensor.scaled_parts else None,
        limit=limited if sensor.limited_parts else None,
        lose=lambda sent, lost: valid_if(~lost, sent),
        is_valid=lambda sent: jnp.any(sent.reading.valid),
        either=either,
    )
