"""From a mission to its flight plan: when, from where, along which course, believing what."""

import dataclasses
import math
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Float

from perilune.design.belief import start_covariance
from perilune.design.braking_search import search
from perilune.design.braking_start import coast_s
from perilune.design.build_light import build_light
from perilune.design.build_phases import event_phases, ignition_phase
from perilune.design.build_truth import build_truth, local_axes, put_truth
from perilune.design.build_upload import Believed, PlannedCourse, build_upload
from perilune.design.build_world import endings_of, world_of
from perilune.design.caps import REHEARSED_ROOM_S, PlannedTimes, caps_of, check_length
from perilune.design.course import Course, Start, is_closed_form
from perilune.design.deorbit_burn import deorbit_burn_s
from perilune.design.dispersion_table import build_dispersions
from perilune.design.feasible import check_burn, check_descent, check_landing_time, shortfalls
from perilune.design.first_course import after_gate_s, first_course
from perilune.design.flight_plan import FlightPlan, NominalStart, World
from perilune.design.lay_out import Times, lay_out
from perilune.design.loads import Loaded, loaded
from perilune.design.nominal_start import nominal_start_of
from perilune.design.numbers import numbers_of, to_arrays
from perilune.design.orbit import (
    Transfer,
)
from perilune.design.rehearsal import Ignition, Rehearsal, first_thrust_inertial, rehearse
from perilune.design.survey import Survey, survey
from perilune.design.terrain_report import TerrainReport
from perilune.design.track import PlannedTrack
from perilune.design.transfer import Tracked
from perilune.design.typed_arrays import as_arrays, of_numbers
from perilune.errors import InputError
from perilune.interfaces.sensor_kinds import sensor_of
from perilune.mechanics.time import Epoch
from perilune.mission import Mission
from perilune.mission.dispersions import rows_of
from perilune.mission.phase_events import ALONG_THRUST, events_missing
from perilune.mission.problems import as_of
from perilune.mission.sides import BELIEF, TRUTH
from perilune.mission.value_location import with_settings
from perilune.truth.vehicle.vehicle import Vehicle

LANDING_TOLERANCE_S = 0.5
ROUND_COUNT = 4
SEARCH_COUNT = 2
"""How often braking is searched for by rehearsals: once laid out for a guess, once for the find."""
LONGEST_FACTOR = 3.0
"""When a rehearsal is given up, in planned times from ignition to touchdown."""


@dataclass(frozen=True, kw_only=True)
class Design:
    """A flight plan with what a reader wants to know of how it came about."""

    plan: FlightPlan
    epoch: Epoch
    course: Course
    transfer: Transfer
    terrain: TerrainReport
    planned_landing_s: float
    gravity_name: str
    rehearsal: Rehearsal
    ignition: Ignition
    notes: tuple[str, ...]


def plan(mission: Mission) -> FlightPlan:
    """The nominal `FlightPlan` of a mission, a tree of float64 arrays, SI; see `design`.

    >>> import perilune
    >>> flight_plan = perilune.plan(perilune.load_mission("athena"))
    """
    return design(mission).plan


def design(mission: Mission) -> Design:
    """Find orbit, burn, ignition and course for a mission; InputError where none exists.

    It is designed with what is believed of the lander; truth's own numbers are flown only. The
    order: masses by the rocket equation; fields and ground; braking course in the plane of the
    approach; times back from the landing; orbit back from ignition; upload. The descent is then
    rehearsed, and laid out again until it touches down at the mission's time. An InputError carries
    the notes on maps and field, since one that is wrong may be why.
    """
    notes: tuple[str, ...] = ()
    try:
        believed, true = loaded(mission, BELIEF), loaded(mission, TRUTH)
        surveyed = survey(believed.mission)
        notes = surveyed.notes
        return _designed(believed, true, surveyed)
    except InputError as error:
        refused = InputError(with_settings(mission, as_of(mission, BELIEF, str(error))))
        for note in notes:
            refused.add_note(note)
        raise refused from error


