"""From the path of a state vector to ignition: the burn that leads there, or where it is passed."""

from collections.abc import Callable
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from perilune.design.orbit import Approach, Fields, Transfer, propagate
from perilune.design.state_checks import Begins, check_altitude, check_start, check_stray
from perilune.design.state_path import (
    Moving,
    StatePath,
    ahead_rad,
    carried,
)
from perilune.errors import InputError
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.ellipse import apolune_speed_m_s, half_revolution_s, radii_of_state_m
from perilune.mission.mission import Mission
from perilune.mission.phase_events import burn_of
from perilune.mission.state_vector import State
from perilune.mission.value_location import place

ROUNDS, CLOSE_M = 12, 1e-3
PROBES = (1.0, 0.1, 0.1)
"""By which time, s, and burn along and up, m/s, are moved to see what they change."""


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What ignition is to be; ranges on the sphere of the maps."""

    mission: Mission
    range_m: float | None
    """None where the state vector is that of ignition."""
    after_s: float
    """From ignition to touchdown."""
    descent_s: float
    """From the gate to touchdown."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """How ignition is reached; times after the path's epoch."""

    transfer: Transfer
    start_s: float
    approach: Approach
    range_m: float
    burn: Moving | None
    """Just before the descent-orbit burn; None where the flight has none."""

    @property
    def level_m_s(self) -> float:
        """Of the motion at ignition, along the ground."""
        return float(np.sqrt(max(self.transfer.ignition_speed_m_s**2 - self.climb_m_s**2, 0.0)))

    @property
    def climb_m_s(self) -> float:
        """Of the motion at ignition, up."""
        at = self.transfer
        outward = at.ignition_position_m / np.linalg.norm(at.ignition_position_m)
        return float(at.ignition_velocity_m_s @ outward)

    @property
    def altitude_m(self) -> float:
        """Of ignition."""
        return float(np.linalg.norm(self.transfer.ignition_position_m)) - MOON_RADIUS_M


@dataclass(frozen=True)
class _Burnt:
    """The path with a burn, or with none."""

    burn: Moving | None
    gained_m_s: Float[np.ndarray, "3"]
    ignition: Moving


def find_from_state(path: StatePath, fields: Fields, sought: Sought) -> Found:
    """The transfer of a flight on the path of a state vector.

    With a descent-orbit burn its time and its two components in the plane of the orbit are found so
    that half a revolution later the lander is at the altitude of ignition, in level flight, at the
    range that the course asks for: as `find_transfer` has it. Without one ignition is where the
    path has that range; a state of ignition is taken as it is. InputError where there is none, and
    where the path leads too far beside the site.
    """
    mission, state = sought.mission, _state(sought.mission)
    if state.at == "ignition":
        burnt = _Burnt(None, np.zeros(3), path.state)
    elif burn_of(mission.descent.phases) is None:
        burnt = _Burnt(None, np.zeros(3), _passing(path, sought))
    else:
        burnt = _burning(path, fields, sought)
    range_m = _range_m(path, burnt.ignition, sought.after_s)
    check_stray(mission, path.site(burnt.ignition.time_s + sought.after_s), burnt.ignition, range_m)
    return _found(path, fields, sought, burnt, range_m)


def check_found(path: StatePath, mission: Mission, found: Found) -> None:
    """InputError where a flight as it was found cannot begin so, or is not what it says it is."""
    ignition_s = found.start_s + found.transfer.ignition_time_s
    turn_s = 2.0 * half_revolution_s(_gm(path.fields), *_radii_m(path))
    burn_s = None if found.burn is None else found.burn.time_s
    check_start(mission, Begins(found.start_s, burn_s, ignition_s, turn_s))
    if found.burn is None:
        check_altitude(mission, found.altitude_m)


def _state(mission: Mission) -> State:
    if mission.state is None:  # the caller's mistake
        raise AssertionError(mission.name)
    return mission.state


def _range_m(path: StatePath, ignition: Moving, after_s: float) -> float:
    return MOON_RADIUS_M * ahead_rad(ignition, path.site(ignition.time_s + after_s))


def _asked_m(sought: Sought) -> float:
    if sought.range_m is None:
        raise AssertionError(sought)
    return sought.range_m


def _passing(path: StatePath, sought: Sought) -> Moving:
    """Where the path has the range of ignition, on the pass nearest to the landing asked for."""
    over = path.over
    guess_s = over.time_s - _asked_m(sought) / MOON_RADIUS_M / over.turning_rad_s
    now = path.at(_nearest(path, guess_s, sought.after_s))
    for _ in range(ROUNDS):
        off_m = _range_m(path, now, sought.after_s) - _asked_m(sought)
        if abs(off_m) < CLOSE_M:
            return now
        now = path.at(now.time_s + off_m / MOON_RADIUS_M / now.turning_rad_s)
    raise InputError(_nowhere(sought))


def _nearest(path: StatePath, ignition_s: float, after_s: float) -> float:
    """The same place whole revolutions on or back, so that the landing is nearest to the asked."""
    turn_s = 2.0 * half_revolution_s(_gm(path.fields), *_radii_m(path))
    count = round((path.landing_s - ignition_s - after_s) / turn_s)
    return ignition_s + count * turn_s


def _radii_m(path: StatePath) -> tuple[float, float]:
    return radii_of_state_m(_gm(path.fields), path.state.position_m, path.state.velocity_m_s)


def _gm(fields: Fields) -> float:
    return float(fields.field.gm_m3_s2)


