"""A phase of a descent as the mission's file has it: what flies it, and what ends it.

A guidance law is declared here: its name and role in `ROLES`, and the figures of its own, if any,
in `Phase`. The law itself is `onboard/guidance/<name>.py`.
"""

from collections.abc import Iterable
from typing import Annotated, Literal, get_args

from pydantic import Field

from perilune.interfaces.table import NotNegative, Positive, Table, Why

Role = Literal["coast", "orbit_burn", "braking", "approach", "vertical_descent"]
"""What a phase is for, which is what design asks of its law and what the log calls its events.

`coast` asks for nothing. `orbit_burn` gains the planned velocity along the planned direction.
`braking` leads from the planned ignition to the gate, which it reaches with the gate's velocity.
`approach` leads on from there, and `vertical_descent` to the ground.
"""
ROLES: dict[str, Role] = {
    "no_thrust": "coast",
    "orbit_burn": "orbit_burn",
    "braking": "braking",
    "quadratic_braking": "braking",
    "approach": "approach",
    "quadratic_approach": "approach",
    "vertical_descent": "vertical_descent",
}
"""Every guidance law and its role."""
STEERING_ROLES = ("approach", "vertical_descent")
"""Of the phases that may steer to a place of their own."""
LAWS = tuple(ROLES)
Law = Literal[LAWS]  # type: ignore[valid-type]
Attitude = Literal["burn", "retrograde", "thrust_in_orbit", "thrust", "hold", "upright"]
Beam = Literal["canted", "axial"]
Pace = Literal["short", "wait", "long"]
Instant = Literal["burn", "burn_complete", "final_height"]
ATTITUDES, BEAMS, PACES = map(get_args, (Attitude, Beam, Pace))


LeastTimeToGo = Annotated[
    float, Field(ge=1.0), Why("guidance never has less left than 1 s, so the phase would not end")
]


class Ends(Table):
    """What ends a phase: the first of these that is true. The last phase ends with contact."""

    at: Instant | None = None
    """A point of the design: `burn`, when the descent-orbit burn is due; `burn_complete`, when its
    speed is gained but for the engine's tail; `final_height`, that of `[descent]`."""
    to_ignition_s: NotNegative | None = None
    """Time to the range of ignition at the present speed, at most."""
    time_to_go_s: LeastTimeToGo | None = None
    """That guidance has left to its target, at most."""
    height_m: NotNegative | None = None
    """Of the footpads over the ground, at most."""
    speed_m_s: NotNegative | None = None
    """Over the ground, at most."""
    range_m: NotNegative | None = None
    """Along the ground to the site, at most."""
    duration_s: NotNegative | None = None
    """Of the phase, at least."""


Reaching = Annotated[float, Field(ge=-1e6, le=1e6), Why("the Moon is no larger")]
Speed = Annotated[float, Field(ge=-3_000.0, le=3_000.0), Why("it is no descent that ends faster")]
Pull = Annotated[float, Field(ge=-100.0, le=100.0), Why("no lander brakes harder")]
Slowing = Annotated[float, Field(gt=0.0, le=100.0), Why("no lander brakes harder")]
Jerk = Annotated[float, Field(ge=-10.0, le=10.0), Why("no engine changes its thrust faster")]
TargetOffset = Annotated[
    float, Field(ge=-1_000.0, le=1_000.0), Why("the map about the site reaches no further")
]


