"""The promise of `result.json`: its names, its schema, and how a flight fills them."""

import json
from collections.abc import Iterable, Mapping

from perilune.verdict.plain import plain

_TEXT = {"type": "string", "minLength": 1}
_NUMBER_OR_NULL = {"type": ["number", "null"]}
_UTC = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$"}

RUN = {
    "mission": (_TEXT, "the mission's name"),
    "seed": ({"type": "integer", "minimum": 0}, "the campaign's seed"),
    "run": ({"type": "integer", "minimum": 0}, "the run's number in that campaign"),
    "faults": ({"type": "array", "items": _TEXT}, "names of the faults that were put in"),
}
VERDICT = {
    "outcome": (
        {"type": "string", "pattern": "^[A-Z][A-Z_]*$"},
        "how the flight ended, the first thing that ended it",
    ),
    "clean": (
        {"type": "boolean"},
        "on its feet, whole, and inside every limit of the lander",
    ),
}
TOUCHDOWN = {
    "utc": (_UTC, "first contact"),
    "vertical_speed_m_s": (
        _NUMBER_OR_NULL,
        "of the centre of mass at first contact, relative to the ground, down positive",
    ),
    "horizontal_speed_m_s": (
        _NUMBER_OR_NULL,
        "of the centre of mass at first contact, relative to the ground",
    ),
    "tilt_at_contact_deg": (_NUMBER_OR_NULL, "from local vertical at first contact"),
    "tilt_deg": (_NUMBER_OR_NULL, "from local vertical at rest"),
    "latitude_deg": (_NUMBER_OR_NULL, "at rest, planetocentric, MOON_ME"),
    "longitude_deg": (_NUMBER_OR_NULL, "at rest, east positive, MOON_ME"),
    "miss_m": (_NUMBER_OR_NULL, "horizontal distance from the aim point at rest"),
    "propellant_kg": (_NUMBER_OR_NULL, "left when the flight ended"),
    "peak_leg_load_n": (_NUMBER_OR_NULL, "largest normal force of the ground on a footpad"),
}
CRITERION = {
    "name": (_TEXT, "what is judged; it ends in its unit"),
    "value": (_NUMBER_OR_NULL, "what this flight did; null where it never came to that"),
    "limit": (_NUMBER_OR_NULL, "what is allowed"),
    "margin": (_NUMBER_OR_NULL, "how far inside the limit; negative when outside"),
    "met": ({"type": "boolean"}, "whether the value is inside the limit"),
}
EVENT = {
    "name": (_TEXT, "what happened"),
    "utc": (_UTC, "when"),
    "time_s": ({"type": "number"}, "seconds after the start of the flight"),
}


def result_document(
    run: Mapping,
    verdict: Mapping,
    touchdown: Mapping | None,
    criteria: Iterable[Mapping],
    events: Iterable[Mapping],
    provenance: Mapping,
) -> dict:
    """The document `result.json` holds, of plain types only, null for whatever did not happen.

    Each argument has exactly the names of the table above it belongs to: `RUN`, `VERDICT`,
    `TOUCHDOWN` (None with no touchdown), `CRITERION`, `EVENT`; numpy's scalars are welcome.
    `provenance` is free. Raises ValueError naming what is missing or too much.
    """
    document = {
        **_exactly(RUN, run, "run"),
        **_exactly(VERDICT, verdict, "verdict"),
        "touchdown": None if touchdown is None else _exactly(TOUCHDOWN, touchdown, "touchdown"),
        "criteria": [_exactly(CRITERION, each, "criterion") for each in criteria],
        "events": [_exactly(EVENT, each, "event") for each in events],
        "provenance": dict(provenance),
    }
    return plain(document)


def result_text(document: Mapping) -> str:
    """The document as JSON text; a not-a-number left in it is our own mistake and raises."""
    return json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def result_json_schema() -> dict:
    """The JSON schema (2020-12) that every `result.json` satisfies."""
    body = _object({**RUN, **VERDICT})
    body["properties"] |= {
        "touchdown": {"anyOf": [_object(TOUCHDOWN), {"type": "null"}]},
        "criteria": {"type": "array", "items": _object(CRITERION)},
        "events": {"type": "array", "items": _object(EVENT)},
        "provenance": {"type": "object", "description": "what this result was made from"},
    }
    body["required"] = list(body["properties"])
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "result", **body}


def _exactly(table: Mapping, given: Mapping, what: str) -> dict:
    if set(given) != set(table):
        missing = ", ".join(name for name in table if name not in given) or "nothing"
        extra = ", ".join(sorted(set(given) - set(table))) or "nothing"
        raise ValueError(
            f"A {what} must have {', '.join(table)}; missing {missing}, extra {extra}."
        )
    return {name: given[name] for name in table}


def _object(table: Mapping) -> dict:
    return {
        "type": "object",
        "properties": {name: {**kind, "description": why} for name, (kind, why) in table.items()},
        "required": list(table),
        "additionalProperties": False,
    }
