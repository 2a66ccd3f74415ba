"""The verdict on one flight, on the host: outcome, touchdown figures, criteria."""

import math
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from perilune.flight.fly import FlightSummary
from perilune.flight.outcome import Outcome
from perilune.interfaces.events import Event
from perilune.mission import Mission
from perilune.verdict.limits import (
    Limits,
    at_rest,
    clean_mask,
    crushed_and_struck,
    limits_of,
    measures,
    part_forces_n,
    touched,
)
from perilune.verdict.places import Aim, aim_of, rest_of

ORDER = (
    "at_rest",
    "vertical_speed_m_s",
    "horizontal_speed_m_s",
    "body_rate_deg_s",
    "tilt_deg",
    "leg_stroke_m",
    "broken_legs_count",
    "hull_contact_n",
    "bell_contact_n",
    "miss_m",
)


@dataclass(frozen=True, kw_only=True)
class Touchdown:
    """Figures at first contact and at rest; None for what never happened."""

    time_s: float
    vertical_speed_m_s: float
    horizontal_speed_m_s: float
    tilt_at_contact_deg: float
    tilt_deg: float | None
    rest_true_latitude_deg: float | None
    rest_true_longitude_deg: float | None
    rest_map_latitude_deg: float | None
    rest_map_longitude_deg: float | None
    miss_m: float | None
    miss_east_m: float | None
    miss_north_m: float | None
    propellant_kg: float
    peak_leg_load_n: float
    secondary_stroke_m: float | None
    pad_sinkage_m: float | None
    strike_n: float | None
    strike_x_m: float | None
    strike_y_m: float | None
    strike_z_m: float | None
    bell_clearance_m: float | None
    parts_n: dict[str, float]


@dataclass(frozen=True)
class Criterion:
    """One criterion; `margin` is how far inside its limit the value is, negative outside."""

    name: str
    value: float | None
    limit: float
    margin: float | None
    met: bool


@dataclass(frozen=True)
class Verdict:
    """How a flight ended and whether the touchdown was clean."""

    outcome: str
    clean: bool
    aim: Aim
    touchdown: Touchdown | None
    criteria: tuple[Criterion, ...]


def judge(summary: FlightSummary, mission_or_limits: Mission | Limits) -> Verdict:
    """The `Verdict` on one `FlightSummary` without leading axes, by a mission's limits.

    It has `outcome`, `clean`, `aim`, `touchdown` and `criteria`, each with value, limit and margin.
    Speeds are of the centre of mass at first contact relative to the ground, m/s, down positive;
    angles in degrees, from the local vertical; latitude planetocentric, longitude east, MOON_ME,
    on the true ground (`true`) and where the map draws the same ground (`map`).
    What did not happen is None, and a criterion that the flight never came to is not met. The
    distance from the aim point (`miss_m`) is a criterion of its own and makes no touchdown unclean.
    Raises nothing.

    >>> import perilune
    >>> mission = perilune.load_mission("athena")
    >>> flight, key = perilune.sampled_flight(), perilune.run_key(seed=0, run=0)
    >>> summary, samples = flight(perilune.plan(mission), key)
    >>> perilune.judge(summary, mission).outcome
    'LANDED'
    """
    limits = (
        mission_or_limits if isinstance(mission_or_limits, Limits) else limits_of(mission_or_limits)
    )
    summary = jax.tree.map(np.asarray, summary)
    rows = measures(summary, limits)
    return Verdict(
        outcome_name(summary),
        bool(clean_mask(summary, limits)),
        Aim(**{name: float(value) for name, value in aim_of(summary).items()}),
        _touchdown(summary, limits) if touched(summary) else None,
        tuple(_criterion(name, *rows[name]) for name in ORDER),
    )


def outcome_name(summary: FlightSummary) -> str:
    """How it ended, by the name of its `Outcome`."""
    return Outcome(int(summary.outcome)).name


def _touchdown(summary: FlightSummary, limits: Limits) -> Touchdown:
    contact, rested = summary.contact, at_rest(summary)
    crushed: dict[str, Any] = {
        name: float(value) if np.isfinite(value) else None
        for name, value in crushed_and_struck(summary).items()
    }
    places: dict[str, Any] = {name: float(value) for name, value in rest_of(summary).items()}

    def if_at_rest(value: Any) -> float | None:
        return float(value) if rested else None

    return Touchdown(
        time_s=float(summary.event_time_s[Event.CONTACT]),
        vertical_speed_m_s=float(contact.vertical_speed_m_s),
        horizontal_speed_m_s=float(contact.horizontal_speed_m_s),
        tilt_at_contact_deg=math.degrees(contact.tilt_rad),
        tilt_deg=if_at_rest(np.degrees(summary.rest.tilt_rad)),
        miss_m=if_at_rest(summary.miss_m),
        **{name: if_at_rest(value) for name, value in places.items()},
        propellant_kg=float(summary.propellant_kg),
        peak_leg_load_n=float(np.max(summary.peak_force_n[: summary.leg_count])),
        **crushed,
        parts_n={name: float(each) for name, each in part_forces_n(summary, limits).items()},
    )


def _criterion(name: str, value: float, limit: float, met: bool) -> Criterion:
    if not np.isfinite(value):
        return Criterion(name, None, float(limit), None, bool(met))
    margin = value - limit if name == "at_rest" else limit - value
    return Criterion(name, float(value), float(limit), float(margin), bool(met))
