"""What may happen to parts of the vehicle that are no signal: tanks, computer, footpad switches."""

from typing import Annotated, Any

from pydantic import Field

from perilune.interfaces.signal_fault import Onset
from perilune.interfaces.table import Direction, NotNegative, Table, Vector, Why

Jump = Annotated[
    float, Field(ge=-1e4, le=1e4), Why("a flight from orbit to the ground takes no longer")
]
Leg = Annotated[int, Field(ge=0, le=7)]


class PropellantFault(Onset):
    """What happens to the propellant."""

    leak_kg_s: NotNegative = 0.0
    """Propellant lost overboard, from the tanks by what they hold; nothing once they are dry."""
    leak_speed_m_s: Annotated[float, Field(ge=0.0, le=3_000.0)] = 0.0
    """With which it leaves: the leak pushes the lander the other way."""
    leak_direction: Direction = (1.0, 0.0, 0.0)
    """In which it leaves, body axes."""
    leak_place_m: Vector = (0.0, 0.0, 0.0)
    """Where it leaves, in the body frame."""


class ComputerFault(Onset):
    """What happens to the computer that the flight software runs on."""

    down: bool = False
    """The flight software does not run; it goes on from its memory of before, which it brings up
    to date by its clock and gravity alone."""
    holds_command: bool = False
    """While it is down engines and nozzles obey the last command; without it everything is off."""
    clock_jump_s: Jump = 0.0
    """Its clock is off by so much; those of the sensors are not."""


class ContactSwitchesFault(Onset):
    """What happens to the switches in the footpads."""

    legs: tuple[Leg, ...] = ()
    """Of which legs, counted from 0 in the order of the lander's file; of every one if empty."""
    silent: bool = False
    """They do not close."""
    closed: bool = False
    """They are closed, whether a pad is on the ground or not."""


PART_FAULTS: dict[str, type[Onset]] = {
    "propellant": PropellantFault,
    "computer": ComputerFault,
    "contact_switches": ContactSwitchesFault,
}
"""Tables of a fault's file by what they are of."""
DETAILS = ("legs", "leak_speed_m_s", "leak_direction", "leak_place_m", "holds_command")
"""Keys that say of what or how, and do nothing by themselves."""
ALONG = {"leak_kg_s": DETAILS[1:4], "down": DETAILS[4:]}
"""The details that an effect needs."""


def part_numbers(table: Table, leg_count: int) -> dict[str, Any]:
    """Of a table, which legs are struck: 1 of those named, of all if none is, else 0."""
    if not isinstance(table, ContactSwitchesFault):
        return {}
    named = table.legs
    return {"legs": tuple(float(not named or leg in named) for leg in range(leg_count))}
