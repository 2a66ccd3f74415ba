"""One cycle of truth, made linear: what its sensors read more or less, by errors and by noise.

The truth that flies stays as it was; what is differentiated are truth's own models of sensors,
ground and field, by `jax.jvp`.
"""

import dataclasses
from typing import Any, NamedTuple, TypeAlias

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, UInt32

from perilune.campaign.covariance.believed_cycle import (
    Flown,
    estimate_of,
    height_rows_of,
    rows_of,
    sight_of,
)
from perilune.campaign.covariance.drawn_errors import Directions
from perilune.campaign.covariance.moments import Moment
from perilune.design.build_truth import Truth, put_truth
from perilune.design.flight_plan import FlightPlan
from perilune.flight import suite
from perilune.flight.carry import Carry, Flight, begin
from perilune.flight.handover import center_of_mass_m
from perilune.flight.held_gravity import held_pull_m_s2
from perilune.flight.instant import scene
from perilune.interfaces import Message
from perilune.interfaces.clock import CYCLE_TICKS, FRAME_CYCLES, seconds
from perilune.interfaces.inbox import readings_of
from perilune.interfaces.sensor import Draw, Rate, Sensor
from perilune.interfaces.sensor_kinds import sensor_of
from perilune.mechanics.rotation import conjugate, multiply, to_rotation_vector
from perilune.onboard import port
from perilune.onboard.navigation.estimate import HEIGHT, MOVING, Estimate, correct
from perilune.onboard.navigation.imu import Carried, hear
from perilune.onboard.navigation.propagate import HeldGravity, strapdown
from perilune.truth.faults.fault_kinds import needs_noise

SurfaceKey: TypeAlias = UInt32[Array, "2"]
"""Data of a run's key, by which its ground is placed."""
PERIOD_TICKS = {Rate.TICK: 1, Rate.CYCLE: CYCLE_TICKS, Rate.FRAME: CYCLE_TICKS * FRAME_CYCLES}


class Travelled(NamedTuple):
    """How errors, estimated less true, go through a cycle, and what gets into them."""

    through: Float[Array, "n n"]
    by_error: Float[Array, "n p"]  # of one sigma of each error that lasts the flight
    by_noise: dict[str, Float[Array, "n w"]]  # by label of the unit: of one sigma of each number
    flown: Flown


class Read(NamedTuple):
    """What m scalars of a unit are off by."""

    by_error: Float[Array, "m p"]
    by_noise: Float[Array, "m w"]


def noise_size(plan: FlightPlan, label: str) -> int:
    """How many normal numbers a reading of a unit needs, those of its faults among them."""
    sensor = sensor_of(label)
    own = 1
    for size in sensor.normals:
        own *= size
    return own + (sensor.error_size if _is_struck(plan, label) else 0)


def _is_struck(plan: FlightPlan, label: str) -> bool:
    return needs_noise(plan.faults.get(label, ()))


def travelled(plan: FlightPlan, truth: Truth, directions: Directions, moment: Moment) -> Travelled:
    """The cycle between two updates: strapdown of what the inertial units feel, and gravity."""
    labels = [label for label, _ in suite.units(plan, Rate.TICK)]
    still = estimate_of(plan.upload, moment, moment.start)
    quiet = {label: jnp.zeros((CYCLE_TICKS, noise_size(plan, label))) for label in labels}

    def ends(truth: Truth, noise: Any, error: Float[Array, " n"]) -> Any:
        begins = correct(still, error, still.covariance)
        return _reckoned(put_truth(plan, truth), moment, begins, noise)

    none = jnp.zeros(still.layout.count)
    base, flown = ends(truth, quiet, none)

    def apart(end: Estimate) -> Float[Array, " n"]:
        turn = multiply(end.inertial_from_body, conjugate(base.inertial_from_body))
        return none.at[:MOVING].set(
            jnp.concatenate(
                [
                    end.position_inertial_m - base.position_inertial_m,
                    end.velocity_inertial_m_s - base.velocity_inertial_m_s,
                    to_rotation_vector(turn),
                ]
            )
        )

    def moved(truth: Truth, _: Any, *inputs: Any) -> Float[Array, " n"]:
        return apart(ends(truth, *inputs)[0])

    felt, by_noise, through = along_each(moved, (truth, directions), quiet, none)
    kept = jnp.diag((jnp.arange(len(none)) >= MOVING).astype(float))
    return Travelled(
        through=through + kept,
        by_error=felt + _fallen(plan, truth, directions, moment, len(none)),
        by_noise=_of_units(by_noise, quiet),
        flown=flown,
    )