def _designed(believed: Loaded, true: Loaded, surveyed: Survey) -> Design:
    mission, start_kg = believed.mission, believed.start_kg
    start, course = first_course(mission, start_kg, surveyed)
    times = _first_times(mission, surveyed, course)
    fields, searches = None, 0 if is_closed_form(mission) else SEARCH_COUNT
    for round_ in range(searches + ROUND_COUNT):
        tracked = lay_out(mission, surveyed, course, times, fields)
        fields, transfer = tracked.fields, tracked.transfer
        times = _as_laid(mission, tracked, times)
        check_burn(mission, transfer, start_kg)
        plan = _planned(believed, true, surveyed, PlannedCourse(course, tracked))
        if round_ < searches:
            course = search(mission, plan, _begun(start, tracked), transfer)
            fields = None
            flown_s = course.braking_time_s + after_gate_s(mission.descent)
            times = times._replace(landing_s=times.ignition_s + flown_s)
            continue
        state = transfer.ignition_position_m, transfer.ignition_velocity_m_s
        ignition = Ignition(transfer.ignition_time_s, *state, start.mass_kg)
        rehearsal = _rehearsed(plan, ignition, times.landing_s)
        check_descent(mission, rehearsal, start.mass_kg)
        late_s = rehearsal.touchdown_s - times.landing_s
        if abs(late_s) < LANDING_TOLERANCE_S:
            break
        times = times._replace(landing_s=times.landing_s + late_s)
    check_landing_time(mission, late_s)
    return Design(
        plan=_finished(
            believed.mission,
            true.mission,
            _lit(true.mission, plan, tracked.track),
            transfer,
            times.landing_s,
        ),
        epoch=tracked.laid.epoch,
        course=course,
        transfer=transfer,
        terrain=surveyed.terrain_report,
        planned_landing_s=times.landing_s,
        gravity_name=surveyed.gravity_name,
        rehearsal=rehearsal,
        ignition=ignition,
        notes=(
            *surveyed.notes,
            *events_missing(mission.descent.phases),
            *shortfalls(mission, rehearsal),
        ),
    )


def _begun(start: Start, tracked: Tracked) -> Start:
    """The start as it was laid out: the site moves on while the descent lasts."""
    if start.range_m is None:
        return start
    return dataclasses.replace(start, range_m=tracked.laid.approach.ignition_range_m)


def _first_times(mission: Mission, surveyed: Survey, course: Course) -> Times:
    """Of ignition and landing, before the flight is laid out; of an orbit these are kept."""
    lead_s, way_s = mission.descent.lead_time_s or 0.0, coast_s(mission, surveyed.gm_m3_s2)
    after_s = course.braking_time_s + after_gate_s(mission.descent)
    check_length(mission, lead_s, way_s + after_s + REHEARSED_ROOM_S)
    return Times(lead_s + way_s, lead_s + way_s + after_s)


def _as_laid(mission: Mission, tracked: Tracked, times: Times) -> Times:
    """The same descent from where ignition came out: on the path of a state it comes when it does.

    Raises InputError where the flight is longer than the sky is tabulated for.
    """
    later_s = tracked.transfer.ignition_time_s - times.ignition_s
    laid = Times(tracked.transfer.ignition_time_s, times.landing_s + later_s)
    lead_s = tracked.laid.approach.lead_time_s
    check_length(mission, lead_s, laid.landing_s - lead_s)
    return laid


