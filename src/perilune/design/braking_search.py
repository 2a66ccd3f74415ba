"""Where braking begins for any law: the descent is rehearsed from one range after another."""

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from perilune.design.course import Course, Start
from perilune.design.flight_plan import FlightPlan
from perilune.design.orbit import Transfer
from perilune.design.rehearsal import Ignition, Rehearsal, rehearse
from perilune.design.settled_ignition import course_or_mistimed
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mission.mission import Mission
from perilune.mission.propulsion import in_braking

SHARES = (0.25, 0.9)
"""Of the way at full speed in the time of a stop: within it braking begins."""
RANGE_COUNT, ZOOM_COUNT, ZOOMS = 66, 11, 3
TIME_STEPS = 24
"""Halvings of the distance between two ranges, to the centimetre."""
LONGEST_S = 3_000.0
"""When a rehearsal is given up."""
SAME_S = 1.0
"""By which a time of braking that the law takes may differ from the one that is asked for."""
FULL = 0.999
"""Share of full thrust from which a rehearsed thrust counts as all of it."""

RehearseFrom = Callable[[float, float], Rehearsal]
"""Ground range, m, and share of the believed thrust: the descent from there."""


class Tried(NamedTuple):
    """A range, and the descents from it with all of the thrust and with the planned share."""

    range_m: float
    full: Rehearsal
    reserved: Rehearsal


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a descent is held against."""

    braking_time_s: float  # zero: the least propellant
    clearance_m: float
    vertical_speed_m_s: float
    horizontal_speed_m_s: float


def first_guess(mission: Mission, start: Start) -> Course:
    """A course to lay out an orbit with, before any descent can be rehearsed."""
    time_s = mission.descent.braking_time_s or _stop_s(mission, start)
    range_m = 0.55 * start.speed_m_s * time_s if start.range_m is None else start.range_m
    return _course(mission, range_m, time_s, start.mass_kg)


def search(mission: Mission, plan: FlightPlan, start: Start, laid: Transfer) -> Course:
    """The course for the law of the braking phase; `laid` is a transfer to any ignition."""

    def fly(range_m: float, share: float) -> Rehearsal:
        ignition = Ignition(laid.ignition_time_s, *_at_range(plan, laid, range_m), start.mass_kg)
        until_m = mission.descent.clearance_until_m
        return rehearse(_changed(plan, range_m, share), ignition, LONGEST_S, until_m)

    return course_or_mistimed(mission, start, lambda begun: find_ignition(mission, begun, fly))


def _at_range(
    plan: FlightPlan, laid: Transfer, range_m: float
) -> tuple[Float[np.ndarray, "3"], Float[np.ndarray, "3"]]:
    """Place and velocity of the ignition moved along its track to another range of the site."""
    back_m = range_m - float(plan.upload.plan.ignition_range_m) / _height_factor(plan)
    place, velocity = laid.ignition_position_m, laid.ignition_velocity_m_s
    axis = np.cross(velocity, place)
    turn = back_m / MOON_RADIUS_M * axis / np.linalg.norm(axis)
    turned = Rotation.from_rotvec(turn).apply(np.stack([place, velocity]))
    return turned[0], turned[1]


def _changed(plan: FlightPlan, range_m: float, share: float) -> FlightPlan:
    """The plan with this range of ignition and this share of the believed thrust."""
    upload = plan.upload
    range_of_aim_m = jnp.asarray(range_m * _height_factor(plan))
    full_n = jnp.asarray(share * upload.vehicle.max_thrust_n)
    changed = dataclasses.replace(
        upload,
        vehicle=dataclasses.replace(upload.vehicle, max_thrust_n=full_n),
        plan=dataclasses.replace(upload.plan, ignition_range_m=range_of_aim_m),
    )
    return dataclasses.replace(plan, upload=changed)


def _height_factor(plan: FlightPlan) -> float:
    """Ranges on the sphere through the aim point over those on that of the maps."""
    return 1.0 + float(plan.upload.chart.aim_height_m) / MOON_RADIUS_M


def find_ignition(mission: Mission, start: Start, fly: RehearseFrom) -> Course:
    """The course from the best range: the least propellant, or in the time that is asked for.

    A descent fits that keeps the clearance, is under guidance's control at the gate, and lands
    within the lander's limits; and does so too with `descent.peak_thrust_fraction` of the thrust,
    which is what this law keeps in reserve. Where the start settles the range, it is the only one.
    InputError when none fits.
    """
    asked = _asked(mission)
    if start.range_m is not None:
        return _from_there(mission, start.range_m, asked, fly)
    far_m = start.speed_m_s * _stop_s(mission, start)
    ranges_m = np.linspace(SHARES[0] * far_m, SHARES[1] * far_m, RANGE_COUNT)
    tried = _try(mission, ranges_m, fly)
    fits = [fits_in(each, asked) for each in tried]
    if not any(fits):
        raise InputError(_why_none(mission, tried, asked))
    if asked.braking_time_s > 0.0:
        best = _in_time(mission, tried, asked, fly)
    else:
        best = _least(mission, tried, asked, fly)
    return _course(mission, best.range_m, _braking_s(best), best.full.gate_mass_kg, best.full)


def fits_in(tried: Tried, asked: Asked) -> bool:
    """Whether the descent from a range may be flown."""
    return all(
        each.touched
        and each.gate_thrust_fraction < FULL
        and each.least_clearance_m >= asked.clearance_m
        and each.vertical_speed_m_s <= asked.vertical_speed_m_s
        and each.horizontal_speed_m_s <= asked.horizontal_speed_m_s
        for each in (tried.full, tried.reserved)
    )


def _asked(mission: Mission) -> Asked:
    descent, limits = mission.descent, mission.lander.limits
    return Asked(
        braking_time_s=descent.braking_time_s,
        clearance_m=descent.clearance_m,
        vertical_speed_m_s=limits.vertical_speed_m_s,
        horizontal_speed_m_s=limits.horizontal_speed_m_s,
    )


def _try(mission: Mission, ranges_m: Float[np.ndarray, " n"], fly: RehearseFrom) -> list[Tried]:
    share = mission.descent.peak_thrust_fraction
    return [Tried(float(each), fly(each, 1.0), fly(each, share)) for each in ranges_m]


def _from_there(mission: Mission, range_m: float, asked: Asked, fly: RehearseFrom) -> Course:
    """From a settled range: as long as the law takes from there."""
    (only,) = _try(mission, np.array([range_m]), fly)
    if not fits_in(only, asked):
        raise InputError(_why_none(mission, [only], asked))
    taken_s = _braking_s(only)
    if asked.braking_time_s > 0.0 and abs(taken_s - asked.braking_time_s) > SAME_S:
        raise InputError(
            f"Braking by this law takes {taken_s:.0f} s from the ignition of `[state]`, but "
            f"`descent.braking_time` asks for {asked.braking_time_s:g} s; leave it out."
        )
    return _course(mission, range_m, taken_s, only.full.gate_mass_kg, only.full)


def _least(mission: Mission, tried: Sequence[Tried], asked: Asked, fly: RehearseFrom) -> Tried:
    """The one that lands heaviest, between the neighbours of the best found so far."""
    step_m = tried[1].range_m - tried[0].range_m
    best = _heaviest(tried, asked)
    for _ in range(ZOOMS):
        around_m = best.range_m + np.linspace(-step_m, step_m, ZOOM_COUNT)
        best = _heaviest([best, *_try(mission, around_m, fly)], asked)
        step_m *= 2.0 / (ZOOM_COUNT - 1)
    return best


def _heaviest(tried: Sequence[Tried], asked: Asked) -> Tried:
    return max((each for each in tried if fits_in(each, asked)), key=lambda t: t.full.end_mass_kg)


def _in_time(mission: Mission, tried: Sequence[Tried], asked: Asked, fly: RehearseFrom) -> Tried:
    """The one whose braking takes the time asked for, by halving: it takes longer from further."""

    def over_s(each: Tried) -> float:
        return _braking_s(each) - asked.braking_time_s

    kept = [each for each in tried if fits_in(each, asked)]
    short = max((each for each in kept if over_s(each) <= 0.0), key=over_s, default=None)
    long = min((each for each in kept if over_s(each) > 0.0), key=over_s, default=None)
    if short is None or long is None:
        times_s = [_braking_s(each) for each in kept]
        raise InputError(
            f"Braking by this law takes {min(times_s):.0f} to {max(times_s):.0f} s, but "
            f"`descent.braking_time` asks for {asked.braking_time_s:g} s; make it "
            f"{_change_s(times_s, asked)}, or leave it out for the least propellant."
        )
    low_m, high_m = short.range_m, long.range_m
    for _ in range(TIME_STEPS):
        middle_m = 0.5 * (low_m + high_m)
        flown = fly(middle_m, 1.0)
        late = flown.gate_s - flown.ignition_s > asked.braking_time_s
        low_m, high_m = (low_m, middle_m) if late else (middle_m, high_m)
    return _try(mission, np.array([0.5 * (low_m + high_m)]), fly)[0]


def _change_s(times_s: Sequence[float], asked: Asked) -> str:
    """By how much the time that is asked for is to be changed, inwards to a whole second."""
    if asked.braking_time_s < min(times_s):
        return f"{math.ceil(min(times_s)) - asked.braking_time_s:g} s longer"
    return f"{asked.braking_time_s - math.floor(max(times_s)):g} s shorter"


def _braking_s(each: Tried) -> float:
    return each.full.gate_s - each.full.ignition_s


def _stop_s(mission: Mission, start: Start) -> float:
    """A stop with the planned share of full thrust, at the mass of ignition."""
    thrust_n = mission.descent.peak_thrust_fraction * in_braking(mission).max_thrust_n
    return start.speed_m_s * start.mass_kg / thrust_n


def _course(
    mission: Mission,
    range_m: float,
    time_s: float,
    end_mass_kg: float,
    flown: Rehearsal | None = None,
) -> Course:
    """As the rest of the design takes it; the gate is where the mission expects it."""
    descent = mission.descent
    speeds_m_s = descent.gate_forward_speed_m_s, -descent.gate_descent_rate_m_s
    below_m = descent.gate_range_m**2 / (2.0 * MOON_RADIUS_M)
    return Course(
        braking_time_s=time_s,
        ignition_range_m=range_m,
        gate_m=(-descent.gate_range_m, descent.gate_height_m - below_m),
        gate_velocity_m_s=speeds_m_s,
        gate_deceleration_m_s2=1.0,
        end_mass_kg=end_mass_kg,
        peak_thrust_fraction=flown.peak_thrust_fraction if flown else 1.0,
        least_clearance_m=flown.least_clearance_m if flown else 0.0,
    )


def _why_none(mission: Mission, tried: Sequence[Tried], asked: Asked) -> str:
    """The sentence for a failed search: what the best of all ranges lacks."""
    share = mission.descent.peak_thrust_fraction
    landed = [each for each in tried if each.full.touched]
    gated = [each for each in landed if each.full.gate_thrust_fraction < FULL]
    if not gated:
        return (
            "From no range does braking by the law of its phase come to its gate with thrust to "
            "spare: at the end of braking guidance asks for all that `lander.engine.max_thrust` "
            "gives; check the targets of the phase, or raise the thrust."
        )
    clearest_m = max(each.full.least_clearance_m for each in gated)
    if clearest_m < asked.clearance_m:
        return (
            f"Braking by the law of its phase comes within {max(clearest_m, 0.0):.0f} m of the "
            f"ground from every range, but `descent.clearance` asks for {asked.clearance_m:.0f} m; "
            "lower it, raise `descent.clearance_until`, or check the targets of the phase."
        )
    return (
        "From no range does the descent by the laws of its phases land within "
        f"`lander.limits` both with full thrust and with {share:.0%} of it "
        "(`descent.peak_thrust_fraction`); relax that, or change the targets of the phases."
    )
