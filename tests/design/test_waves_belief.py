"""What the filter is told of its map's long waves, against those that truth draws."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.design.waves_belief import believed_waves
from perilune.mission.dispersions import rows_of
from perilune.truth.environment.map_warp import MapWarp, warp

RMS_M = 5.0
RUN_COUNT = 2_000


def heights_m(places_m):
    """Of the waves of so many runs, (runs, places)."""
    size = MapWarp(waves_m=jnp.array(RMS_M), step_m=jnp.array(0.0))
    keys = jnp.stack([jnp.arange(RUN_COUNT, dtype=jnp.uint32)] * 2, axis=-1)
    of_run = jax.vmap(lambda key, place_m: warp(size, key, place_m)[0], in_axes=(None, 0))
    return np.asarray(jax.vmap(of_run, in_axes=(0, None))(keys, jnp.asarray(places_m)))


def along(distances_m):
    return np.stack([np.asarray(distances_m), np.zeros(len(distances_m))], axis=-1)


def test_they_are_as_high_as_they_are_drawn(athena):
    assert believed_waves(rows_of(athena)).sigma_m == pytest.approx(5.0)
    assert believed_waves([]).sigma_m == 0.0


@pytest.mark.parametrize("distance_m", [1_000.0, 2_000.0, 3_000.0])
def test_places_nearby_are_as_alike_as_told(athena, distance_m):
    """Half the mean square difference of 2,000 runs, to four of its standard errors, 13 %."""
    length_m = believed_waves(rows_of(athena)).length_m
    here_m, there_m = heights_m(along([0.0, distance_m])).T
    unlike = np.mean((there_m - here_m) ** 2) / (2.0 * RMS_M**2)
    assert unlike == pytest.approx(1.0 - np.exp(-((distance_m / length_m) ** 2)), rel=0.13)


def test_means_over_long_tracks_vary_as_those_of_a_process_of_the_length_told(athena):
    """The variance of a mean over a long track T is 2 sigma^2 L / T.

    2,000 runs tell it to 13 %, four standard errors; 400 km, four times the longest wave, are long
    to as much again.
    """
    length_m, track_m = believed_waves(rows_of(athena)).independent_m, 400e3
    means_m = heights_m(along(np.arange(0.0, track_m, 1_000.0))).mean(axis=1)
    expected_m2 = 2.0 * RMS_M**2 * length_m / track_m
    assert np.mean(means_m**2) == pytest.approx(expected_m2, rel=0.25)
