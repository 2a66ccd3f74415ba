"""Which part of a flight the time goes to: each part alone in a batched loop at one chunk size."""

import dataclasses

import jax
import jax.numpy as jnp

from benchmarks.phases import repeated
from benchmarks.stopwatch import cpu_seconds, median_seconds
from perilune.flight import log as logbook
from perilune.flight import loop, sense, settle
from perilune.messages import AltimeterReading, CameraReading, CycleReadings, VelocimeterReading
from perilune.onboard import computer
from perilune.onboard.navigation.propagate import grow
from perilune.onboard.schedule import CYCLE_TICKS, FRAME_CYCLES, seconds
from perilune.truth.motion.free_flight import fly_tick, surroundings

TICK_S = 0.1
CYCLE_S = CYCLE_TICKS * TICK_S
FRAME_S = FRAME_CYCLES * CYCLE_S
TINY = 1e-30
REPEATS = 3
WHOLE = ("whole frame", "whole cycle", "whole tick", "whole contact tick")


def whole_frame(plan, key, carry):
    """A frame of free flight."""
    return loop.frame(plan, key, carry, False)[0], ()


def whole_cycle(plan, key, carry):
    """A cycle of free flight, its noise drawn before."""
    return loop.cycle(plan, key, carry, _held(carry), _silence())[0], ()


def whole_tick(plan, _key, carry):
    """A tick of free flight."""
    return loop.tick(plan, carry, _held(carry), jnp.zeros(6))[0], ()


def whole_contact_tick(plan, key, carry):
    """A tick of contact."""
    return settle.settle_tick(plan, key, carry, False)[0], ()


def decide(plan, _key, carry):
    """Modes, guidance and control."""
    memory, command = computer.decide(
        plan.upload, carry.memory, seconds(carry.clock), jnp.asarray(TICK_S)
    )
    return dataclasses.replace(carry, memory=memory, command=command), ()


def vehicle_motion(plan, _key, carry):
    """Six degrees of freedom, five Runge-Kutta steps a tick."""
    held = _held(carry)
    around = surroundings(
        plan.vehicle,
        carry.state,
        carry.command,
        plan.world.gravity.gm_m3_s2,
        held.pull_inertial_m_s2,
    )
    state = fly_tick(plan.vehicle, around, carry.command, carry.state, jnp.asarray(TICK_S))
    return dataclasses.replace(carry, state=state), ()


def imu_and_reckoning(plan, _key, carry):
    """The IMU's errors and the strapdown that hears it."""
    reading, residue = sense.imu_reading(
        plan, carry.state, carry.residue, jnp.zeros(6), jnp.asarray(TICK_S)
    )
    memory = computer.reckon(plan.upload, carry.memory, reading, jnp.asarray(TICK_S))
    return dataclasses.replace(carry, residue=residue, memory=memory), ()


def tick_log(plan, _key, carry):
    """Events and peaks."""
    log = logbook.after_tick(plan, carry, seconds(carry.clock))
    return dataclasses.replace(carry, log=log), ()


def ranging_sensors(plan, key, carry):
    """Altimeter with its ray march, velocimeter, camera, faults."""
    seen = (carry.state, loop.center_of_mass_m(plan, carry.state), carry.command.altimeter_beam)
    when = (seconds(carry.clock), jnp.asarray(CYCLE_S))
    return carry, sense.cycle_readings(plan, key, seen, _silence(), when)


def navigate(plan, _key, carry):
    """Covariance growth, residuals and six scalar updates."""
    memory, judged = computer.navigate(
        plan.upload, carry.memory, _readings(carry), seconds(carry.clock), jnp.asarray(CYCLE_S)
    )
    return dataclasses.replace(carry, memory=memory), judged


def covariance_growth(plan, _key, carry):
    """Of the row above: F P F' + Q."""
    memory = carry.memory
    over = (jnp.asarray(CYCLE_S), carry.clock >= 0, jnp.asarray(1.0))
    estimate = grow(
        plan.upload.filter, memory.estimate, memory.pull, memory.gain_inertial_m_s, over
    )
    return dataclasses.replace(carry, memory=dataclasses.replace(memory, estimate=estimate)), ()


def handover_check(plan, key, carry):
    """Whether the ground is a cycle away."""
    return carry, loop.ground_is_near(plan, key, carry, jnp.asarray(CYCLE_S))


def draws(plan, key, carry):
    """All noise of a frame."""
    return carry, sense.frame_draws(plan, key, carry.clock)


def true_gravity(plan, _key, carry):
    """Harmonics, Earth and Sun, once a frame."""
    time_s = seconds(carry.clock)
    return carry, loop.held_pull_m_s2(plan, carry.state, time_s, jnp.asarray(FRAME_S))


