"""What a resolved mission declares: when, where, with what, from which orbit, judged how."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr

from perilune.folders import Folders
from perilune.interfaces.descent_phase import Phase, led_to_m
from perilune.interfaces.table import Fraction, Name, NotNegative, Positive, SmallAngle, Table, Why
from perilune.mission.contact_push import ContactPush
from perilune.mission.dispersion_entry import Dispersion
from perilune.mission.draft import Draft
from perilune.mission.error_model import Errors, StartErrors
from perilune.mission.fault import Fault
from perilune.mission.lander import Lander
from perilune.mission.number_at import with_number
from perilune.mission.parameters import Leaf
from perilune.mission.sides import BELIEF, TRUTH
from perilune.mission.site import Site
from perilune.mission.standard_phases import STANDARD_PHASES
from perilune.mission.state_vector import State
from perilune.mission.utc_instant import Instant

Altitude = Annotated[
    float, Field(ge=5_000.0, le=20_000_000.0), Why("lower is ground, higher is the Earth's")
]


class Orbit(Table):
    """The orbit before descent. A circular one has its perilune as high as its apolune."""

    perilune_m: Altitude
    """Least altitude over the sphere of 1,737.4 km, before the descent-orbit burn; where there is
    none, braking begins here, at `descent.ignition_altitude`."""
    apolune_m: Altitude
    """Greatest altitude over that sphere. The descent-orbit burn is made here."""
    inclination_rad: Annotated[float, Field(ge=0.0, le=math.pi)] = math.pi / 2
    """To the Moon's equator when it lands; over 90 deg it goes west. It must pass over the site."""
    approach: Literal["southbound", "northbound"]
    """Which way the flight goes at the site; `southbound` comes from the north."""

    def heading(self, latitude_rad: float) -> tuple[float, float]:
        """Eastward and northward part of the motion over a latitude, a unit vector.

        In axes that do not turn: cos i = cos(latitude) sin(azimuth), azimuth clockwise from north.
        """
        east = math.sin(math.pi / 2 - self.inclination_rad) / math.cos(latitude_rad)
        east = min(max(east, -1.0), 1.0)  # the mission's checks have refused what is far beyond
        north = math.sqrt(1.0 - east**2)
        return east, -north if self.approach == "southbound" else north

    def azimuth_rad(self, latitude_rad: float) -> float:
        """Of that motion, clockwise from north, -pi to pi."""
        return math.atan2(*self.heading(latitude_rad))


class Masses(Table):
    """Mass at separation, and what was flown before this flight begins."""

    separation_kg: Positive
    """Of the whole vehicle when it left the launcher."""
    corrections_m_s: NotNegative
    """Spent on course corrections before the flight."""
    insertion_m_s: NotNegative
    """Spent on lunar orbit insertion before the flight."""


class Descent(Table):
    """The shape of the descent; altitudes over the sphere, heights over the site."""

    lead_time_s: NotNegative | None = None
    """From the start of the flight to the descent-orbit burn; where there is none, to ignition, at
    which the flight starts where it is zero. Left out, it starts at the instant of `[state]`."""
    deorbit_throttle_fraction: Fraction = 0.0
    """Of full thrust in the descent-orbit burn; no less than the floor of its engines."""
    ignition_altitude_m: Positive
    """Of the braking burn, over the sphere; without a descent-orbit burn that of the path there."""
    braking_time_s: NotNegative = 0.0
    """From ignition to the gate; where it is zero, that of the least propellant."""
    peak_thrust_fraction: Annotated[float, Field(gt=0.0, le=1.0)]
    """Greatest planned thrust, of full thrust."""
    clearance_m: NotNegative
    """Least planned height over the terrain."""
    clearance_until_m: Annotated[
        float, Field(gt=0.0, le=100_000.0), Why("further off the lander is still in orbit")
    ]
    """Distance from the site up to which it holds."""
    gate_height_m: Positive
    """Where braking ends and approach begins, over the site."""
    gate_range_m: Positive
    """Horizontal distance from the site there."""
    gate_descent_rate_m_s: Positive
    """Speed down there."""
    gate_forward_speed_m_s: Positive
    """Horizontal speed there."""
    low_gate_height_m: Positive
    """Where the vertical descent begins, over the site."""
    descent_rate_m_s: Positive
    """Of the vertical descent."""
    final_height_m: Positive
    """Where the final descent begins, over the ground."""
    final_descent_rate_m_s: Positive
    """Of the final descent, to contact."""
    contact_push: ContactPush | None = None
    """What nozzles do when it has touched down; nothing where left out."""
    phases: Annotated[tuple[Phase, ...], Field(min_length=2, max_length=32)] = STANDARD_PHASES
    """In order; left out, those of `catalog/missions/athena.toml`."""

    @property
    def target_m(self) -> tuple[float, float]:
        """Where the last phase leads, east and north of the site: the flight's aim point."""
        return led_to_m(self.phases)[-1]

    @property
    def last_engines(self) -> tuple[str, ...]:
        """The names of the engines that burn last, in the phase before a fall if it ends with one;
        none where all burn."""
        return next((each.engines for each in reversed(self.phases) if each.engine), ())