def _planned(
    believed: Loaded, true: Loaded, surveyed: Survey, planned: PlannedCourse
) -> FlightPlan:
    """The plan of a flight as it is laid out, but for caps and draws.

    Where its first phase faces along the thrust of braking, the flight starts so.
    """
    descent, transfer = believed.mission.descent, planned.tracked.transfer

    def facing(thrust_axis: Float[np.ndarray, "3"] | None) -> FlightPlan:
        start = nominal_start_of(
            surveyed, transfer, true.kept_fraction, descent.target_m, thrust_axis
        )
        world = world_of(surveyed, planned.tracked.laid.sky, start, planned.tracked.fields)
        return _assembled(believed, true, surveyed, world, planned, start)

    plan = facing(None)
    if descent.phases[0].attitude not in ALONG_THRUST:
        return plan
    state = transfer.ignition_position_m, transfer.ignition_velocity_m_s
    ignition = Ignition(transfer.ignition_time_s, *state, believed.start_kg)
    return facing(first_thrust_inertial(plan, ignition))


def _rehearsed(plan: FlightPlan, ignition: Ignition, landing_s: float) -> Rehearsal:
    """The descent of this plan, flown by guidance alone."""
    longest_s = LONGEST_FACTOR * (landing_s - ignition.time_s)
    return rehearse(plan, ignition, longest_s)


def _lit(mission: Mission, plan: FlightPlan, track: PlannedTrack) -> FlightPlan:
    """The plan with a table of the light along the approach, where a sensor sees by it."""
    if not any(sensor_of(label).needs_light for label in mission.lander.sensors):
        return plan
    world = plan.world
    light = build_light(world.terrain, world.sky, track)
    return dataclasses.replace(plan, world=dataclasses.replace(world, light=light))


def _finished(
    mission: Mission,
    true_mission: Mission,
    plan: FlightPlan,
    transfer: Transfer,
    landing_s: float,
) -> FlightPlan:
    """The plan with its caps and with the table of what is drawn."""
    burn_s = deorbit_burn_s(mission, transfer, float(plan.upload.vehicle.start_mass_kg))
    has_burn = math.isfinite(transfer.deorbit_time_s)
    begins_s = transfer.deorbit_time_s - 0.5 * burn_s if has_burn else 0.0
    times = PlannedTimes(begins_s, begins_s + burn_s, transfer.ignition_time_s, landing_s)
    caps = as_arrays(caps_of(mission, times, float(plan.world.gravity.gm_m3_s2)))
    plan = dataclasses.replace(plan, caps=caps)
    return dataclasses.replace(plan, dispersions=build_dispersions(true_mission, plan))


def _assembled(
    loaded_as: Loaded,
    true: Loaded,
    surveyed: Survey,
    world: World,
    planned: PlannedCourse,
    nominal_start: NominalStart,
) -> FlightPlan:
    """The plan but for caps and draws: truth from its numbers, belief from the nominal ones."""
    mission = loaded_as.mission
    numbers, rows = to_arrays(numbers_of(true.mission)), rows_of(mission)
    truth = _truth(numbers, nominal_start)
    covariance = start_covariance(rows, mission.navigation, _axes(nominal_start))
    believed = Believed(
        vehicle=truth.vehicle if mission is true.mission else _vehicle(mission, nominal_start),
        nominal_start=nominal_start,
        start_kg=mission.masses.separation_kg * loaded_as.kept_fraction,
        propellant_kg=loaded_as.propellant_kg,
        covariance=covariance,
        rows=rows,
    )
    plan = of_numbers(
        FlightPlan,
        world=world,
        vehicle=truth.vehicle,
        sensors=truth.sensors,
        faults=truth.faults,
        start=truth.start,
        upload=build_upload(mission, surveyed, world.sky, planned, believed),
        endings=endings_of(mission.lander.limits),
        caps=None,
        numbers=numbers,
        nominal_start=nominal_start,
        dispersions=None,
        noise_factor=1.0,
        event_phases=event_phases(mission.descent.phases),
        ignition_phase=ignition_phase(mission.descent.phases),
    )
    return as_arrays(put_truth(plan, truth))


_truth, _axes = jax.jit(build_truth), jax.jit(local_axes)


def _vehicle(mission: Mission, nominal_start: NominalStart) -> Vehicle:
    """As the flight software believes it to be, by the program that builds truth's."""
    return _truth(to_arrays(numbers_of(mission)), nominal_start).vehicle
