"""A site's rocks: where their faces are, what is refused, and that they can be drawn."""

import jax.numpy as jnp
import numpy as np
import pytest
from pydantic import ValidationError

from perilune.design.build_stops import build_stops
from perilune.design.typed_arrays import as_arrays
from perilune.mission.parameters import design_time
from perilune.mission.site_stop import SiteStop
from perilune.truth.dynamics.stop_faces import distances_m

ROCK = {"east": "3 m", "north": "-4 m", "radius": "1 m", "height": "30 cm"}
AIM_M = jnp.array([10.0, 20.0, 1.7e6])
EASTWARDS = jnp.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]])
"""Axes of a site: its east is y, its north z, its up x."""


def faces_of(*tables):
    rocks = tuple(SiteStop.model_validate(each) for each in tables)
    return build_stops(as_arrays(rocks), AIM_M, EASTWARDS)


def test_the_gap_to_a_rock_is_the_distance_to_its_axis_less_its_radius():
    rocks = ROCK, ROCK | {"east": "-20 m", "north": "0 m", "radius": "2.5 m", "height": "1 m"}
    faces = faces_of(*rocks)
    places = np.array([[0.0, 0.0], [3.0, -6.0], [3.1, -4.2], [9.0, -4.0]])
    up = jnp.tile(EASTWARDS[2], (4, 1))
    gaps_m, ways = distances_m(faces, AIM_M + places @ np.asarray(EASTWARDS[:2]), up)
    for column, axis, radius_m in ((0, [3.0, -4.0], 1.0), (1, [-20.0, 0.0], 2.5)):
        away_m = places - axis
        far_m = np.hypot(*away_m.T)
        np.testing.assert_allclose(gaps_m[:, column], far_m - radius_m, atol=1e-9)
        out = away_m / far_m[:, None] @ np.asarray(EASTWARDS[:2])
        np.testing.assert_allclose(ways[:, column], out, atol=1e-9)
    np.testing.assert_allclose(faces.height_m, [0.3, 1.0])


def test_a_site_without_rocks_has_no_faces():
    assert faces_of() is None


@pytest.mark.parametrize(
    "change", [{"height": "2.1 m"}, {"height": "0 m"}, {"radius": "0 m"}, {"radius": None}]
)
def test_what_is_no_rock_is_refused(change):
    with pytest.raises(ValidationError, match=next(iter(change))):
        SiteStop.model_validate(ROCK | change)


def test_the_numbers_of_a_rock_may_be_drawn():
    assert design_time("site.stops.0.east_m") is None
    assert design_time("site.latitude_rad") is not None
