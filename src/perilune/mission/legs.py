"""What a lander file says of its legs: where the pads are, the struts, what breaks them."""

from typing import Annotated

from pydantic import Field

from perilune.interfaces.table import (
    Direction,
    Fraction,
    Friction,
    Length,
    NotNegative,
    Positive,
    Table,
    Vector,
)


class Pad(Table):
    """One footpad."""

    position_m: Vector
    """Of its centre, in the body frame."""
    crush_direction: Direction = (0.0, 0.0, 1.0)
    """Which way it goes as its leg crushes, in the body frame; of a leg without `secondaries`."""


class Stage(Table):
    """A stage of a strut's crush, from where the stage before it ended."""

    to_m: Length
    """Stroke at which it ends."""
    force_n: Positive
    """At which the strut crushes meanwhile."""


Stages = Annotated[tuple[Stage, ...], Field(min_length=1, max_length=8)]


class Secondaries(Table):
    """Two struts across each leg, from the primary strut to the hull, alike on both sides.

    The primary strut then leans, from the pad to its hinge on the hull, both in the upright plane
    of the leg; without this table it stands along body z, and nothing gives way across it.
    """

    hinge_radius_m: NotNegative
    """From the axis to the upper end of the primary strut."""
    hinge_height_m: Length
    """Of that end, over the plane of the undeployed footpads."""
    joint_fraction: Annotated[Fraction, Field(gt=0.05)]
    """Where the secondary struts meet the primary one: its share of the way from hinge to pad."""
    fitting_radius_m: NotNegative
    """From the axis to where they meet the hull, along the leg's azimuth."""
    fitting_height_m: NotNegative
    """Of their ends on the hull, over the plane of the undeployed footpads."""
    fitting_aside_m: Length
    """How far each of these ends stands aside of the leg's plane."""
    compression: Stages
    """Force by stroke when pressed, by rising stroke."""
    tension: Stages
    """Force by stroke when pulled, by rising stroke."""


class Legs(Table):
    """Legs evenly spaced, or each where it stands; a leg without struts across
    crushes along body z, or as its pad has it."""

    count: Annotated[int, Field(ge=3, le=8)]
    """How many."""
    tread_radius_m: Length
    """From the axis to the centre of a pad, of the pad furthest out."""
    first_azimuth_rad: Annotated[float, Field(ge=0.0, lt=6.283185307179586)]
    """Of one leg, from +x towards +y; the others follow evenly spaced."""
    pads: Annotated[tuple[Pad, ...], Field(max_length=8)] = ()
    """Where each pad is, one by one, if they are not evenly spaced at one height."""
    stroke_m: Length
    """How far the primary strut may crush, all stages together."""
    crush_force_n: Positive
    """At which the primary strut crushes, in its last stage."""
    early_stages: Annotated[tuple[Stage, ...], Field(max_length=7)] = ()
    """Stages of the primary strut before that one, by rising stroke."""
    secondaries: Secondaries | None = None
    """Struts across the leg."""
    ultimate_load_n: Positive | None = None
    """On its pad, past which a leg breaks and carries nothing more; never where left out."""
    pad_radius_m: Length = 0.15
    """Of a pad, which is round and flat; only soil asks for it."""
    stiffness_n_per_m: Positive
    """Of a leg before it crushes."""
    damping_n_s_per_m: NotNegative
    """Of a leg, beside its stiffness; the page of contact has the rule it follows."""
    friction_factor: Friction
    """Between pad and ground."""