def _burning(path: StatePath, fields: Fields, sought: Sought) -> _Burnt:
    """By Newton's method on the burn's time and components; derivatives by probing."""
    low_m = MOON_RADIUS_M + sought.mission.descent.ignition_altitude_m
    gm, over = _gm(fields), path.over
    back_s = (np.pi + _asked_m(sought) / MOON_RADIUS_M) / over.turning_rad_s
    high_m = float(np.linalg.norm(path.at(over.time_s - back_s).position_m))
    half_s = half_revolution_s(gm, low_m, high_m)
    burn_s = _nearest(path, over.time_s - back_s + half_s, sought.after_s) - half_s
    anchor = path.at(burn_s)

    def flown(asked: Float[np.ndarray, "3"]) -> _Burnt:
        burn = carried(path, fields, anchor, float(asked[0]))
        radius_m = float(np.linalg.norm(burn.position_m))
        up = burn.position_m / radius_m
        gained = asked[1] * np.cross(burn.normal, up) + asked[2] * up
        gone = Moving(burn.time_s, burn.position_m, burn.velocity_m_s + gained)
        coast_s = half_revolution_s(gm, low_m, radius_m)
        return _Burnt(burn, gained, carried(path, fields, gone, burn.time_s + coast_s))

    def off(each: _Burnt) -> Float[np.ndarray, "3"]:
        there = each.ignition
        radius_m = float(np.linalg.norm(there.position_m))
        climb_m_s = there.velocity_m_s @ there.position_m / radius_m
        range_m = _range_m(path, there, sought.after_s)
        return np.array([range_m - _asked_m(sought), radius_m - low_m, climb_m_s])

    level_m_s = anchor.turning_rad_s * np.linalg.norm(anchor.position_m)
    slower_m_s = apolune_speed_m_s(gm, low_m, float(np.linalg.norm(anchor.position_m))) - level_m_s
    return _solved(np.array([burn_s, slower_m_s, 0.0]), flown, off, sought)


def _solved(
    asked: Float[np.ndarray, "3"],
    flown: Callable[[Float[np.ndarray, "3"]], _Burnt],
    off: Callable[[_Burnt], Float[np.ndarray, "3"]],
    sought: Sought,
) -> _Burnt:
    for _ in range(ROUNDS):
        burnt = flown(asked)
        wrong = off(burnt)
        if np.all(np.abs(wrong) < (CLOSE_M, CLOSE_M, 1e-6)):
            return burnt
        moved = [off(flown(asked + each)) - wrong for each in np.diag(PROBES)]
        asked = asked - np.diag(PROBES) @ np.linalg.solve(np.transpose(moved), wrong)
    raise InputError(_nowhere(sought))


def _nowhere(sought: Sought) -> str:
    return (
        f"{place(sought.mission, 'state.position_m')} must lead to an ignition "
        f"{_asked_m(sought) / 1e3:.0f} km before the site near `landing_utc`, but its path has "
        "none; correct the state, its frame or its epoch, or `landing_utc`."
    )


def _found(path: StatePath, fields: Fields, sought: Sought, burnt: _Burnt, range_m: float) -> Found:
    """The legs flown once more, with their places."""
    mission, burn, ignition = sought.mission, burnt.burn, burnt.ignition
    turns_s = (ignition if burn is None else burn).time_s
    lead_s = mission.descent.lead_time_s
    start_s = path.state.time_s if lead_s is None else turns_s - lead_s
    start = path.at(start_s)
    legs = [_leg(path, fields, start, turns_s)]
    if burn is not None:
        gone = Moving(burn.time_s, burn.position_m, burn.velocity_m_s + burnt.gained_m_s)
        legs.append(_leg(path, fields, gone, ignition.time_s))
    places_m = np.concatenate([*(places for places, _ in legs), [ignition.position_m]])
    times_s = np.concatenate([*(times for _, times in legs), [ignition.time_s]])
    up = path.site(ignition.time_s + sought.after_s)
    motion = np.cross(ignition.normal, up)
    speed_m_s = float(np.linalg.norm(ignition.velocity_m_s))
    transfer = Transfer(
        start_position_m=start.position_m,
        start_velocity_m_s=start.velocity_m_s,
        deorbit_time_s=np.inf if burn is None else burn.time_s - start_s,
        deorbit_velocity_m_s=burnt.gained_m_s,
        ignition_time_s=ignition.time_s - start_s,
        ignition_speed_m_s=speed_m_s,
        ignition_position_m=ignition.position_m,
        ignition_velocity_m_s=ignition.velocity_m_s,
        places_m=places_m,
        times_s=times_s - start_s,
    )
    approach = Approach(
        up_direction=up,
        motion_direction=motion / np.linalg.norm(motion),
        ignition_time_s=transfer.ignition_time_s,
        ignition_range_m=range_m,
        ignition_altitude_m=float(np.linalg.norm(ignition.position_m)) - MOON_RADIUS_M,
        perilune_m=_radii_m(path)[0] - MOON_RADIUS_M,
        apolune_m=_radii_m(path)[1] - MOON_RADIUS_M,
        burns=burn is not None,
        lead_time_s=turns_s - start_s,
        descent_s=sought.descent_s,
    )
    return Found(transfer=transfer, start_s=start_s, approach=approach, range_m=range_m, burn=burn)


def _leg(
    path: StatePath, fields: Fields, start: Moving, until_s: float
) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, " n"]]:
    """Places and times before each step; none where there is no way."""
    if until_s == start.time_s:
        return np.zeros((0, 3)), np.zeros(0)
    motion = jnp.asarray(start.position_m), jnp.asarray(start.velocity_m_s)
    span_s = jnp.array([start.time_s, until_s])
    _, places = propagate(fields, path.sky, motion, span_s)
    shares = np.arange(len(places)) / len(places)
    return np.asarray(places), start.time_s + shares * (until_s - start.time_s)
