"""The verdict in words: a headline, and what happened in two or three sentences."""

from collections.abc import Mapping

from perilune.report.unit_labels import YES_OR_NO, criterion_cells, shown, spelled_out


def verdict_sentence(result: Mapping) -> str:
    """What happened and whether it was clean, from a `result.json`, in two or three sentences."""
    parts = [_opening(result)]
    touchdown = result["touchdown"]
    if touchdown is not None:
        parts += [_contact(touchdown, result["outcome"]), _struck(touchdown)]
    parts.append(_broken(result))
    return " ".join(part for part in parts if part)


def headline(result: Mapping) -> str:
    """The verdict in a few words."""
    if result["clean"]:
        return "Clean touchdown, off target" if is_off_target(result) else "Clean landing"
    if result["outcome"] == "LANDED":
        return "Landed, outside its limits"
    ended = outcome_words(result)
    return f"No touchdown: {ended}" if result["touchdown"] is None else f"Not landed: {ended}"


def is_off_target(result: Mapping) -> bool:
    """Whether the touchdown is clean and yet a criterion is not met: the distance from the aim."""
    return result["clean"] and bool(_unmet(result))


def outcome_words(result: Mapping) -> str:
    """`TIPPED_OVER` as `tipped over`."""
    return result["outcome"].replace("_", " ").lower()


def _opening(result: Mapping) -> str:
    faults = f" with {', '.join(result['faults'])}" if result["faults"] else ""
    who = f"{result['lander']}, mission {result['mission']}{faults},"
    if result["clean"]:
        how = f"touched down cleanly, but {_OFF_TARGET}" if is_off_target(result) else _CLEAN
        return f"{who} {how}."
    if result["touchdown"] is None:
        if result["outcome"] == "NUMERICAL_FAILURE":
            return f"{who} had not touched down when {_BROKE}."
        how = _IN_FLIGHT.get(result["outcome"], outcome_words(result))
        return f"{who} never touched down: {how}."
    how = _TOUCHED.get(result["outcome"], f"touched down, and then: {outcome_words(result)}")
    return f"{who} {how}."


_CLEAN = "made a clean landing"
_BROKE = "its numbers broke down: a fault of the simulation, and no result"
_OFF_TARGET = "farther from the aim point than the mission allows"
_IN_FLIGHT = {"SPUN_UP": "it turned faster and faster, out of control"}
_TOUCHED = {
    "LANDED": "came to rest upright on its legs, but not every limit of a clean landing was kept",
    "ON_ITS_HULL": "came to rest with its hull on the ground",
    "TIPPED_OVER": "touched down and tipped over",
    "CRASHED": "crashed, faster than the model of its legs is valid for",
    "TIMED_OUT": "touched down, but its time was up before it was at rest",
    "NUMERICAL_FAILURE": f"touched down, and then {_BROKE}",
}


def _contact(touchdown: Mapping, outcome: str) -> str:
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
    did = "struck the ground" if outcome == "CRASHED" else "touched down"
    return f"It {did} on {day} at {clock} UTC at {down} down and {across} across; {where}."


def _struck(touchdown: Mapping) -> str:
    """Each part of the lander that touched the ground, and how hard at most."""
    forces_n = touchdown.get("parts_n") or {}
    return " ".join(
        f"Its {name} struck the ground with {shown(force_n, 'N')}."
        for name, force_n in forces_n.items()
        if force_n > 0.0
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
    named = [f"{shown(far, 'm')} {way}" for off, way in parts if (far := _rounded(abs(off))) > 0.0]
    return ", ".join(named) or "at it"


def _rounded(distance_m: float) -> float:
    return round(distance_m, 1 if distance_m < 100.0 else 0)


def _unmet(result: Mapping) -> list[Mapping]:
    return [each for each in result["criteria"] if not each["met"]]


def _broken(result: Mapping) -> str:
    """The criteria that were not met, with the value and the limit of each."""
    unmet = _unmet(result)
    judged = "; ".join(_one(each) for each in unmet if each["value"] is not None)
    never = [spelled_out(each["name"]).lower() for each in unmet if each["value"] is None]
    sentences = [f"Not met: {judged}."] if judged else []
    if never:
        listed = " and ".join(filter(None, (", ".join(never[:-1]), never[-1])))
        sentences.append(f"Never reached, which counts as not met: {listed}.")
    return " ".join(sentences)


def _one(criterion: Mapping) -> str:
    """`tilt (12°, limit 10°)`; of a yes or no only the name."""
    value, limit, _ = criterion_cells(criterion)
    spoken = spelled_out(criterion["name"]).lower()
    if criterion["name"] in YES_OR_NO:
        return spoken
    if criterion["name"] == "leg_stroke_m":
        return f"{spoken} (all {limit} used)"
    return f"{spoken} ({value}, limit {limit})"
