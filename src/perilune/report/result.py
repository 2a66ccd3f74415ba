"""`result.json`: the model that declares it, and how a flight fills it."""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field

from perilune.verdict.document import (
    Count,
    Document,
    Text,
    Utc,
    checked,
    described,
    json_schema_of,
)
from perilune.verdict.plain import plain


class Aim(Document):
    """The aim point, where it truly is and where the map has it."""

    aim_true_latitude_deg: float = described(
        "where the aim point truly is, planetocentric, MOON_ME"
    )
    aim_true_longitude_deg: float = described(
        "where the aim point truly is, east positive, MOON_ME"
    )
    aim_map_latitude_deg: float = described(
        "where the map has it: the site's latitude, or that of the target of the last phase"
    )
    aim_map_longitude_deg: float = described(
        "where the map has it: the site's longitude, or that of the target of the last phase"
    )
    aim_radius_m: float = described(
        "from the Moon's centre to the true aim point; distances are along this sphere"
    )
    map_error_east_m: float = described("how far it truly lies east of where the map has it")
    map_error_north_m: float = described("how far it truly lies north of where the map has it")


class Touchdown(Document):
    """First contact and rest."""

    utc: Utc = described("first contact")
    vertical_speed_m_s: float | None = described(
        "of the centre of mass at first contact, relative to the ground, down positive"
    )
    horizontal_speed_m_s: float | None = described(
        "of the centre of mass at first contact, relative to the ground"
    )
    tilt_at_contact_deg: float | None = described("from local vertical at first contact")
    tilt_deg: float | None = described("from local vertical at rest")
    rest_true_latitude_deg: float | None = described("at rest, truly, planetocentric, MOON_ME")
    rest_true_longitude_deg: float | None = described("at rest, truly, east positive, MOON_ME")
    rest_map_latitude_deg: float | None = described("where the map draws the ground it rests on")
    rest_map_longitude_deg: float | None = described("where the map draws the ground it rests on")
    miss_m: float | None = described(
        "at rest, distance over the true ground from where the aim point truly is"
    )
    miss_east_m: float | None = described("the part of that distance east of the aim point")
    miss_north_m: float | None = described("the part of that distance north of the aim point")
    propellant_kg: float | None = described("left when the flight ended")
    peak_leg_load_n: float | None = described("largest normal force of the ground on a footpad")
    secondary_stroke_m: float | None = described(
        "largest stroke of a secondary strut, pressed or pulled; 0 where the legs have none"
    )
    pad_sinkage_m: float | None = described("how deep the deepest footpad sank into the soil")
    strike_n: float | None = described(
        "largest normal force of the ground on hull or bells; null where they never touched"
    )
    strike_x_m: float | None = described("where that was on the vehicle, body frame")
    strike_y_m: float | None = described("the same")
    strike_z_m: float | None = described("the same")
    bell_clearance_m: float | None = described(
        "at rest, of the lowest rim of an engine's bell over the ground"
    )
    parts_n: dict[str, float] = described(
        "largest normal force of the ground on each part that the lander's file declares, by name"
    )


class Criterion(Document):
    """One criterion, as this flight met it or not."""

    name: Text = described("what is judged; it ends in its unit")
    value: float | None = described("what this flight did; null where it never came to that")
    limit: float | None = described("what is allowed")
    margin: float | None = described("how far inside the limit; negative when outside")
    met: bool = described("whether the value is inside the limit")


class ControlShort(Document):
    """How long the actuators could not make what guidance and the attitude loop wanted."""

    thrust_short_s: float = described(
        "time in powered descent in which the commanded thrust differed from the thrust wanted by "
        "more than 1 % of full thrust"
    )
    torque_short_s: float = described(
        "time in powered descent in which the commanded torque differed from the torque wanted by "
        "more than gives the full lander 0.1 deg/s2 of angular acceleration"
    )


class Happening(Document):
    """One event of the flight."""

    name: Text = described("what happened")
    utc: Utc = described("when")
    time_s: float = described("seconds after the start of the flight")


class Result(Document):
    """The whole document."""

    mission: Text = described("the mission's name")
    lander: Text = described("the lander's name")
    seed: Count = described("the campaign's seed")
    run: Count = described("the run's number in that campaign")
    faults: list[Text] = described("names of the faults that were put in")
    outcome: Annotated[str, Field(pattern="^[A-Z][A-Z_]*$")] = described(
        "how the flight ended, the first thing that ended it"
    )
    clean: bool = described("on its feet, whole, and inside every limit of the lander")
    aim: Aim = described("the aim point, where it truly is and where the map has it")
    control: ControlShort = described("what the actuators could not make")
    touchdown: Touchdown | None = described("first contact and rest; null where nothing touched")
    criteria: list[Criterion] = described("each criterion, met or not")
    events: list[Happening] = described("what happened, in order of time")
    provenance: dict[str, Any] = described("what this result was made from")


def result_document(
    run: Mapping,
    verdict: Mapping,
    touchdown: Mapping | None,
    criteria: Iterable[Mapping],
    events: Iterable[Mapping],
    provenance: Mapping,
) -> dict[str, Any]:
    """The document `result.json` holds, of plain types only, null for whatever did not happen.

    `run` and `verdict` together have the names of `Result` down to `aim`, the others those of the
    model of their name; numpy's scalars are welcome. `provenance` is free. Raises ValueError
    naming what is missing, too much or of another kind.
    """
    document = {
        **run,
        **verdict,
        "touchdown": touchdown,
        "criteria": list(criteria),
        "events": list(events),
        "provenance": dict(provenance),
    }
    ordered = {name: document[name] for name in Result.model_fields if name in document}
    return checked(Result, plain({**ordered, **document}))


def result_text(document: Mapping) -> str:
    """The document as JSON text; a not-a-number left in it is our own mistake and raises."""
    return json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False) + "\n"


def result_json_schema() -> dict[str, Any]:
    """The JSON schema (2020-12) that every `result.json` satisfies."""
    return json_schema_of(Result, "result")
