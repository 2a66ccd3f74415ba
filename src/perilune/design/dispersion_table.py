"""A mission's rows of dispersions as the table that the compiled flight draws from."""

import dataclasses
import zlib
from math import erf, isfinite, sqrt
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Shaped

from perilune.design.build_surface import build_rocks, build_surface
from perilune.design.flight_plan import Dispersions, FlightPlan
from perilune.design.numbers import addresses, dispersable_parameters
from perilune.mission.dispersion_entry import CHOICE_COUNT
from perilune.mission.dispersions import ONBOARD, ROW_COUNT, rows_of
from perilune.mission.distributions import Kind, Row
from perilune.mission.mission import Mission
from perilune.mission.parameters import Leaf, design_time

CONTROL = "lander.control."
FAR_SIGMAS = 9.0
"""Bounds further off than this cut nothing: the chance is below double precision."""


def rows_and_addresses(mission: Mission, plan: FlightPlan) -> tuple[list[Row], list[int]]:
    """(rows, index of each among the dispersable parameters); the upload's own paths included."""
    tree = dispersable_parameters(plan)
    where = addresses(tree, tuple(mission.faults))
    flat = np.concatenate([np.ravel(np.asarray(leaf)) for leaf in _leaves(tree)])
    onboard = {
        path: Leaf(path=path, name=name, value=float(flat[index]))
        for path, (index, name) in where.items()
        if path.startswith(ONBOARD) and not design_time(path)
    }
    rows = rows_of(mission, onboard)
    return rows, [where[_told(row.path)][0] for row in rows]


def _told(path: str) -> str:
    """The attitude loop's settings are the flight software's: their place is in the upload."""
    return ONBOARD + path.removeprefix("lander.") if path.startswith(CONTROL) else path


def _leaves(tree: Any) -> list[Any]:
    import jax

    return jax.tree.leaves(tree)


def build_dispersions(mission: Mission, plan: FlightPlan) -> Dispersions:
    """The table of a mission whose plan stands but for it. InputError for a wrong entry."""
    rows, places = rows_and_addresses(mission, plan)
    table = _empty()
    for index, (row, address) in enumerate(zip(rows, places, strict=True)):
        table["kind"][index], table["address"][index] = int(row.kind), address
        table["name"][index] = zlib.crc32(row.path.encode()) & 0x7FFFFFFF
        table["active"][index] = True
        table["nominal"][index], table["scale"][index] = row.leaf.value, row.scale
        table["low"][index], table["high"][index] = row.low, row.high
        table["cut"][index] = _cut(row)
        first = index - row.place
        table["mix"][index, index] = 0.0
        table["mix"][index, first : first + len(row.mix)] = row.mix
        count = len(row.values)
        table["values"][index, :count] = row.values
        table["edges"][index, :count] = np.cumsum(row.weights)
    return Dispersions(**{name: jnp.asarray(column) for name, column in table.items()})


def _empty() -> dict[str, Shaped[np.ndarray, "row ..."]]:
    """A table of no rows at all."""
    one, some = np.zeros(ROW_COUNT), (ROW_COUNT, CHOICE_COUNT)
    return {
        "kind": np.zeros(ROW_COUNT, int),
        "address": np.full(ROW_COUNT, np.iinfo(np.int32).max, int),
        "name": np.zeros(ROW_COUNT, int),
        "active": np.zeros(ROW_COUNT, bool),
        "nominal": one.copy(),
        "scale": one.copy(),
        "low": np.full(ROW_COUNT, -np.inf),
        "high": np.full(ROW_COUNT, np.inf),
        "cut": np.tile([0.0, 1.0], (ROW_COUNT, 1)),
        "mix": np.eye(ROW_COUNT),
        "values": np.zeros(some),
        "edges": np.ones(some),
    }


def _cut(row: Row) -> tuple[float, float]:
    """Chances below the two bounds, of a normal draw; 0 and 1 where they are far off."""
    if row.kind != Kind.NORMAL or row.scale == 0.0:
        return 0.0, 1.0
    ends = [(end - row.leaf.value) / row.scale for end in (row.low, row.high)]
    below = [0.5 * (1.0 + erf(end / sqrt(2.0))) if isfinite(end) else None for end in ends]
    low = 0.0 if below[0] is None or ends[0] < -FAR_SIGMAS else below[0]
    high = 1.0 if below[1] is None or ends[1] > FAR_SIGMAS else below[1]
    return low, high


def nominal(flight_plan: FlightPlan) -> FlightPlan:
    """The same `FlightPlan` with every draw switched off: no dispersion, noise, dropouts or relief.

    Shapes stay as they are, so it flies in the same compiled program. Raises nothing.

    >>> import perilune
    >>> flight_plan = perilune.plan(perilune.load_mission("athena"))
    >>> bool(perilune.nominal(flight_plan).dispersions.active.any())
    False
    """
    rows = flight_plan.dispersions
    still = dataclasses.replace(rows, active=jnp.zeros_like(rows.active))
    world, none = flight_plan.world, jnp.zeros_like(flight_plan.noise_factor)
    statistics = flight_plan.numbers.site.surface
    smooth = dataclasses.replace(
        world.terrain,
        surface=build_surface(statistics, none),
        rocks=build_rocks(statistics, none),
    )
    start = dataclasses.replace(flight_plan.nominal_start, largest_relief_m=none)
    return dataclasses.replace(
        flight_plan,
        dispersions=still,
        noise_factor=none,
        world=dataclasses.replace(world, terrain=smooth),
        nominal_start=start,
    )
