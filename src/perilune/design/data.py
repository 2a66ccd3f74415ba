"""Which measured data a plan is built from, and what stands in where there are none."""

import dataclasses

import jax.numpy as jnp

from perilune.environment import data_folder
from perilune.errors import InputError
from perilune.mechanics.gravity import degree_of, truncate
from perilune.truth.world.default_gravity import default_field
from perilune.truth.world.gravity_files import read_gravity
from perilune.truth.world.terrain_files import open_sources, terrain_folder


def gravity_fields(world):
    """(truth, onboard) fields at the degrees asked for, and the name of where they come from.

    Without data the built-in field stands in, filled up with zeros to the degree asked for, so that
    the compiled flight is the same with data and without.
    """
    root = data_folder()
    if not world.gravity_file or root is None:
        field, name = default_field(), "built-in GRGM1200L to degree 8"
    else:
        path = root / "gravity" / world.gravity_file
        if not path.is_file():
            raise InputError(
                f"{path}: the gravity field is not there; set PERILUNE_DATA to the folder that "
                'holds `gravity/`, or set `world.gravity_file` to "" for the built-in field.'
            )
        field, name = read_gravity(path, world.gravity_degree), path.name
    return (
        to_degree(field, world.gravity_degree),
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
