"""Which measured data a plan is built from, and what stands in where there are none."""

import dataclasses

import jax.numpy as jnp

from perilune.data.default_gravity import default_field
from perilune.data.gravity.gravity_files import read_described
from perilune.data.maps.map_files import open_sources, terrain_folder
from perilune.mechanics.gravity import degree_of, truncate
from perilune.mission.gravity_source import gravity_name, gravity_path


def gravity_fields(world):
    """(truth, onboard) fields at the degrees asked for, and the name of where they come from.

    Without data the built-in field stands in; the onboard field is then filled up with zeros, so
    that the compiled flight is the same with data and without. The name carries what is unusual
    about the file.
    """
    path = gravity_path(world)
    if path is None:
        field, notes = default_field(), ()
        field = to_degree(field, min(degree_of(field), world.gravity_degree))
    else:
        degree = max(world.gravity_degree, world.onboard_gravity_degree)
        field, description = read_described(path, degree)
        notes = description.notes
    name = "; ".join((gravity_name(path), *notes))
    return (
        to_degree(field, min(degree_of(field), world.gravity_degree)),
        to_degree(field, world.onboard_gravity_degree),
    ), name


def to_degree(field, degree):
    """A field cut off at a degree, or filled up to it with zeros."""
    if degree <= degree_of(field):
        return truncate(field, degree)
    more = ((0, degree - degree_of(field)),) * 2
    return dataclasses.replace(
        field, cosine=jnp.pad(field.cosine, more), sine=jnp.pad(field.sine, more)
    )


def terrain_sources(site):
    """The site's maps, finest first; none without a data folder."""
    return open_sources(site.maps, terrain_folder())