def believed_gravity(plan, _key, carry):
    """The flight computer's harmonics, once a frame."""
    memory = computer.begin_frame(
        plan.upload, carry.memory, seconds(carry.clock), jnp.asarray(FRAME_S)
    )
    return dataclasses.replace(carry, memory=memory), memory.pull.perturbation_inertial_m_s2


def star_tracker(plan, key, carry):
    """Its noise, its reading and three scalar updates."""
    reading = sense.star_reading(plan, key, carry.state, carry.clock)
    memory, judged = computer.end_frame(plan.upload, carry.memory, reading)
    return dataclasses.replace(carry, memory=memory), judged


def frame_log(plan, key, carry):
    """Height error, filter consistency, not-a-number."""
    return logbook.close_frame(plan, key, carry), ()


# part                 what it runs in, how often in one of those
PARTS = (
    (whole_frame, "frame", 1),
    (whole_cycle, "frame", FRAME_CYCLES),
    (whole_tick, "frame", FRAME_CYCLES * CYCLE_TICKS),
    (decide, "frame", FRAME_CYCLES * CYCLE_TICKS),
    (vehicle_motion, "frame", FRAME_CYCLES * CYCLE_TICKS),
    (imu_and_reckoning, "frame", FRAME_CYCLES * CYCLE_TICKS),
    (tick_log, "frame", FRAME_CYCLES * CYCLE_TICKS),
    (ranging_sensors, "frame", FRAME_CYCLES),
    (navigate, "frame", FRAME_CYCLES),
    (covariance_growth, "frame", FRAME_CYCLES),
    (handover_check, "frame", FRAME_CYCLES),
    (draws, "frame", 1),
    (true_gravity, "frame", 1),
    (believed_gravity, "frame", 1),
    (star_tracker, "frame", 1),
    (frame_log, "frame", 1),
    (whole_contact_tick, "contact", 1),
)


def advanced(part):
    """A step for a loop that no compiler can shorten.

    The clock runs, the place shifts by nothing that shows, and what the part made is leaned on.
    """

    def step(plan, key, carry):
        after, made = part(plan, key, carry)
        weight = sum(jnp.sum(jnp.asarray(leaf, float)) for leaf in jax.tree.leaves(made))
        state = after.state
        place = state.position_inertial_m + TINY * jnp.nan_to_num(jnp.asarray(weight, float))
        moved = dataclasses.replace(state, position_inertial_m=place)
        return dataclasses.replace(after, clock=carry.clock + 1, state=moved)

    return step


def parts(plan, keys, carries, counts, count=40):
    """Rows: part, runs a flight, microseconds of processor time a run and lane, ms a flight.

    `carries` are those halfway down the descent and at the handover; `counts` the frames and the
    contact ticks that a chunk flies, by the names in `PARTS`.
    """
    start = dict(zip(("frame", "contact"), carries, strict=True))
    return [
        row_of(part, often * counts[inside], seconds_each(part, (plan, keys, start[inside]), count))
        for part, inside, often in PARTS
    ]


def seconds_each(part, arguments, count):
    """Processor time of one run of a part in one lane, s, in a loop of `count`."""
    made = repeated(advanced(part), count).lower(*arguments).compile()
    jax.block_until_ready(made(*arguments))

    def work():
        jax.block_until_ready(made(*arguments))

    return median_seconds(work, REPEATS, cpu_seconds) / count / len(arguments[1])


def row_of(part, run_count, each_s):
    """One row of the table of parts."""
    return {
        "part": part.__name__.replace("_", " "),
        "what": part.__doc__,
        "runs": run_count,
        "microseconds": 1e6 * each_s,
        "milliseconds_a_flight": 1e3 * each_s * run_count,
    }


def _held(carry):
    return loop.Held(1e-12 * carry.state.position_inertial_m, jnp.array(1))


def _silence():
    """A cycle without noise."""
    none = jnp.zeros(())
    return sense.Draws(
        jnp.zeros((CYCLE_TICKS, 6)), none, none, none, jnp.zeros(3), jnp.zeros(3), jnp.zeros(2)
    )


def _readings(carry):
    """Readings that change with the carry, all of them valid."""
    state, valid = carry.state, carry.clock >= 0
    height_m = 0.01 * jnp.linalg.norm(state.position_inertial_m)
    return CycleReadings(
        AltimeterReading(height_m, carry.command.altimeter_beam, valid),
        VelocimeterReading(state.velocity_inertial_m_s, jnp.repeat(valid, 3)),
        CameraReading(state.position_inertial_m, valid),
    )
