"""Which units measure height, when one of them moves the estimate, and when one is re-acquired.

Altimeters do. A radar altimeter's wide beam strikes other ground than a laser's thin one: it is a
witness of the lasers, and takes their place where none of them is in use. So is a velocimeter of
both, by its ranges beside its speeds: the mean of its beams' heights over the map.
"""

from collections.abc import Callable, Mapping

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces.sensor_kinds import sensor_of
from perilune.onboard.navigation.estimate import HEIGHT
from perilune.onboard.navigation.watch import Watch, agree, is_in_use

Watches = Mapping[str, Watch]


def height_watches(watches: Watches, strikes: Callable[[str], bool]) -> dict[str, Watch]:
    """The watches of all that measures height; `strikes` knows the altimeters' labels."""
    return {name: each for name, each in watches.items() if name.endswith(HEIGHT) or strikes(name)}


def others_in_use(heights: Watches, mine: str, time_s: Float[Array, ""]) -> Bool[Array, ""]:
    """Whether anything else that measures height is in use."""
    others = [is_in_use(each, time_s) for name, each in heights.items() if name != mine]
    return jnp.any(jnp.stack(others)) if others else jnp.array(False)


def finer_in_use(heights: Watches, mine: str, time_s: Float[Array, ""]) -> Bool[Array, ""]:
    """Whether a unit that measures height more finely is in use: it alone moves the estimate."""
    finer = {name: each for name, each in heights.items() if _rank(name) < _rank(mine)}
    return others_in_use(finer, mine, time_s)


def _rank(name: str) -> int:
    """Thin beams are finest, then wide ones, then the heights beside channels."""
    if name.endswith(HEIGHT):
        return 2
    return int(sensor_of(name).second_height)


def may_reopen(heights: Watches, mine: str, time_s: Float[Array, ""]) -> Bool[Array, ""]:
    """Whether a unit that measures height may be taken after all: see `navigation.watch`.

    What has jumped needs another unit that has jumped by the same.
    """
    watch = heights[mine]
    agreed = [agree(watch, each) for name, each in heights.items() if name != mine]
    is_witnessed = jnp.any(jnp.stack(agreed)) if agreed else jnp.array(False)
    return ~others_in_use(heights, mine, time_s) & (is_witnessed | ~watch.jumped[0])
