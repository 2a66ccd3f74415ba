"""How many parts a lander has and which of them belong together: what its numbers do not say."""

import equinox as eqx
import numpy as np
from jaxtyping import Float

from perilune.mission.lander import Lander, Tank
from perilune.mission.propulsion import engines_of, thrusters_of


class Layout(eqx.Module):
    """Structure as arrays, whose lengths are compiled: L legs, E engines, G groups, S stores."""

    leg_index_count: Float[np.ndarray, " L"]  # 0, 1, 2, …
    engine_draw_factor: Float[np.ndarray, "E S"]  # 1 for tanks it draws from, else 0
    thrusters_draw_factor: Float[np.ndarray, "G S"]
    gimballed: bool = eqx.field(static=True)  # whether any engine swings


def layout_of(lander: Lander) -> Layout:
    """The layout of a lander."""
    engines, groups = engines_of(lander).values(), thrusters_of(lander).values()
    return Layout(
        np.arange(float(lander.legs.count)),
        np.stack([_drawn(each.tanks, lander.tanks, of_gas=False) for each in engines]),
        np.stack([_drawn(each.tanks, lander.tanks, of_gas=True) for each in groups]),
        any(each.gimbal_limit_rad > 0.0 for each in engines),
    )


def _drawn(
    names: tuple[str, ...], tanks: tuple[Tank, ...], of_gas: bool
) -> Float[np.ndarray, " S"]:
    """Which of the tanks, and of the cold gas last, are drawn from: 1 or 0, (S,).

    No names mean the cold gas alone, if `of_gas`, else every tank.
    """
    named = [float(tank.name in names or not (names or of_gas)) for tank in tanks]
    return np.array([*named, float(of_gas and not names)])
