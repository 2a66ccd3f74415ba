"""The nominal descent as the flight software would guide a point mass that it knows exactly.

It says when the plan touches down, how fast and with how much propellant. The thrust's direction
follows the one wanted as the attitude loop would let it: in proportion, no faster than its limit.
Sensors, the engine's lag and the field's unevenness are left out: guidance closes its loop over
them.
"""

import dataclasses
from dataclasses import KW_ONLY, dataclass
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from perilune.design.flight_plan import FlightPlan, World
from perilune.design.typed_arrays import of_numbers
from perilune.interfaces.events import PHASE_EVENTS, Event
from perilune.mechanics.gravity import point_mass_m_s2
from perilune.mechanics.rocket import exhaust_speed_m_s
from perilune.mechanics.rotation import rotate, rotate_back
from perilune.onboard.control.attitude import attitude_frequency_rad_s
from perilune.onboard.control.throttle import past_band
from perilune.onboard.guidance.situation import GuidanceCommand
from perilune.onboard.guidance.view import View, look, moon_orientation
from perilune.onboard.navigation.estimate import first_estimate
from perilune.onboard.navigation.propagate import HeldGravity
from perilune.onboard.phases.in_use import vehicle_of
from perilune.onboard.phases.progress import Progress, advance, from_target, is_powered
from perilune.onboard.phases.steer import steer
from perilune.onboard.upload import ControlSettings, Upload, VehicleBelief
from perilune.truth.environment.ephemeris import fixed_from_inertial
from perilune.truth.environment.terrain import clearance_m

STEP_S = 0.2
FOOTPRINT_M = 1.0
STEP_COUNT = 256
"""That `steps_of` takes at a time."""


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """How the planned descent ends; times after the flight's epoch."""

    touched: bool
    touchdown_s: float
    ignition_s: float
    gate_s: float
    gate_mass_kg: float
    gate_thrust_fraction: float  # of full thrust, just before the gate
    end_mass_kg: float
    lowest_mass_kg: float  # where it was nearest to the ground
    vertical_speed_m_s: float  # down positive, over the ground
    horizontal_speed_m_s: float
    peak_thrust_fraction: float
    least_clearance_m: float  # of the footpads over the ground in braking, until near the site
    off_target_m: float  # at the end, along the ground from the target of the last phase


class Falling(eqx.Module):
    """The point mass under way."""

    _: KW_ONLY
    time_s: Float[Array, ""]
    position_inertial_m: Float[Array, "3"]
    velocity_inertial_m_s: Float[Array, "3"]
    mass_kg: Float[Array, ""]
    thrust_direction_inertial: Float[Array, "3"]  # unit, along the thrust
    thrust_n: Float[Array, ""]
    progress: Progress
    height_m: Float[Array, ""]  # of the footpads over the ground
    vertical_speed_m_s: Float[Array, ""]
    horizontal_speed_m_s: Float[Array, ""]
    ignition_s: Float[Array, ""]
    gate_s: Float[Array, ""]
    gate_mass_kg: Float[Array, ""]
    gate_thrust_fraction: Float[Array, ""]
    least_clearance_m: Float[Array, ""]
    lowest_m: Float[Array, ""]  # height so far
    lowest_mass_kg: Float[Array, ""]
    peak_thrust_fraction: Float[Array, ""]
    off_target_m: Float[Array, ""]


class Planned(NamedTuple):
    """What a rehearsal takes of a plan."""

    world: World
    upload: Upload
    ignition_phase: Int[Array, ""]  # one step before this phase it starts
    gate_phase: Int[Array, ""]  # begins at the gate
    clearance_until_m: Float[Array, ""]  # before the site


class Ignition(NamedTuple):
    """The planned state when braking begins."""

    time_s: float
    position_inertial_m: Float[np.ndarray, "3"]
    velocity_inertial_m_s: Float[np.ndarray, "3"]
    mass_kg: float


def rehearse(
    plan: FlightPlan, ignition: Ignition, longest_s: float, clearance_until_m: float = 0.0
) -> Rehearsal:
    """Fly from ignition; gives up after `longest_s`, far more than any plan takes."""
    start = jax.tree.map(jnp.asarray, ignition)
    planned, latest_s = _planned(plan, clearance_until_m), ignition.time_s + longest_s
    end = jax.device_get(_fall(planned, start, jnp.asarray(latest_s)))
    own = {
        "touched": bool(end.height_m <= 0.0),
        "touchdown_s": float(end.time_s),
        "end_mass_kg": float(end.mass_kg),
    }
    alike = {field.name for field in dataclasses.fields(Rehearsal)} - own.keys()
    numbers: dict[str, Any] = own | {name: float(getattr(end, name)) for name in alike}
    return Rehearsal(**numbers)


