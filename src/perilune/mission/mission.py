"""What a resolved mission says: when, where, with what, from which orbit, judged how."""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, field_validator
from pydantic_core import PydanticCustomError

from perilune.mission.draft import Draft
from perilune.mission.fault import Fault
from perilune.mission.lander import Lander
from perilune.mission.site import Site
from perilune.mission.table import Angle, Fraction, Name, NotNegative, Positive, Table

DISPERSIBLE = (
    "lander.engine.max_thrust",
    "lander.engine.specific_impulse",
    "lander.mass.dry",
)

_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z?")


class Orbit(Table):
    """The circular polar orbit before descent; "southbound" arrives from the north."""

    altitude_m: Annotated[float, Field(ge=15_000.0, le=500_000.0)]
    approach: Literal["southbound", "northbound"]


class Masses(Table):
    """Mass at separation, and what was flown before this flight begins."""

    separation_kg: Positive
    corrections_m_s: NotNegative
    insertion_m_s: NotNegative


class Descent(Table):
    """The shape of the descent; altitudes over the sphere, heights over the site."""

    lead_time_s: Positive
    ignition_altitude_m: Positive
    peak_thrust_fraction: Annotated[float, Field(gt=0.0, le=1.0)]
    clearance_m: NotNegative
    clearance_until_m: Positive
    gate_height_m: Positive
    gate_range_m: Positive
    gate_descent_rate_m_s: Positive
    gate_forward_speed_m_s: Positive
    low_gate_height_m: Positive
    descent_rate_m_s: Positive
    final_height_m: Positive
    final_descent_rate_m_s: Positive


class Navigation(Table):
    """What is not known at the start: one sigma along the track, across it, along the radius."""

    along_track_m: Positive
    cross_track_m: Positive
    radial_m: Positive
    along_track_speed_m_s: Positive
    cross_track_speed_m_s: Positive
    radial_speed_m_s: Positive
    attitude_rad: Angle


class World(Table):
    """How finely truth and the flight software know the gravity field."""

    gravity_file: str
    gravity_degree: Annotated[int, Field(ge=0, le=150)]
    onboard_gravity_degree: Annotated[int, Field(ge=0, le=50)]


class Criteria(Table):
    """Criteria of the mission's own; what makes a touchdown clean is in `lander.limits`."""

    miss_m: Positive


class Dispersion(Table):
    """A value drawn for each flight about the one in the file."""

    path: str
    distribution: Literal["normal"]
    sigma_fraction: Fraction

    @field_validator("path")
    @classmethod
    def _can_be_drawn(cls, path):
        if path not in DISPERSIBLE:
            raise PydanticCustomError(
                "quantity",
                'must be one that can be drawn, {known}, but is "{path}"',
                {"known": " or ".join(f"`{each}`" for each in DISPERSIBLE), "path": path},
            )
        return path


class Mission(Table):
    """A mission with its lander, site and faults filled in."""

    schema_number: Literal[1] = Field(alias="schema")
    name: Name
    title: str
    summary: str
    landing_utc: str
    lander: Lander
    site: Site
    orbit: Orbit
    masses: Masses
    descent: Descent
    navigation: Navigation
    world: World
    criteria: Criteria
    dispersions: tuple[Dispersion, ...] = ()
    faults: dict[str, Fault] = Field(default_factory=dict)
    _draft: Draft = PrivateAttr(default_factory=Draft)

    def note(self, draft: Draft):
        """Keep what the mission was made from."""
        self._draft = draft

    @property
    def sources(self) -> dict[str, str]:
        """Where each value comes from: its path → the tag of its source."""
        return self._draft.tags

    @property
    def origins(self) -> dict[str, str]:
        """What set each value: its path → a file, or `--set`."""
        return self._draft.origins

    @property
    def written(self) -> dict:
        """The values as files and settings have them, resolved, before they became SI."""
        return self._draft.values

    @field_validator("landing_utc")
    @classmethod
    def _an_instant(cls, text):
        try:
            if not _UTC.fullmatch(text):
                raise ValueError(text)
            datetime.fromisoformat(text)
        except ValueError as error:
            what = 'must be a UTC instant such as "2025-03-06T17:32:00Z", but is "{text}"'
            raise PydanticCustomError("quantity", what, {"text": text}) from error
        return text
