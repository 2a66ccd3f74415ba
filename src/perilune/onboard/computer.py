"""The flight computer: what runs at every step, at the end of a cycle and between two frames."""

import dataclasses
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces import BelievedState, Command, Inbox, quiet_command
from perilune.interfaces.inbox import readings_of
from perilune.interfaces.sensor import Rate
from perilune.mechanics.derivatives import length
from perilune.mechanics.gravity import harmonics_m_s2, third_body_m_s2
from perilune.mechanics.rocket import exhaust_speed_m_s, mass_after_kg
from perilune.mechanics.rotation import conjugate, multiply, rotate, rotate_back
from perilune.mechanics.track_gravity import track_gravity_m_s2
from perilune.onboard.control.allocate import vehicle_now
from perilune.onboard.control.pilot import act
from perilune.onboard.guidance.view import MoonOrientation, ground_range_m, look, moon_orientation
from perilune.onboard.memory import Memory
from perilune.onboard.navigation.disturbance import Felt, Lags, felt_torque_nm, observe
from perilune.onboard.navigation.estimate import Estimate
from perilune.onboard.navigation.ground import height_variance_m2
from perilune.onboard.navigation.imu import LEAST_TICK_S, Carried, hear
from perilune.onboard.navigation.mass_filter import no_weighing, weigh
from perilune.onboard.navigation.measurements import (
    Messages,
    Results,
    at_frame,
    navigated,
    no_results,
)
from perilune.onboard.navigation.ordered_push import ordered_push_m_s
from perilune.onboard.navigation.propagate import Cycle, HeldGravity, strapdown
from perilune.onboard.navigation.repeats import unstuck
from perilune.onboard.navigation.sight import Sight
from perilune.onboard.phases.in_use import heard, vehicle_of
from perilune.onboard.phases.progress import advance, has_role, is_powered, landed
from perilune.onboard.phases.steer import steer
from perilune.onboard.touchdown import touched_down
from perilune.onboard.upload import Upload, VehicleBelief

TAIL_THRUST_FACTOR = 0.02
"""Of the engines' floor: less thrust than this is drowned by the accelerometers' bias."""
LEAST_SPEED_M_S = 1e-9


class Heard(NamedTuple):
    """What telemetry shows of one step's readings."""

    reckoned: BelievedState  # before them
    cycle_results: Results
    frame_results: Results


def listen(upload: Upload, memory: Memory, inbox: Inbox) -> tuple[Memory, Heard]:
    """Everything that has arrived: the IMU at every step, readings and star tracker when due.

    A frame is due only where a cycle is.
    """
    arrived = inbox.arrived
    assert arrived is not None, "in contact nothing arrives"
    phase = memory.progress.phase
    memory = reckon(upload, memory, arrived.tick)
    reckoned = believed_state(memory.estimate)
    frame = heard(upload, phase, arrived.frame)

    def at_cycle(quiet: tuple[Memory, Results, Results]) -> tuple[Memory, Results, Results]:
        memory, _, results = quiet
        repeats, fresh = unstuck(memory.repeats, heard(upload, phase, arrived.cycle))
        memory = dataclasses.replace(memory, repeats=repeats)
        memory, cycle_results = navigate(upload, memory, fresh, inbox.time_s)
        memory, frame_results = jax.lax.cond(
            inbox.frame_due,
            lambda now: begin_frame(upload, now[0], frame, inbox),
            lambda now: now,
            (memory, results),
        )
        return memory, cycle_results, frame_results

    at_frame_end = {**no_results(upload, Rate.FRAME), **no_weighing(upload)}
    quiet = (memory, no_results(upload, Rate.CYCLE), at_frame_end)
    memory, cycle_results, frame_results = jax.lax.cond(
        inbox.cycle_due, at_cycle, lambda now: now, quiet
    )
    return memory, Heard(reckoned, cycle_results, frame_results)


def begin_frame(
    upload: Upload, memory: Memory, messages: Messages, inbox: Inbox
) -> tuple[Memory, Results]:
    """Between two frames: star tracker, mass, how sure height is, and the gravity of the next."""
    repeats, messages = unstuck(memory.repeats, messages)
    memory = dataclasses.replace(memory, repeats=repeats)
    memory, results = end_frame(upload, memory, messages, inbox.time_s)
    weighed = weigh(upload, memory.of_mass, memory.mass_kg, messages, inbox.time_s)
    fixed = moon_orientation(upload.chart, inbox.time_s).fixed_from_inertial
    memory = dataclasses.replace(
        memory,
        height_variance_m2=height_variance_m2(upload, memory.estimate, fixed),
        mass_kg=weighed.mass_kg,
        of_mass=weighed.known,
    )
    memory = hold_gravity(upload, memory, inbox.time_s, inbox.frame_s)
    return memory, {**results, **weighed.results}