class Phase(Table):
    """One phase; figures left out are those of `[descent]`."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    """For telemetry, and for paths: `--set descent.phases.braking.law=…`."""
    law: Law
    """Guidance: a module of `onboard/guidance/`."""
    engine: bool
    """Whether the engines burn."""
    engines: tuple[str, ...] = ()
    """Which of several do, by name; all where none is named."""
    nozzles: tuple[str, ...] = ()
    """Which of them turn it, by their paths, such as the group `thrusters.small`; all where none is
    named."""
    sensors: tuple[str, ...] = ()
    """What navigation listens to beside the inertial units: kinds such as `altimeter`, or units
    such as `altimeter.left`; everything fitted where none is named."""
    attitude: Attitude
    """Body z: along the planned `burn`; against the velocity, turning with the orbit
    (`retrograde`); along guidance's thrust, turning with the orbit or not; as the vehicle stood
    when the phase began (`hold`), whatever direction guidance wants; or `upright` but for its
    `lean`."""
    lean_rad: Annotated[float, Field(ge=-1.5, le=1.5)] = 0.0
    """Of body z from the local vertical towards body +x, where `attitude` is `upright`."""
    altimeter_beam: Beam = "canted"
    """Which one is listened to."""
    pace: Pace = "short"
    """Ticks of 0.1 s, or of 2.5 s where nothing is about to happen: all through (`long`), or until
    a minute before the descent-orbit burn (`wait`)."""
    ends: Ends = Field(default_factory=Ends)
    low_gate_height_m: Positive | None = None
    """Where law `approach` aims, over the ground."""
    descent_rate_m_s: NotNegative | None = None
    """There, and the fastest of law `vertical_descent`; with zero it hovers."""
    final_height_m: Positive | None = None
    """Where law `vertical_descent` has slowed down to its final rate."""
    final_descent_rate_m_s: NotNegative | None = None
    """That rate."""
    deceleration_m_s2: Slowing | None = None
    """At which law `vertical_descent` slows down to it, so that the rate goes by the root of the
    height; by the height itself where this is left out."""
    target_position_m: tuple[Reaching, Reaching] | None = None
    """Of the laws `quadratic_braking` and `quadratic_approach`, which fly a profile that ends here:
    from the aim point, downrange (level, along the track) and up."""
    target_velocity_m_s: tuple[Speed, Speed] | None = None
    """There, in the same axes, over the turning ground."""
    target_acceleration_m_s2: tuple[Pull, Pull] | None = None
    """There, of thrust and gravity together; downrange below zero."""
    target_jerk_m_s3: Jerk | None = None
    """Downrange there: the time to go is solved from it."""
    throttle_fraction: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    """Of full thrust, throughout the phase, whatever its law asks for."""
    target_east_m: TargetOffset = 0.0
    """Where laws `approach` and `vertical_descent` steer to, from the site. That of the last phase
    is the aim point, from which a miss counts; a phase after it that steers nowhere, such as a fall
    with the engines off, has its."""
    target_north_m: TargetOffset = 0.0
    """The same, to the north."""

    @property
    def role(self) -> Role:
        """What the phase is for: the role of its law."""
        return ROLES[self.law]


FIGURES = tuple(
    name for name, field in Phase.model_fields.items() if type(None) in get_args(field.annotation)
)
"""Those of guidance laws, which a phase may have of its own."""
TARGETS = (
    "target_position_m",
    "target_velocity_m_s",
    "target_acceleration_m_s2",
    "target_jerk_m_s3",
)
NEEDED: dict[str, tuple[str, ...]] = {"quadratic_braking": TARGETS, "quadratic_approach": TARGETS}
"""Figures of a law for which `[descent]` has none, so that its phases must."""


def led_to_m(phases: Iterable[Phase]) -> tuple[tuple[float, float], ...]:
    """Where each phase leads, east and north of the site.

    One that steers nowhere, such as a fall with the engines off, leads where that before it did.
    """
    led, here_m = [], (0.0, 0.0)
    for phase in phases:
        if phase.role in STEERING_ROLES:
            here_m = (phase.target_east_m, phase.target_north_m)
        led.append(here_m)
    return tuple(led)


LANDED = Phase(
    name="landed",
    law="no_thrust",
    engine=False,
    attitude="thrust",
    altimeter_beam="axial",
)
"""What follows the last phase of every list when a footpad switch closes."""
