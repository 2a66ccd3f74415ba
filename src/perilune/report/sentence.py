"""The verdict as a person would say it."""

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
    """The verdict in two words."""
    if result["clean"]:
        return "Clean landing"
    return "No touchdown" if result["touchdown"] is None else "Not a clean landing"


def outcome_words(result: Mapping) -> str:
    """`TIPPED_OVER` as `tipped over`."""
    return result["outcome"].replace("_", " ").lower()


def _opening(result: Mapping) -> str:
    faults = f" with {', '.join(result['faults'])}" if result["faults"] else ""
    who, how = said(result["mission"]) + faults, outcome_words(result)
    if result["clean"]:
        return f"{who} made a clean landing."
    if result["touchdown"] is not None:
        return f"{who} touched down, but not cleanly: {how}."
    return f"{who} never touched down: {how}."


def _contact(touchdown: Mapping) -> str:
    down, across = (
        shown(touchdown[f"{which}_speed_m_s"], "m/s") for which in ("vertical", "horizontal")
    )
    day, clock = touchdown["utc"].rstrip("Z").split("T")
    rest = [
        f"it came to rest tilted {shown(touchdown['tilt_deg'], '°')}"
        if touchdown["tilt_deg"] is not None
        else "it never came to rest",
        f"{shown(touchdown['miss_m'], 'm')} from the aim point"
        if touchdown["miss_m"] is not None
        else "",
    ]
    where = ", ".join(each for each in rest if each)
    return (
        f"It touched down on {day} at {clock[:8]} UTC at {down} down and {across} across; {where}."
    )


def _broken(result: Mapping) -> str:
    """The criteria that were not met, with the value and the limit of each."""
    unmet = [each for each in result["criteria"] if not each["met"]]
    if not unmet:
        return ""
    named = "; ".join(_one(each) for each in unmet)
    if result["clean"]:
        return f"Not met, though it does not make the landing unclean: {named}."
    return f"Not met: {named}."


def _one(criterion: Mapping) -> str:
    unit = unit_of(criterion["name"])
    value, limit = shown(criterion["value"], unit), shown(criterion["limit"], unit)
    reached = "never came to it" if criterion["value"] is None else value
    return f"{said(criterion['name']).lower()} ({reached}, limit {limit})"