def hold_gravity(
    upload: Upload, memory: Memory, time_s: Float[Array, ""], frame_s: Float[Array, ""]
) -> Memory:
    """Believed gravity beyond the point mass, at the middle of the frame, held through it."""
    chart, estimate = upload.chart, memory.estimate
    middle_m = estimate.position_inertial_m + 0.5 * frame_s * estimate.velocity_inertial_m_s
    where = moon_orientation(chart, time_s + 0.5 * frame_s)
    pa_from_inertial = multiply(conjugate(chart.fixed_from_pa), where.fixed_from_inertial)
    middle_pa_m = rotate(pa_from_inertial, middle_m)
    uneven = harmonics_m_s2(chart.gravity, middle_pa_m)
    uneven = uneven + track_gravity_m_s2(chart.track_gravity, middle_pa_m)
    uneven = uneven + third_body_m_s2(chart.earth_gm_m3_s2, chart.earth_pa_m, middle_pa_m)
    held_gravity = HeldGravity(chart.gravity.gm_m3_s2, rotate_back(pa_from_inertial, uneven))
    return dataclasses.replace(memory, held_gravity=held_gravity)


def decide(
    upload: Upload, memory: Memory, time_s: Float[Array, ""], tick_s: Float[Array, ""]
) -> tuple[Memory, Command, Float[Array, ""]]:
    """Phases, guidance and control: the memory after them, one tick's command, believed height."""
    view = look(
        upload, memory.estimate, moon_orientation(upload.chart, time_s), memory.held_gravity
    )
    phase = advance(upload, memory.progress, view, time_s)
    entered = phase != memory.progress.phase
    began_s = jnp.where(entered, time_s, memory.progress.began_s)
    progress = dataclasses.replace(memory.progress, phase=phase, began_s=began_s)
    felt = length(memory.disturbance.thrust_factor)
    most_m_s2 = felt * vehicle_of(upload, phase).max_thrust_n / memory.mass_kg
    guidance = steer(upload, progress, view, most_m_s2, tick_s, entered)
    progress = dataclasses.replace(progress, time_to_go_s=guidance.time_to_go_s)
    memory = dataclasses.replace(memory, progress=progress, tick_s=tick_s)
    if memory.held_inertial_from_body is not None:
        now, held = memory.estimate.inertial_from_body, memory.held_inertial_from_body
        memory = dataclasses.replace(memory, held_inertial_from_body=jnp.where(entered, now, held))
    ordered = act(upload, memory, view, guidance, tick_s)
    memory = dataclasses.replace(
        memory,
        shortfall=ordered.shortfall,
        unfired_n_m_s=ordered.unfired_n_m_s,
        unspent_s=ordered.unspent_s,
        disturbance=dataclasses.replace(memory.disturbance, ordered=ordered.effort),
    )
    return memory, ordered.command, view.height_m


def reckon(upload: Upload, memory: Memory, messages: Messages) -> Memory:
    """Dead reckoning over the last tick: state, mass, rate, and how much of the burn is done."""
    progress, tick_s = memory.progress, memory.tick_s
    powered = _thrusts(upload, memory)
    vehicle = vehicle_of(upload, progress.phase)
    center_body_m = vehicle_now(vehicle, memory.mass_kg).center_body_m
    carried = Carried(tick_s, center_body_m, memory.rate_body_rad_s)
    imu, in_use = hear(upload.sensors, memory.estimate, readings_of(messages), carried)
    pushed = ordered_push_m_s(upload.vehicle, memory.command, memory.mass_kg)
    estimate, gain = strapdown(memory.estimate, imu, memory.held_gravity, tick_s, powered, pushed)
    by_engines = jnp.where(powered, gain, 0.0)
    planned = upload.plan.deorbit_velocity_inertial_m_s
    along_m_s = jnp.sum(by_engines * planned) / jnp.maximum(length(planned), LEAST_SPEED_M_S)
    burning = has_role(upload, progress.phase, "orbit_burn")
    done_m_s = progress.deorbit_gained_m_s + jnp.where(burning, along_m_s, 0.0)
    exhaust_m_s = exhaust_speed_m_s(vehicle.specific_impulse_s)
    if memory.of_mass is not None:
        exhaust_m_s = exhaust_m_s * memory.of_mass.exhaust_factor
    gain_body_m_s = rotate_back(estimate.inertial_from_body, by_engines)
    felt = _felt(vehicle, memory, imu.rate_body_rad_s, gain_body_m_s)
    return dataclasses.replace(
        memory,
        estimate=estimate,
        progress=dataclasses.replace(progress, deorbit_gained_m_s=done_m_s),
        gain_inertial_m_s=memory.gain_inertial_m_s + gain,
        imu_in_use=in_use,
        cycle_s=memory.cycle_s + tick_s,
        rate_body_rad_s=imu.rate_body_rad_s,
        mass_kg=mass_after_kg(memory.mass_kg, length(by_engines), exhaust_m_s),
        disturbance=observe(
            memory.disturbance,
            felt,
            _lags(upload, vehicle),
            vehicle.min_thrust_n,
            is_powered(upload, progress.phase),
        ),
    )


