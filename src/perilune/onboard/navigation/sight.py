"""What onboard models of sensors look at beside the estimate, and what the design gives them."""

from dataclasses import KW_ONLY, dataclass

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from perilune.onboard.upload import Chart


class Sight(eqx.Module):
    """The chart and the Moon's orientation at the instant of a reading."""

    _: KW_ONLY
    chart: Chart
    time_s: Float[Array, ""]
    fixed_from_inertial: Float[Array, "4"]
    spin_inertial_rad_s: Float[Array, "3"]
    rate_body_rad_s: Float[Array, "3"]
    label: str = eqx.field(static=True, default="")  # of the unit whose reading is used


@dataclass(frozen=True, kw_only=True)
class Craft:
    """What the design knows of the lander when it writes what is believed of its sensors."""

    landing_center_m: Float[np.ndarray, "3"]  # the centre of mass; mounts are counted from it
    braking_m_s2: float  # a typical deceleration
    map_lie_m2: Float[np.ndarray, "2"]  # variance of the map's place, along and across the track
    relief_m: float = 0.0  # one sigma of the ground below the map's resolution
    relief_length_m: float = 1.0  # its correlation is exp(-(d/L)^2)
    empty_mass_kg: float = 0.0  # one sigma of the mass with empty tanks
    waves_m: float = 0.0  # one sigma of the map's error over tens of kilometres