def steps_of(plan: FlightPlan, ignition: Ignition, touchdown_s: float) -> Falling:
    """The same descent step by step, a row of each field for each step, up to touchdown."""
    now, rows = _first(_planned(plan), jax.tree.map(jnp.asarray, ignition)), []
    while float(now.time_s) < touchdown_s - 0.5 * STEP_S:
        now, some = _some_steps(_planned(plan), now)
        rows.append(jax.device_get(some))
    every = jax.tree.map(lambda *each: np.concatenate(each), *rows)
    count = int(np.sum(every.time_s < touchdown_s + 0.5 * STEP_S))
    return jax.tree.map(lambda each: each[:count], every)


def first_thrust_inertial(plan: FlightPlan, ignition: Ignition) -> Float[np.ndarray, "3"]:
    """Along which guidance thrusts when braking begins, a unit vector."""
    return np.asarray(_first_thrust(_planned(plan), jax.tree.map(jnp.asarray, ignition)))


@jax.jit
def _first_thrust(planned: Planned, start: Ignition) -> Float[Array, "3"]:
    now = _first(planned, start)
    view = _exact_view(planned.world, planned.upload, now)
    begun = dataclasses.replace(now.progress, phase=planned.ignition_phase)
    most_m_s2 = vehicle_of(planned.upload, begun.phase).max_thrust_n / now.mass_kg
    guided = steer(planned.upload, begun, view, most_m_s2, jnp.asarray(STEP_S), jnp.array(True))
    asked = rotate_back(view.site_from_inertial, guided.thrust_acceleration_site_m_s2)
    return asked / jnp.linalg.norm(asked)


def _planned(plan: FlightPlan, clearance_until_m: float = 0.0) -> Planned:
    gate_phase = plan.event_phases[PHASE_EVENTS.index(Event.GATE)]
    until_m = jnp.asarray(clearance_until_m)
    return Planned(plan.world, plan.upload, plan.ignition_phase, gate_phase, until_m)


@jax.jit
def _some_steps(planned: Planned, now: Falling) -> tuple[Falling, Falling]:
    """(`Falling` after `STEP_COUNT` steps, and after each of them)."""

    def step(now: Falling, _: None) -> tuple[Falling, Falling]:
        after = _step(planned, now)
        return after, after

    return jax.lax.scan(step, now, None, STEP_COUNT)


@jax.jit
def _fall(planned: Planned, start: Ignition, latest_s: Float[Array, ""]) -> Falling:
    """`Falling` when the footpads reach the ground, nothing is left to burn, or at `latest_s`."""

    def goes_on(now: Falling) -> Bool[Array, ""]:
        return (now.height_m > 0.0) & (now.mass_kg > 0.0) & (now.time_s < latest_s)

    return jax.lax.while_loop(goes_on, lambda now: _step(planned, now), _first(planned, start))


def _first(planned: Planned, start: Ignition) -> Falling:
    none, speed = jnp.array(0.0), start.velocity_inertial_m_s
    aligned = Progress(planned.ignition_phase - 1, none, none, jnp.asarray(start.time_s))
    back = -speed / jnp.linalg.norm(speed)
    unknown = none + jnp.nan
    return of_numbers(
        Falling,
        **start._asdict(),
        thrust_direction_inertial=back,
        thrust_n=none,
        progress=aligned,
        height_m=none + jnp.inf,
        vertical_speed_m_s=none,
        horizontal_speed_m_s=none,
        ignition_s=unknown,
        gate_s=unknown,
        gate_mass_kg=unknown,
        gate_thrust_fraction=unknown,
        least_clearance_m=none + jnp.inf,
        lowest_m=none + jnp.inf,
        lowest_mass_kg=unknown,
        peak_thrust_fraction=none,
        off_target_m=unknown,
    )


