"""Which measured data a plan is built from, and what stands in where there are none."""

import os
from pathlib import Path

from perilune.errors import InputError
from perilune.mechanics.gravity import degree_of, truncate
from perilune.truth.world.default_gravity import default_field
from perilune.truth.world.gravity_files import read_gravity
from perilune.truth.world.terrain_files import open_sources, terrain_folder


def gravity_fields(world):
    """(truth, onboard) fields at the degrees asked for, and the name of where they come from.

    Without data the built-in field stands in, to its own degree.
    """
    root = os.environ.get("PERILUNE_DATA")
    if not world.gravity_file or root is None:
        field, name = default_field(), "built-in GRGM1200L to degree 8"
    else:
        path = Path(root) / "gravity" / world.gravity_file
        if not path.is_file():
            raise InputError(
                f"{path}: the gravity field is not there; set PERILUNE_DATA to the folder that "
                'holds `gravity/`, or set `world.gravity_file` to "" for the built-in field.'
            )
        field, name = read_gravity(path, world.gravity_degree), f"{path.name}"
    highest = degree_of(field)
    truth = truncate(field, min(world.gravity_degree, highest))
    return (truth, truncate(field, min(world.onboard_gravity_degree, highest))), name


def terrain_sources(site):
    """The site's maps, finest first; none without a data folder."""
    return open_sources(site.maps, terrain_folder())