def _of_units(
    columns: Float[Array, "n w"], like: dict[str, Float[Array, "2 k"]]
) -> dict[str, Float[Array, "n k2"]]:
    """Columns unit by unit, in the order in which a tree is raveled."""
    found, begin = {}, 0
    for label in sorted(like):
        found[label] = columns[:, begin : begin + like[label].size]
        begin += like[label].size
    return found


def along_each(
    function: Any, errors: tuple[Truth, Directions], *rest: Any
) -> tuple[Float[Array, "m w"], ...]:
    """Derivatives of a function of truth, the key of its ground and more, in one pass: along
    truth's directions, (m, p), and by every number of each of the rest."""
    truth, (tangents, keys) = errors
    flat, shaped = ravel_pytree(rest)
    count = len(keys)
    still = jax.tree.map(lambda each: jnp.zeros((len(flat), *each.shape[1:])), tangents)
    whole = jax.tree.map(lambda *both: jnp.concatenate(both), tangents, still)
    basis = jnp.concatenate([jnp.zeros((count, len(flat))), jnp.eye(len(flat))])
    every_key = jnp.concatenate([keys, jnp.tile(keys[:1], (len(flat), 1))])

    def along(of_truth: Truth, key: SurfaceKey, of_rest: Float[Array, " w"]) -> Float[Array, " m"]:
        def joint(one: Truth, numbers: Float[Array, " w"]) -> Float[Array, " m"]:
            return function(one, key, *shaped(numbers))

        return eqx.filter_jvp(joint, (truth, flat), (of_truth, of_rest))[1]

    columns = jax.vmap(along, out_axes=-1)(whole, every_key, basis)
    sizes = [sum(leaf.size for leaf in jax.tree.leaves(each)) for each in rest]
    ends = np.cumsum([count, *sizes])[:-1]
    return tuple(jnp.split(columns, ends, axis=-1))


def by_truth(function: Any, truth: Truth, directions: Directions) -> Float[Array, "m p"]:
    """The derivative of a function of truth and the key of its ground along each direction."""

    def along(tangent: Truth, key: SurfaceKey) -> Float[Array, " m"]:
        return eqx.filter_jvp(lambda each: function(each, key), (truth,), (tangent,))[1]

    return jax.vmap(along, out_axes=-1)(*directions)


def _fallen(
    plan: FlightPlan, truth: Truth, directions: Directions, moment: Moment, count: int
) -> Float[Array, "n p"]:
    """What gravity that only truth has makes over the cycle, counted as estimated less true."""
    state = jax.tree.map(lambda each: each[0], moment.state)
    cycle_s = CYCLE_TICKS * moment.tick_s

    def pull(each: Truth, _: SurfaceKey) -> Float[Array, "3"]:
        return held_pull_m_s2(put_truth(plan, each), state, seconds(moment.clock[0]), cycle_s)

    more = -by_truth(pull, truth, directions)
    whole = jnp.zeros((count, more.shape[1]))
    return whole.at[:3].set(0.5 * cycle_s**2 * more).at[3:6].set(cycle_s * more)


