"""Who asked for the instructions of a native program: through loops, branches and calls."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks.shares import shares
from perilune.mechanics.randomness import as_uniforms, frame_bits, run_key
from perilune.native.lane_program import LANES, trace
from perilune.truth.environment.roughness import Roughness, roughness_octave
from tests.truth.environment.surfaces import key_of


def rows_of(function, *by_lane):
    traced = trace(function, (), jax.tree.map(lambda each: each[0], by_lane))
    return {row["group"]: row for row in shares(traced.block, traced.varying, LANES, [by_lane])}


def roughness_m(place_m):
    rough = Roughness(slope_factor=jnp.ones(11))
    return roughness_octave(rough, key_of(3), jnp.array(4), place_m)[0]


PLACES_M = np.linspace(-90.0, 90.0, 2 * LANES).reshape(LANES, 2)


def test_what_the_surface_is_asked_for_is_the_surfaces_in_a_loop_as_well():
    def looped(place_m):
        return jax.lax.fori_loop(0, 3, lambda _, sum_m: sum_m + roughness_m(place_m), 0.0)

    for function in (roughness_m, looped):
        rows = rows_of(function, PLACES_M)
        assert rows["surface, asked by all"]["share"] > 0.9
        assert rows["all else"]["share"] == pytest.approx(1.0)


def test_groups_add_up_to_everything_and_hold_what_the_surface_did_for_them():
    def both(place_m):
        tick = place_m[0].astype(jnp.int32)
        drawn = as_uniforms(frame_bits(run_key(1, 2), tick, {"noise": (6,)})["noise"])
        return roughness_m(place_m) + jnp.sum(jnp.sin(drawn * place_m[0]))

    rows = rows_of(both, PLACES_M)
    surface = rows.pop("surface, asked by all")
    assert sum(row["share"] for row in rows.values()) == pytest.approx(1.0)
    held = sum(row["surface_share"] for row in rows.values())
    assert held == pytest.approx(surface["share"])
    assert 0.0 < surface["share"] < 1.0
