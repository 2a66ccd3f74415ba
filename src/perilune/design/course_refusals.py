"""Why no braking course fits: which bound excludes all of them, and what would let one in."""

import math
from typing import NamedTuple, NoReturn

import numpy as np
from jaxtyping import Bool, Float

from perilune.errors import InputError
from perilune.mission.mission import Descent

ROOM = 1.01
"""By which the advised thrust is above the least: candidates are a grid, which moves with it."""


class Flown(NamedTuple):
    """What came of each candidate."""

    end_mass_kg: Float[np.ndarray, " candidate"]
    peak_thrust_fraction: Float[np.ndarray, " candidate"]
    clearance_m: Float[np.ndarray, " candidate"]  # the least
    end_deceleration_m_s2: Float[np.ndarray, " candidate"]
    closest_m: Float[np.ndarray, " candidate"]  # how far before the site the clearance is least


class Kept(NamedTuple):
    """Which candidates keep each bound."""

    thrust: Bool[np.ndarray, " candidate"]
    clearance: Bool[np.ndarray, " candidate"]

    @property
    def both(self) -> Bool[np.ndarray, " candidate"]:
        """Those that fit."""
        return self.thrust & self.clearance


class Bounds(NamedTuple):
    """What the candidates are held against."""

    descent: Descent
    max_thrust_n: float
    start_kg: float

    @property
    def allowed(self) -> str:
        """The thrust that may be asked for, in words."""
        return f"{self.descent.peak_thrust_fraction:.0%} of {self.max_thrust_n:.0f} N"


def refuse(
    bounds: Bounds, times_s: Float[np.ndarray, " candidate"], flown: Flown, kept: Kept
) -> NoReturn:
    """InputError: the time that is asked for, where of all times one fits; else what keeps all."""
    if bounds.descent.braking_time_s > 0.0 and np.any(kept.both):
        raise InputError(_another_time(bounds, times_s[kept.both]))
    raise InputError(_why_none(bounds, flown, kept))


def _another_time(bounds: Bounds, fitting_s: Float[np.ndarray, " fitting"]) -> str:
    """The sentence where the time that is asked for is why: the nearest that fits."""
    asked_s = bounds.descent.braking_time_s
    nearest_s = float(fitting_s[np.argmin(np.abs(fitting_s - asked_s))])
    longer = nearest_s > asked_s
    advised_s = math.ceil(nearest_s) if longer else math.floor(nearest_s)
    return (
        f"`descent.braking_time` must be {'at least' if longer else 'at most'} {advised_s} s, "
        f"{abs(advised_s - asked_s):g} s {'longer' if longer else 'shorter'}, for a braking course "
        f"that keeps {bounds.descent.clearance_m:.0f} m over the ground (`descent.clearance`) and "
        f"thrust within {bounds.allowed} (`descent.peak_thrust_fraction`), but is {asked_s:g} s; "
        "change it, or leave it out for the least propellant."
    )


def _why_none(bounds: Bounds, flown: Flown, kept: Kept) -> str:
    """The sentence for a failed search: which bound excludes a course, and the best of each."""
    if not np.any(kept.thrust):
        return _too_weak(bounds, flown, kept)
    asked_m, clearance_m = bounds.descent.clearance_m, flown.clearance_m
    free = int(np.argmax(clearance_m))
    if clearance_m[free] < asked_m:
        best = _where(clearance_m[free], flown.closest_m[free])
        return (
            f"No braking course keeps {asked_m:.0f} m over the ground (`descent.clearance`), "
            f"however strong the engine: the best {best}; lower `descent.clearance`, "
            "raise `descent.clearance_until` or `descent.ignition_altitude`, or compare the map "
            "(`site.maps`) with the ground there."
        )
    nearest = int(np.argmax(np.where(kept.thrust, clearance_m, -np.inf)))
    needed = float(np.min(flown.peak_thrust_fraction[kept.clearance]))
    cure = _stronger(bounds, needed)
    within = _where(clearance_m[nearest], flown.closest_m[nearest])
    if clearance_m[nearest] > 0.0:
        cure = (
            f"lower `descent.clearance` to {_advised_m(clearance_m[nearest]):.0f} m, or raise "
            "`descent.gate_height`, `descent.clearance_until` or `descent.ignition_altitude`; or "
            f"{cure}"
        )
    return (
        f"No braking course keeps both {asked_m:.0f} m over the ground (`descent.clearance`) and "
        f"thrust within {bounds.allowed} (`descent.peak_thrust_fraction`): the best of those "
        f"within the thrust {within}, and those that keep the height have a peak "
        f"of at least {_percent(needed)} %; {cure}."
    )


def _too_weak(bounds: Bounds, flown: Flown, kept: Kept) -> str:
    """Thrust excludes every candidate; what is enough for one that keeps the clearance too."""
    peak = flown.peak_thrust_fraction
    least = float(np.min(peak))
    enough = float(np.min(peak[kept.clearance])) if np.any(kept.clearance) else least
    relax = "" if least > 1.0 else ", or relax `descent.peak_thrust_fraction`"
    return (
        f"No braking course keeps thrust within {bounds.allowed} "
        f"(`descent.peak_thrust_fraction`): the least peak found is {_percent(least)} %, "
        f"whatever the clearance; {_stronger(bounds, enough)}{relax}."
    )


def _stronger(bounds: Bounds, peak_fraction: float) -> str:
    """The full thrust, or the mass, with which a course of this peak fits: it goes with both."""
    factor = peak_fraction / bounds.descent.peak_thrust_fraction
    thrust_n = 10.0 * math.ceil(ROOM * factor * bounds.max_thrust_n / 10.0)
    mass_kg = math.floor(bounds.start_kg / (ROOM * factor))
    return (
        f"raise `lander.engine.max_thrust` to {thrust_n:.0f} N or lighten the lander from "
        f"{bounds.start_kg:.0f} to {mass_kg} kg at ignition"
    )


def _advised_m(clearance_m: float) -> float:
    """A little lower, in round steps, so that it still fits when the course is found again."""
    step_m = 100.0 if clearance_m > 500.0 else 10.0
    return max(step_m * math.floor(0.98 * clearance_m / step_m), 0.0)


def _percent(fraction: float) -> str:
    """Rounded up to a tenth of a per cent: a peak never looks lower than the bound it breaks."""
    return f"{math.ceil(1e3 * fraction) / 10.0:g}"


def _where(clearance_m: float, closest_m: float) -> str:
    away = f"{closest_m / 1e3:.0f} km before the site"
    if clearance_m < 0.0:
        return f"would pass {-clearance_m:.0f} m below the ground {away}"
    return f"comes within {clearance_m:.0f} m of the ground {away}"
