"""What the filter may know of a map's long waves: how high they are, and how far apart they differ.

The waves are sines of random direction along the ground. Of one of wave number k the heights a
distance s apart have the correlation J0(k s) over all directions, which begins as 1 - (k s)^2 / 4
and whose integral over all s is 2 / k.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from perilune.design.belief import drawn_variance
from perilune.mission.distributions import Row
from perilune.truth.environment.map_warp import LENGTHS_M


class Waves(NamedTuple):
    """Statistics of a map's error over tens of kilometres."""

    sigma_m: float
    length_m: float
    """d where the correlation of places d apart nearby, exp(-(d / length)^2), is 1/e."""
    independent_m: float
    """Along a track they act as a process exp(-s / independent) does on what is slower than it."""


def believed_waves(rows: Sequence[Row]) -> Waves:
    """`Waves` as high as they are drawn, of the lengths that are published of such maps."""
    rate_per_m = 2.0 * np.pi / LENGTHS_M
    return Waves(
        float(np.sqrt(drawn_variance(rows, "errors.map.waves"))),
        float(2.0 / np.sqrt(np.mean(rate_per_m**2))),
        float(np.mean(1.0 / rate_per_m)),
    )
