"""The verdict in words: a headline, and what happened in two or three sentences."""

from collections.abc import Mapping

from perilune.report.units import said, shown, unit_of


def verdict_sentence(result: Mapping) -> str:
    """What happened and whether it was clean, from a `result.json`, in two or three sentences."""
    parts = [_opening(result)]
    touchdown = result["touchdown"]
    if touchdown is not None:
        parts.append(_contact(touchdown))
    parts.append(_broken(result))
    return " ".join(part for part in parts if part)


def headline(result: Mapping) -> str:
    """The verdict in a few words."""
    if result["clean"]:
        return "Clean landing"
    if result["outcome"] == "LANDED":
        return "Landed, outside its limits"
    ended = outcome_words(result)
    return f"No touchdown: {ended}" if result["touchdown"] is None else f"Not landed: {ended}"


def outcome_words(result: Mapping) -> str:
    """`TIPPED_OVER` as `tipped over`."""
    return result["outcome"].replace("_", " ").lower()


def _opening(result: Mapping) -> str:
    faults = f" with {', '.join(result['faults'])}" if result["faults"] else ""
    who = f"{result['lander']}, mission {result['mission']}{faults},"
    if result["clean"]:
        return f"{who} made a clean landing."
    if result["touchdown"] is None:
        return f"{who} never touched down: {outcome_words(result)}."
    how = _TOUCHED.get(result["outcome"], f"touched down, and then: {outcome_words(result)}")
    return f"{who} {how}."


_TOUCHED = {
    "LANDED": "came to rest upright on its legs, but not every limit of a clean landing was kept",
    "ON_ITS_HULL": "came to rest with its hull on the ground",
    "TIPPED_OVER": "touched down and tipped over",
    "CRASHED": "crashed: it struck the ground faster than the model of its legs holds",
    "TIMED_OUT": "touched down, but its time was up before it was at rest",
    "NUMERICAL_FAILURE": "touched down, then the simulation lost a number: this is no result",
}


def _contact(touchdown: Mapping) -> str:
    down, across = (
        shown(touchdown[f"{which}_speed_m_s"], "m/s") for which in ("vertical", "horizontal")
    )
    day, clock = touchdown["utc"].rstrip("Z").split("T")
    rest = [
        f"it came to rest tilted {shown(touchdown['tilt_deg'], '°')}"
        if touchdown["tilt_deg"] is not None
        else "the flight ended before it came to rest",
        miss_words(touchdown),
    ]
    where = ", ".join(each for each in rest if each)
    return (
        f"It touched down on {day} at {clock[:8]} UTC at {down} down and {across} across; {where}."
    )


def miss_words(touchdown: Mapping) -> str:
    """How far from the aim point and in which direction, or nothing where it never rested."""
    if touchdown["miss_m"] is None:
        return ""
    east, north = touchdown["miss_east_m"], touchdown["miss_north_m"]
    return f"{shown(touchdown['miss_m'], 'm')} from the aim point ({aside_words(east, north)})"


def aside_words(east_m: float, north_m: float) -> str:
    """`45 m west, 17 m south`; what rounds to nothing is left out."""
    parts = (
        (east_m, "east" if east_m >= 0.0 else "west"),
        (north_m, "north" if north_m >= 0.0 else "south"),
    )
    told = [f"{shown(far, 'm')} {way}" for off, way in parts if (far := _rounded(abs(off))) > 0.0]
    return ", ".join(told) or "at it"


def _rounded(distance_m: float) -> float:
    return round(distance_m, 1 if distance_m < 100.0 else 0)


def _broken(result: Mapping) -> str:
    """The criteria that were not met, with the value and the limit of each."""
    unmet = [each for each in result["criteria"] if not each["met"]]
    if not unmet:
        return ""
    named = "; ".join(_one(each) for each in unmet)
    if result["clean"]:
        return f"The landing is clean, but outside a criterion of the mission: {named}."
    return f"Not met: {named}."


def _one(criterion: Mapping) -> str:
    unit = unit_of(criterion["name"])
    value, limit = shown(criterion["value"], unit), shown(criterion["limit"], unit)
    reached = "never came to it" if criterion["value"] is None else value
    return f"{said(criterion['name']).lower()} ({reached}, limit {limit})"
