"""Which measured data a plan is built from, and what replaces them where there are none."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

import jax.numpy as jnp

from perilune.data.default_gravity import default_field
from perilune.data.gravity.gravity_files import read_described
from perilune.data.maps.map_files import open_source
from perilune.data.maps.pixel_grid import SourceMap
from perilune.mechanics.gravity import GravityField, degree_of, truncate
from perilune.mission.data_files import gravity_name, gravity_path, map_paths
from perilune.mission.mission import World
from perilune.mission.site import Site


@dataclass(frozen=True)
class MeasuredGravity:
    """The true and the onboard field, the name of their source, and what is unusual about it."""

    truth: GravityField
    onboard: GravityField
    name: str
    notes: tuple[str, ...] = ()


def gravity_fields(world: World, data: Path | None) -> MeasuredGravity:
    """Truth's and the onboard field at the degrees that the mission names.

    `data` is the folder of measured data. Without it the built-in field stands in; the onboard
    field is then filled up with zeros, so that the compiled flight is the same with data and
    without.
    """
    path = gravity_path(world, data)
    notes: tuple[str, ...] = ()
    if path is None:
        field = default_field()
        field = to_degree(field, min(degree_of(field), world.gravity_degree))
    else:
        degree = max(world.gravity_degree, world.onboard_gravity_degree)
        field, description = read_described(path, degree)
        notes = description.notes
    return MeasuredGravity(
        to_degree(field, min(degree_of(field), world.gravity_degree)),
        to_degree(field, world.onboard_gravity_degree),
        gravity_name(path),
        notes,
    )


def to_degree(field: GravityField, degree: int) -> GravityField:
    """A field cut off at a degree, or filled up to it with zeros."""
    if degree <= degree_of(field):
        return truncate(field, degree)
    more = ((0, degree - degree_of(field)),) * 2
    return dataclasses.replace(
        field, cosine=jnp.pad(field.cosine, more), sine=jnp.pad(field.sine, more)
    )


def terrain_sources(site: Site, data: Path | None) -> tuple[SourceMap, ...]:
    """The site's maps, finest first; without a data folder only those of absolute paths."""
    return tuple(open_source(path) for path in map_paths(site, data).values())