def _reckoned(
    plan: FlightPlan, moment: Moment, estimate: Estimate, noise: dict[str, Float[Array, "2 w"]]
) -> tuple[Estimate, Flown]:
    """Two ticks of strapdown, and one before them for what the units carry on from.

    That one is read twice: the first time the units begin, and a mount that is bent then would look
    as if it had bent within the tick.
    """
    upload, tick_s = plan.upload, moment.tick_s
    still = {label: jnp.zeros(each.shape[1]) for label, each in noise.items()}
    sensors, rate_rad_s = suite.begin(plan), jnp.zeros(3)
    gained = jnp.zeros(3)
    field = HeldGravity(upload.chart.gravity.gm_m3_s2, jnp.zeros(3))
    for place in (0, 0, 1, 2):
        now = _carry(plan, moment, place)
        seen = scene(_flight(plan), now, tick_s, 1)
        drawn = still if place == 0 else {name: each[place - 1] for name, each in noise.items()}
        messages, sensors = suite.read(plan, Rate.TICK, sensors, seen, _draws(plan, drawn))
        carried = Carried(tick_s, center_of_mass_m(plan, now.state), rate_rad_s)
        imu, in_use = hear(upload.sensors, estimate, readings_of(messages), carried)
        rate_rad_s = imu.rate_body_rad_s
        if place > 0:
            estimate, gain = strapdown(estimate, imu, field, tick_s, moment.powered[place - 1])
            gained = gained + gain
    return estimate, Flown(gained, in_use, rate_rad_s)


def _flight(plan: FlightPlan, key: SurfaceKey | None = None) -> Flight:
    words = jnp.zeros(2, jnp.uint32) if key is None else key
    return Flight(plan, jax.random.wrap_key_data(words), port)


def _carry(plan: FlightPlan, moment: Moment, place: int) -> Carry:
    """As much of the flight as sensors look at, at the end of a tick."""
    empty = begin(_flight(plan))
    return dataclasses.replace(
        empty,
        clock=moment.clock[place],
        state=jax.tree.map(lambda each: each[place], moment.state),
        command=dataclasses.replace(empty.command, altimeter_beam=moment.beam),
        log=dataclasses.replace(empty.log, event_time_s=moment.event_time_s),
        clearance_m=moment.height_m + plan.upload.vehicle.foot_below_center_m,
    )


def _draws(plan: FlightPlan, noise: dict[str, Float[Array, " w"]]) -> dict[str, suite.SignalDraw]:
    """These normal numbers; whatever chance decides goes well."""
    return {label: _draw(plan, sensor_of(label), label, each) for label, each in noise.items()}


def _draw(
    plan: FlightPlan, sensor: Sensor, label: str, noise: Float[Array, " w"]
) -> suite.SignalDraw:
    faults = sensor.error_size if _is_struck(plan, label) else 0
    own = noise[: len(noise) - faults].reshape(sensor.normals)
    uniforms = None if sensor.uniforms is None else jnp.ones(sensor.uniforms)
    return suite.SignalDraw(
        Draw(own, uniforms), noise[len(noise) - faults :] if faults else None, jnp.ones(2)
    )


def message_of(
    plan: FlightPlan, moment: Moment, label: str, noise: Float[Array, " w"], key: SurfaceKey
) -> Message:
    """What a unit sends at the end of the cycle; valid where it was on the reference flight."""
    alone = dataclasses.replace(plan, sensors={label: plan.sensors[label]})
    rate = sensor_of(label).rate
    seen = scene(_flight(alone, key), _carry(plan, moment, 2), moment.tick_s, PERIOD_TICKS[rate])
    sent, _ = suite.read(alone, rate, suite.begin(alone), seen, _draws(plan, {label: noise}))
    reading = dataclasses.replace(sent[label].reading, valid=moment.readings[label].valid)
    return dataclasses.replace(sent[label], reading=reading)


def read(plan: FlightPlan, truth: Truth, directions: Directions, moment: Moment, name: str) -> Read:
    """What a unit's scalars, or the height beside them, are off by."""
    upload, label = plan.upload, name.removesuffix(HEIGHT)
    estimate = estimate_of(upload, moment, moment.end)
    sight = sight_of(upload, moment, moment.state.rate_body_rad_s[2])
    compare = height_rows_of if name != label else rows_of

    def value(truth: Truth, key: SurfaceKey, noise: Float[Array, " w"]) -> Float[Array, " m"]:
        message = message_of(put_truth(plan, truth), moment, label, noise, key)
        return compare(upload, estimate, sight, message, label).value

    return Read(*along_each(value, (truth, directions), jnp.zeros(noise_size(plan, label))))