def _step(planned: Planned, now: Falling) -> Falling:
    world, upload = planned.world, planned.upload
    view = _exact_view(world, upload, now)
    phase = advance(upload, now.progress, view, now.time_s)
    entered = phase != now.progress.phase
    progress = dataclasses.replace(
        now.progress, phase=phase, began_s=jnp.where(entered, now.time_s, now.progress.began_s)
    )
    vehicle = vehicle_of(upload, phase)
    most_m_s2 = vehicle.max_thrust_n / now.mass_kg
    guidance = steer(upload, progress, view, most_m_s2, jnp.asarray(STEP_S), entered)
    wanted_m_s2 = rotate_back(view.site_from_inertial, guidance.thrust_acceleration_site_m_s2)
    asked_m_s2 = jnp.linalg.norm(wanted_m_s2)
    axis = _turned(upload.control, now.thrust_direction_inertial, wanted_m_s2 / asked_m_s2)
    asked_n = _asked_n(vehicle, guidance, now.mass_kg * asked_m_s2, now.thrust_n)
    thrust_n = jnp.clip(asked_n, vehicle.min_thrust_n, vehicle.max_thrust_n)
    thrust_n = jnp.where(is_powered(upload, phase), thrust_n, 0.0)
    pull_m_s2 = point_mass_m_s2(upload.chart.gravity.gm_m3_s2, now.position_inertial_m)
    change_m_s = STEP_S * (thrust_n / now.mass_kg * axis + pull_m_s2)
    exhaust_m_s = exhaust_speed_m_s(vehicle.specific_impulse_s)
    rise_m_s = jnp.sum(view.velocity_site_m_s * view.up_site)
    at_gate = (phase >= planned.gate_phase) & jnp.isnan(now.gate_s)
    lit = (phase >= planned.ignition_phase) & jnp.isnan(now.ignition_s)
    mean_m_s = now.velocity_inertial_m_s + 0.5 * change_m_s
    return Falling(
        time_s=now.time_s + STEP_S,
        position_inertial_m=now.position_inertial_m + STEP_S * mean_m_s,
        velocity_inertial_m_s=now.velocity_inertial_m_s + change_m_s,
        mass_kg=now.mass_kg - STEP_S * thrust_n / exhaust_m_s,
        thrust_direction_inertial=axis,
        thrust_n=thrust_n,
        progress=dataclasses.replace(progress, time_to_go_s=guidance.time_to_go_s),
        height_m=view.height_m,
        vertical_speed_m_s=-rise_m_s,
        horizontal_speed_m_s=jnp.linalg.norm(view.velocity_site_m_s - rise_m_s * view.up_site),
        ignition_s=jnp.where(lit, now.time_s, now.ignition_s),
        gate_s=jnp.where(at_gate, now.time_s, now.gate_s),
        gate_mass_kg=jnp.where(at_gate, now.mass_kg, now.gate_mass_kg),
        gate_thrust_fraction=jnp.where(
            at_gate, now.thrust_n / vehicle.max_thrust_n, now.gate_thrust_fraction
        ),
        least_clearance_m=jnp.where(
            (phase < planned.gate_phase) & (view.range_m > planned.clearance_until_m),
            jnp.minimum(now.least_clearance_m, view.height_m),
            now.least_clearance_m,
        ),
        lowest_m=jnp.minimum(now.lowest_m, view.height_m),
        lowest_mass_kg=jnp.where(view.height_m < now.lowest_m, now.mass_kg, now.lowest_mass_kg),
        peak_thrust_fraction=jnp.maximum(now.peak_thrust_fraction, thrust_n / vehicle.max_thrust_n),
        off_target_m=jnp.linalg.norm(from_target(upload, phase, view).position_site_m[:2]),
    )


def _asked_n(
    vehicle: VehicleBelief,
    guidance: GuidanceCommand,
    guided_n: Float[Array, ""],
    before_n: Float[Array, ""],
) -> Float[Array, ""]:
    """The thrust that is ordered, limits not yet kept; `before_n` is that of the last step."""
    full_n = vehicle.max_thrust_n
    asked_n = jnp.where(jnp.isnan(guidance.throttle), guided_n, guidance.throttle * full_n)
    if vehicle.throttle_band is None:
        return asked_n
    return full_n * past_band(vehicle, asked_n / full_n, before_n / full_n)


def _turned(
    control: ControlSettings, axis: Float[Array, "3"], wanted: Float[Array, "3"]
) -> Float[Array, "3"]:
    """The thrust axis a step on, slewed as `torque_impulse_nms` slews, without its second lag."""
    apart = wanted - axis
    size = jnp.maximum(jnp.linalg.norm(apart), 1e-9)
    slew_per_s = 0.5 * attitude_frequency_rad_s(control) / control.damping_factor
    moved = axis + STEP_S * jnp.minimum(slew_per_s, control.rate_limit_rad_s / size) * apart
    return moved / jnp.linalg.norm(moved)


def _exact_view(world: World, upload: Upload, now: Falling) -> View:
    """What guidance would see with perfect navigation, the true ground below it."""
    estimate = dataclasses.replace(
        first_estimate(upload),
        position_inertial_m=now.position_inertial_m,
        velocity_inertial_m_s=now.velocity_inertial_m_s,
    )
    held_gravity = HeldGravity(upload.chart.gravity.gm_m3_s2, jnp.zeros(3))
    view = look(upload, estimate, moon_orientation(upload.chart, now.time_s), held_gravity)
    here = rotate(fixed_from_inertial(world.sky, now.time_s), now.position_inertial_m)
    key = jnp.zeros(2, jnp.uint32)
    above_m = clearance_m(world.terrain, here, key, FOOTPRINT_M)
    return dataclasses.replace(view, height_m=above_m - upload.vehicle.foot_below_center_m)