UNKNOWN = Why("an orbit known no better is not one to descend from")
Unsure = Annotated[float, Field(gt=0.0, le=100_000.0), UNKNOWN]
UnsureSpeed = Annotated[float, Field(gt=0.0, le=100.0), UNKNOWN]


class Navigation(Table):
    """Uncertainty at the start: one sigma along the track, across it, along the radius."""

    along_track_m: Unsure
    """Of position."""
    cross_track_m: Unsure
    """Of position."""
    radial_m: Unsure
    """Of position."""
    along_track_speed_m_s: UnsureSpeed
    """Of velocity."""
    cross_track_speed_m_s: UnsureSpeed
    """Of velocity."""
    radial_speed_m_s: UnsureSpeed
    """Of velocity."""
    attitude_rad: SmallAngle
    """About each axis."""


class World(Table):
    """How finely truth and the flight software know the gravity field."""

    gravity_file: str
    """A file in the gravity folder of the data, an absolute path, or "GRGM1200A" for the field of
    the package; "" for the built-in one."""
    gravity_degree: Annotated[int, Field(ge=0, le=300)] = 150
    """Degree and order of the true field, at most what the file holds."""
    onboard_gravity_degree: Annotated[int, Field(ge=0, le=50)]
    """Degree and order of the field carried on board."""


class Criteria(Table):
    """Criteria of the mission's own; what makes a touchdown clean is in `lander.limits`."""

    miss_m: Positive
    """Greatest horizontal distance at rest from the aim point: the site, or where the last phase
    has its target."""


class Mission(Table):
    """A mission with its lander, site and faults filled in."""

    schema_number: Literal[1] = Field(alias="schema")
    """The version of this format."""
    name: Name
    """As the file is called."""
    title: str
    """For people."""
    summary: str
    """A sentence for people."""
    landing_utc: Instant
    """When the plan aims to touch down, such as "2025-03-06T17:32:00Z"; of a flight on the path of
    `[state]`, which comes when it comes, the pass over the site that is nearest to this."""
    lander: Lander
    site: Site
    orbit: Orbit | None = None
    state: State | None = None
    masses: Masses
    descent: Descent
    navigation: Navigation
    world: World
    criteria: Criteria
    start: StartErrors = Field(default_factory=StartErrors)
    errors: Errors = Field(default_factory=Errors)
    dispersions: tuple[Dispersion, ...] = ()
    faults: dict[str, Fault] = Field(default_factory=dict)
    _draft: Draft = PrivateAttr(default_factory=Draft)
    _apart: Mapping[str, tuple[Leaf, ...]] = PrivateAttr(default_factory=dict)

    def note(self, draft: Draft, apart: Mapping[str, tuple[Leaf, ...]]) -> None:
        """Keep what the mission was made from, and the numbers of each side that are its own."""
        self._draft, self._apart = draft, apart

    def with_text(self, path: str, text: str, tag: str) -> Self:
        """The same with a value written out that its files leave out, and where it is from."""
        copied = self.model_copy()
        copied.note(self._draft.with_text(path, text, tag), self._apart)
        return copied

    @property
    def in_truth(self) -> Self:
        """The mission with the numbers of truth, which a flight is flown with."""
        return self._of(TRUTH)

    @property
    def as_believed(self) -> Self:
        """The mission with the numbers that design and flight software have."""
        return self._of(BELIEF)

    def apart(self, side: str) -> dict[str, Any]:
        """Path → value as written, of what "truth" or "belief" has for itself."""
        return self._draft.apart(side)

    @property
    def shared(self) -> dict:
        """The values as written that both sides have."""
        return self._draft.shared

    def _of(self, side: str) -> Self:
        own = self._apart.get(side, ())
        if not own:
            return self
        mission = self
        for leaf in own:
            mission = with_number(mission, leaf, leaf.value)
        mission.note(self._draft.seen_from(side), {})
        return mission

    @property
    def folders(self) -> Folders:
        """Where its measured data and the files it names were looked for."""
        return self._draft.folders

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
