"""What a mission declares of a state vector: where its lander is, and how fast, at an instant."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from perilune.interfaces.table import Table
from perilune.mechanics.constants import MOON_GM_M3_S2, MOON_TURN_RAD_S
from perilune.mechanics.ellipse import radii_of_state_m
from perilune.mission.utc_instant import Instant

Coordinate = Annotated[float, Field(ge=-30_000_000.0, le=30_000_000.0)]
Component = Annotated[float, Field(ge=-10_000.0, le=10_000.0)]


class State(Table):
    """A state vector about the Moon's centre, in place of `[orbit]`: the flight is on its path."""

    epoch_utc: Instant
    """Its instant, such as "2025-03-06T16:24:00Z", at most a day from the landing."""
    frame: Literal["icrf", "moon_me", "moon_pa"]
    """Its axes: `icrf` does not turn (J2000, EME2000); `moon_me` and `moon_pa` turn with the Moon,
    by its mean Earth direction and its principal axes, and the velocity is against them."""
    position_m: tuple[Coordinate, Coordinate, Coordinate]
    """From the Moon's centre."""
    velocity_m_s: tuple[Component, Component, Component]
    """Against the axes of the frame."""
    at: Literal["orbit", "ignition"] = "orbit"
    """What it is of: `orbit`, from which burn and ignition are found, or `ignition` itself."""

    @property
    def radii_m(self) -> tuple[float, float]:
        """Perilune and apolune of the ellipse that touches the path; apolune infinite if open."""
        place, speed = np.array(self.position_m), np.array(self.velocity_m_s)
        if self.frame != "icrf":
            speed = speed + np.cross([0.0, 0.0, MOON_TURN_RAD_S], place)
        return radii_of_state_m(MOON_GM_M3_S2, place, speed)
