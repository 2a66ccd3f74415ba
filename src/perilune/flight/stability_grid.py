"""How a lander stands up to touchdowns: vertical against horizontal speed, by slope and azimuth."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from perilune.design.build_lander import build_vehicle, tank_loads_kg
from perilune.design.build_world import rest_direction_body
from perilune.design.layout import layout_of
from perilune.design.typed_arrays import as_arrays
from perilune.flight.drop_start import Wall, drops_of
from perilune.flight.lander_drop import DropEnd, DropLimits, DropResult, flown_drops
from perilune.mechanics.array_types import AnyArray
from perilune.mission.consistency_checks import SURFACE_GRAVITY_M_S2
from perilune.mission.error_model import Errors
from perilune.mission.lander import Lander
from perilune.mission.soil import Soil

AT_ONCE = 256
"""Touchdowns flown side by side."""
SIDE_COUNT = 9
"""Speeds along each side of a map."""
REACH_FACTOR = 2.0
"""Of the speeds asked for, and of the lander's limits: the end of a side."""
SLIDE_FACTOR = 1.0
"""Of the tread radius: a lander that comes to rest further from where it touched has slid."""

Columns = dict[str, Float[AnyArray, " drops"]]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of a lander: speeds, slopes, azimuths of the way, and how it comes down."""

    vertical_speed_m_s: float
    horizontal_speed_m_s: float
    slopes_deg: Sequence[float]
    azimuths_deg: Sequence[float]
    heading_deg: float = 0.0
    lean_deg: float = 0.0
    """Of body z from the vertical at contact."""
    lean_azimuth_deg: float = 0.0
    """Towards which it leans, from body +x towards +y."""
    cutoff_s: float = 0.0
    propellant_kg: float = 0.0
    wall_height_m: float | None = None  # across the way; None: there is none
    wall_distance_m: float = 0.3  # from the foremost pad


def sides_m_s(lander: Lander, asked: Asked) -> tuple[Float[np.ndarray, " v"], ...]:
    """The vertical and the horizontal speeds of the map, rising; those asked for are among them."""
    limits = lander.limits
    pairs = (
        (asked.vertical_speed_m_s, limits.vertical_speed_m_s),
        (asked.horizontal_speed_m_s, limits.horizontal_speed_m_s),
    )
    sides = []
    for (speed, limit), least in zip(pairs, (0.25, 0.0), strict=True):
        side = np.linspace(least, REACH_FACTOR * max(speed, limit), SIDE_COUNT)
        sides.append(np.unique(np.append(side, speed)))
    return tuple(sides)


def flown_grid(
    lander: Lander, soil: Soil | None, asked: Asked, notify: Callable[[str], None]
) -> Columns:
    """Every touchdown of the map as columns: what was asked of it, and what came of it.

    `notify(words)` is called before each part of the map is flown.
    """
    vertical, horizontal = sides_m_s(lander, asked)
    grid = np.meshgrid(asked.slopes_deg, asked.azimuths_deg, vertical, horizontal, indexing="ij")
    slope, azimuth, down, across = (np.asarray(each, float).ravel() for each in grid)
    given = {
        "vertical_speed_m_s": down,
        "horizontal_speed_m_s": across,
        "slope_deg": slope,
        "azimuth_deg": azimuth,
    }
    found: list[Columns] = []
    for part in _parts(given):
        notify(f"dropping it, {len(found) * AT_ONCE} of {len(slope)} touchdowns are done")
        found.append(_flown(lander, soil, asked, part))
    return given | {name: np.concatenate([each[name] for each in found]) for name in found[0]}


def _parts(given: Columns) -> list[Columns]:
    """Pieces of equal length, the last filled up with its last touchdown."""
    count = len(given["slope_deg"])
    size = min(AT_ONCE, count)
    starts = range(0, count, size)
    return [{name: each[at : at + size] for name, each in given.items()} for at in starts]


def _flown(lander: Lander, soil: Soil | None, asked: Asked, given: Columns) -> Columns:
    numbers, errors, ground = (
        jax.tree.map(lambda leaf: jnp.asarray(leaf, float), as_arrays(each))
        for each in (lander, Errors(), soil)
    )
    vehicle = build_vehicle(numbers, layout_of(lander), errors, ground)
    upward = rest_direction_body(lander.limits)
    limits = DropLimits(
        jnp.asarray(SURFACE_GRAVITY_M_S2),
        jnp.asarray(lander.limits.tip_over_tilt_rad),
        jnp.asarray(SLIDE_FACTOR * lander.legs.tread_radius_m),
        None if upward is None else jnp.asarray(upward),
    )
    drops = drops_of(
        len(given["slope_deg"]),
        vertical_speed_m_s=given["vertical_speed_m_s"],
        horizontal_speed_m_s=given["horizontal_speed_m_s"],
        slope_rad=np.radians(given["slope_deg"]),
        azimuth_rad=np.radians(given["azimuth_deg"]),
        heading_rad=np.radians(asked.heading_deg),
        lean_rad=jnp.asarray(lean_rad(asked)),
        cutoff_s=asked.cutoff_s,
        wall=_wall(asked),
    )
    tank_kg = tank_loads_kg(numbers, jnp.asarray(asked.propellant_kg))
    result = flown_drops(vehicle, tank_kg, limits, drops)
    return _columns(jax.tree.map(np.asarray, result), vehicle.contact.position_body_m)


def _wall(asked: Asked) -> Wall | None:
    if asked.wall_height_m is None:
        return None
    sizes = (jnp.asarray(asked.wall_height_m), jnp.asarray(asked.wall_distance_m))
    return Wall(height_m=sizes[0], distance_m=sizes[1])


def lean_rad(asked: Asked) -> Float[np.ndarray, "3"]:
    """The rotation vector of a lean: about the level axis a quarter turn on from its azimuth."""
    azimuth = np.radians(asked.lean_azimuth_deg)
    return np.radians(asked.lean_deg) * np.array([-np.sin(azimuth), np.cos(azimuth), 0.0])


def _columns(result: DropResult, points_m: Float[AnyArray, "P 3"]) -> Columns:
    touch, legs = result.touch, result.touch.legs
    count = legs.broken.shape[1]
    body_n = touch.peak_force_n[:, count:]
    struck_n = np.max(body_n, axis=1)
    places_m = np.asarray(points_m)[count:][np.argmax(body_n, axis=1)]
    places_m = np.where(struck_n[:, None] > 0.0, places_m, np.nan)
    return {
        "ending": result.ending,
        "rested": result.rested,
        "time_s": result.time_s,
        "tilt_deg": np.degrees(result.tilt_rad),
        "peak_tilt_deg": np.degrees(result.peak_tilt_rad),
        "slid_m": result.slid_m,
        "leg_stroke_m": np.max(legs.stroke_m[:, :, 0, 0], axis=1),
        "secondary_stroke_m": np.max(legs.stroke_m[:, :, 1:], axis=(1, 2, 3), initial=0.0),
        "pad_sinkage_m": np.max(legs.deepest_m, axis=1),
        "broken_legs_count": np.sum(legs.broken, axis=1),
        "peak_leg_load_n": np.max(touch.peak_force_n[:, :count], axis=1),
        "strike_n": np.where(struck_n > 0.0, struck_n, np.nan),
        **{f"strike_{axis}_m": places_m[:, at] for at, axis in enumerate("xyz")},
        "clearance_m": result.clearance_m,
        "bell_clearance_m": result.bell_clearance_m,
        "least_bell_clearance_m": result.least_bell_clearance_m,
    }


def ending_words(ending: float) -> str:
    """An ending as files and pictures name it."""
    return DropEnd(int(ending)).name.lower()
