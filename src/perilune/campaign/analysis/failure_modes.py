"""What first went wrong in every unclean flight, and flights grouped by it."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float, Shaped

from perilune.campaign.statistics.columns import flags, numbers
from perilune.flight.outcome import Outcome

BLIND_M = 10.0
"""The height above which the last slow metre a second is flown, in the catalog's missions: a
height error that outgrows it leaves no slow descent, or has the lander hang where it should not."""
FALL_FROM_100_M_M_S = math.sqrt(2.0 * 1.62 * 100.0)
"""A lander that ran dry above 100 m, at rest or sinking, meets the ground at least so fast.

Such a dry tank came before a blind descent where the lander believed itself too high. One that
believed itself too low hung there until the tank was dry: blindness came first.
"""

WORDS = {
    "numerical_failure": "the numbers of the flight broke down",
    "blind_descent": "came down blind: its height was off by more than 10 m at 100 m",
    "tank_dry": "ran out of propellant before the ground",
    "spun_up": "turned faster and faster in flight, out of control",
    "timed_out": "still in flight when its time was up",
    "early_ground": "met the ground before its vertical descent began",
    "too_fast_down": "touched down too fast downward",
    "too_fast_across": "touched down too fast sideways",
    "turning_too_fast": "touched down turning too fast",
    "leg_stroke_used_up": "used up a leg's stroke",
    "leg_broken": "broke a leg",
    "bell_contact": "set the engine's bell on the ground",
    "tipped_over": "tipped over",
    "hull_contact": "set its hull on the ground",
    "tilted_at_rest": "came to rest tilted too far",
    "never_at_rest": "never came to rest on the ground",
    "unexplained": "not clean for a reason no rule here knows",
}
"""Every cause, in the order things happen in a flight."""

AT_CONTACT = {
    "too_fast_down": "vertical_speed_m_s",
    "too_fast_across": "horizontal_speed_m_s",
    "turning_too_fast": "body_rate_deg_s",
}
"""What is over its limit at the same instant; the worst in proportion to its limit came first."""

STROKE = "leg_stroke_m"
TELLING_COUNT = 3


def first_cause(table: pa.Table) -> list[str | None]:
    """The first cause in time of every unclean flight, in the order of rows; None for a clean one.

    `table` is any part of a campaign: each row is judged by its own columns alone. `miss_m` makes
    no flight unclean. `WORDS` has the causes and their meaning.
    """
    happened = _happened(table)
    stacked = np.stack([happened[cause] for cause in WORDS])
    causes, first = list(WORDS), np.argmax(stacked, axis=0)
    clean = flags(table, "clean")
    return [None if ok else causes[at] for ok, at in zip(clean, first, strict=True)]


def violated(table: pa.Table, criterion: str) -> Bool[np.ndarray, " row"]:
    """Which flights violated a criterion of `verdict.judge.ORDER`, as it has it.

    A value at its limit is met, but for a leg, which stops at its stroke: all of it used counts as
    too much. Never to have come to a criterion counts as a violation.
    """
    margin = numbers(table, f"margin_{criterion}")
    return ~(margin > 0.0) if criterion == STROKE else ~(margin >= 0.0)


def groups(table: pa.Table) -> list[dict[str, Any]]:
    """One dict a cause, the most frequent first: `cause, count, share, words, telling_runs`.

    `share` is of the unclean flights. `telling_runs` are up to three run numbers: the typical
    flight (median severity), the worst, and the mildest, which shows where the trouble begins;
    severity is `severity(table, cause)`, ties in the order of runs.
    """
    causes = np.array([one or "" for one in first_cause(table)])
    found = [_group(table, cause, causes) for cause in WORDS if np.any(causes == cause)]
    return sorted(found, key=lambda group: -group["count"])


def _group(table: pa.Table, cause: str, causes: Shaped[np.ndarray, " row"]) -> dict[str, Any]:
    has_it = causes == cause
    runs = numbers(table, "run")[has_it].astype(int)
    worst_last = np.lexsort((-runs, severity(table, cause)[has_it]))
    chosen = (worst_last[len(runs) // 2], worst_last[-1], worst_last[0])
    return {
        "cause": cause,
        "count": len(runs),
        "share": float(len(runs) / np.sum(causes != "")),
        "words": WORDS[cause],
        "telling_runs": list(dict.fromkeys(int(runs[one]) for one in chosen))[:TELLING_COUNT],
    }


def severity(table: pa.Table, cause: str) -> Float[np.ndarray, " row"]:
    """How badly each flight has a cause: by how much its own figure is past its limit.

    A dry tank by the seconds without it, a blind descent by its height error, what broke no
    figure of its own by its speed at contact; 0 where even that never came.
    """
    if cause in AT_CONTACT:
        return np.nan_to_num(_times_its_limit(table, AT_CONTACT[cause]))
    seconds_dry = numbers(table, "contact_s") - numbers(table, "event_tank_dry_s")
    figure = {
        "blind_descent": lambda: np.abs(numbers(table, "height_error_100_m")),
        "tank_dry": lambda: seconds_dry,
        "leg_broken": lambda: numbers(table, "broken_legs_count"),
        "bell_contact": lambda: numbers(table, "bell_contact_n"),
        "hull_contact": lambda: numbers(table, "hull_contact_n"),
        "tilted_at_rest": lambda: numbers(table, "tilt_deg"),
    }.get(cause, lambda: numbers(table, "vertical_speed_m_s"))
    return np.nan_to_num(figure())


def _happened(table: pa.Table) -> dict[str, Bool[np.ndarray, " row"]]:
    """Each cause → (n,) bool, for all of `WORDS`; the last always."""
    outcome = table["outcome"].to_numpy()
    down = np.isfinite(numbers(table, "contact_s"))
    dry_s = numbers(table, "event_tank_dry_s")
    dry = np.isfinite(dry_s) & ~(dry_s >= numbers(table, "contact_s"))
    contact = _at_contact(table)
    return {
        "numerical_failure": _ended(outcome, Outcome.NUMERICAL_FAILURE),
        "blind_descent": _blind(table, contact) & ~(dry & _dry_before_blind(table)),
        "tank_dry": dry,
        "spun_up": _ended(outcome, Outcome.SPUN_UP),
        "timed_out": _ended(outcome, Outcome.TIMED_OUT) & ~down,
        "early_ground": down & np.isnan(numbers(table, "event_vertical_descent_s")),
        **contact,
        "leg_stroke_used_up": _stroke_used_up(table),
        "leg_broken": numbers(table, "broken_legs_count") > 0.0,
        "bell_contact": numbers(table, "bell_contact_n") > 0.0,
        "tipped_over": _ended(outcome, Outcome.TIPPED_OVER),
        "hull_contact": (numbers(table, "hull_contact_n") > 0.0)
        | _ended(outcome, Outcome.ON_ITS_HULL),
        "tilted_at_rest": numbers(table, "margin_tilt_deg") < 0.0,
        "never_at_rest": ~(numbers(table, "margin_at_rest") >= 0.0),
        "unexplained": np.ones(len(table), bool),
    }


def _ended(outcome: Shaped[np.ndarray, " row"], ending: Outcome) -> Bool[np.ndarray, " row"]:
    return outcome == ending.name


def _dry_before_blind(table: pa.Table) -> Bool[np.ndarray, " row"]:
    """Whether a dry tank owes nothing to the height error: believed too high, and dry up there."""
    high = ~(numbers(table, "vertical_speed_m_s") < FALL_FROM_100_M_M_S)
    return high & (numbers(table, "height_error_100_m") > 0.0)


def _blind(
    table: pa.Table, contact: Mapping[str, Bool[np.ndarray, " row"]]
) -> Bool[np.ndarray, " row"]:
    """A height error past `BLIND_M` that the landing did not absorb: too fast, or never down."""
    off = np.abs(numbers(table, "height_error_100_m")) > BLIND_M
    down = np.isfinite(numbers(table, "contact_s"))
    return off & (~down | np.any(list(contact.values()), axis=0))


def _at_contact(table: pa.Table) -> dict[str, Bool[np.ndarray, " row"]]:
    """Each cause of one instant → (n,) bool: over its limit, and the farthest of those over."""
    names = list(AT_CONTACT.values())
    over = np.stack([numbers(table, f"margin_{name}") < 0.0 for name in names])
    times = np.stack([_times_its_limit(table, name) for name in names])
    worst = np.argmax(np.where(over, times, -np.inf), axis=0)
    return {cause: over[i] & (worst == i) for i, cause in enumerate(AT_CONTACT)}


def _times_its_limit(table: pa.Table, name: str) -> Float[np.ndarray, " row"]:
    """(n,) a figure over its limit, which is the figure and its margin together."""
    value = numbers(table, name)
    limit = value + numbers(table, f"margin_{name}")
    return np.divide(value, limit, out=np.full_like(value, np.inf), where=limit != 0.0)


def _stroke_used_up(table: pa.Table) -> Bool[np.ndarray, " row"]:
    return np.isfinite(numbers(table, "leg_stroke_m")) & violated(table, STROKE)