def _thrusts(upload: Upload, memory: Memory) -> Bool[Array, ""]:
    """Whether an engine burns, or the thrust of one that is off has not yet died away."""
    phase = memory.progress.phase
    floor_n = vehicle_of(upload, phase).min_thrust_n
    return is_powered(upload, phase) | (
        memory.disturbance.present.force_n > TAIL_THRUST_FACTOR * floor_n
    )


def _felt(
    vehicle: VehicleBelief,
    memory: Memory,
    rate_body_rad_s: Float[Array, "3"],
    gain_body_m_s: Float[Array, "3"],
) -> Felt:
    """Force and torque of the last tick, by the inertial units and the believed mass."""
    inertia_kg_m2 = vehicle_now(vehicle, memory.mass_kg).inertia_kg_m2
    tick_s = memory.tick_s
    return Felt(
        force_n=memory.mass_kg * gain_body_m_s / jnp.maximum(tick_s, LEAST_TICK_S),
        torque_n_m=felt_torque_nm(inertia_kg_m2, rate_body_rad_s, memory.rate_body_rad_s, tick_s),
        tick_s=tick_s,
    )


def _lags(upload: Upload, vehicle: VehicleBelief) -> Lags:
    """Of what turns the vehicle about each axis."""
    throttled = jnp.where(
        vehicle.throttle_axis_factor > 0.0, vehicle.thrust_lag_s, vehicle.gimbal_lag_s
    )
    return Lags(
        thrust_s=vehicle.thrust_lag_s,
        torque_s=vehicle.engine_axis_factor * throttled,
        filter_s=upload.control.disturbance_time_s,
    )


def navigate(
    upload: Upload, memory: Memory, messages: Messages, time_s: Float[Array, ""]
) -> tuple[Memory, Results]:
    """Covariance over the cycle, then the readings at its end, unit after unit."""
    sight, where = _sight(upload, memory, time_s)
    cycle = Cycle(
        duration_s=memory.cycle_s,
        powered=_thrusts(upload, memory),
        gain_inertial_m_s=memory.gain_inertial_m_s,
        held_gravity=memory.held_gravity,
        imu_in_use=memory.imu_in_use,
        range_m=ground_range_m(upload.chart, memory.estimate, where),
    )
    estimate, results = navigated(upload, memory.estimate, messages, sight, cycle)
    memory = dataclasses.replace(
        memory, estimate=estimate, gain_inertial_m_s=jnp.zeros(3), cycle_s=jnp.array(0.0)
    )
    return memory, results


def end_frame(
    upload: Upload, memory: Memory, messages: Messages, time_s: Float[Array, ""]
) -> tuple[Memory, Results]:
    """The readings at the end of a frame: the star trackers'."""
    sight, _ = _sight(upload, memory, time_s)
    estimate, results = at_frame(upload, memory.estimate, messages, sight)
    return dataclasses.replace(memory, estimate=estimate), results


def _sight(
    upload: Upload, memory: Memory, time_s: Float[Array, ""]
) -> tuple[Sight, MoonOrientation]:
    """What models of sensors look at, and the Moon's orientation."""
    where = moon_orientation(upload.chart, time_s)
    sight = Sight(
        chart=upload.chart,
        time_s=time_s,
        fixed_from_inertial=where.fixed_from_inertial,
        spin_inertial_rad_s=where.spin_inertial_rad_s,
        rate_body_rad_s=memory.rate_body_rad_s,
    )
    return sight, where


def after_touch(
    upload: Upload, memory: Memory, command: Command, inbox: Inbox
) -> tuple[Memory, Command]:
    """On the first footpad switch that it acts on it has landed and everything goes off.

    Until then memory and the last command hold.
    """
    closed = inbox.contact.closed
    down, switches = touched_down(upload.touchdown, memory.switches, closed, inbox.time_s)
    phase = jnp.where(down, landed(upload), memory.progress.phase)
    progress = dataclasses.replace(memory.progress, phase=phase)
    memory = dataclasses.replace(memory, progress=progress, switches=switches)
    off = quiet_command(*(len(orders) for orders in (command.throttle, command.thruster_on_s)))
    return memory, dataclasses.replace(
        command,
        engine_on=command.engine_on & ~down,
        throttle=jnp.where(down, off.throttle, command.throttle),
        gimbal_rad=jnp.where(down, off.gimbal_rad, command.gimbal_rad),
        thruster_on_s=jnp.where(down, off.thruster_on_s, command.thruster_on_s),
    )


def believed_state(estimate: Estimate) -> BelievedState:
    """What telemetry shows of an estimate."""
    names = [field.name for field in dataclasses.fields(BelievedState)]
    return BelievedState(**{name: getattr(estimate, name) for name in names})
