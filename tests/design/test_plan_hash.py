"""One hash of a plan, and a plan taken apart and put together again."""

import dataclasses
import hashlib
import json
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.design.flight_plan import Endings
from perilune.design.plan_hash import plan_sha256, sha256_of_described
from perilune.design.plan_tree import arrays_of, described, rebuilt
from perilune.mechanics.randomness import run_key


@pytest.fixture(scope="session")
def athena_described(athena_design):
    return described(athena_design.plan)


def endings(*limits):
    return Endings(*(jnp.asarray(each) for each in limits))


def test_a_plan_comes_back_from_its_description_to_the_bit(athena_design, athena_described):
    """Structure and types too: the program compiled for the one flies the other."""
    structure = json.loads(json.dumps(athena_described.structure))
    back = rebuilt(structure, athena_described.leaves)
    assert jax.tree.structure(back) == jax.tree.structure(athena_design.plan)
    for one, other in zip(jax.tree.leaves(back), jax.tree.leaves(athena_design.plan), strict=True):
        assert one.aval == other.aval
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()
    assert plan_sha256(back) == plan_sha256(athena_design.plan)


def test_a_plan_from_its_description_flies_the_same_flight(
    athena_flight, athena_described, compiled_flight
):
    plan = rebuilt(athena_described.structure, athena_described.leaves)
    again = compiled_flight(plan, run_key(0, 0))
    for one, other in zip(jax.tree.leaves(again), jax.tree.leaves(athena_flight[1:]), strict=True):
        np.testing.assert_array_equal(one, other)


def test_every_leaf_has_a_path_of_its_own(athena_design, athena_described):
    assert len(athena_described.leaves) == len(jax.tree.leaves(athena_design.plan))
    assert "upload.vehicle.start_mass_kg" in athena_described.leaves
    named = {path: (kind, shape) for path, kind, shape in arrays_of(athena_described.structure)}
    assert named == {
        path: (leaf.dtype.str, list(leaf.shape)) for path, leaf in athena_described.leaves.items()
    }


def test_the_hash_is_of_the_bytes_that_its_docstring_describes():
    number = {"array": "<f8", "shape": []}
    structure = {
        "record": "perilune.design.flight_plan:Endings",
        "fields": {
            "crash_speed_m_s": number,
            "tip_over_tilt_rad": number,
            "rest_direction_body": None,
        },
        "words": {},
    }
    text = json.dumps(structure, sort_keys=True, separators=(",", ":")).encode()
    numbers = [np.float64(value).tobytes() for value in (12.0, 0.5)]
    text += b"crash_speed_m_s\0" + numbers[0] + b"tip_over_tilt_rad\0" + numbers[1]
    assert plan_sha256(endings(12.0, 0.5)) == hashlib.sha256(text).hexdigest()


@given(st.integers(0, 10_000), st.integers(0, 7), st.integers(0, 7))
def test_one_changed_bit_of_any_array_changes_the_hash(athena_described, which, byte, bit):
    paths = sorted(path for path, leaf in athena_described.leaves.items() if leaf.size)
    path = paths[which % len(paths)]
    raw = np.array(athena_described.leaves[path])
    flat = raw.reshape(-1).view("u1")
    flat[byte % flat.size] ^= 1 << (0 if raw.dtype == bool else bit)
    before = athena_described.leaves[path]
    both_lost = raw.dtype.kind == "f" and np.any(np.isnan(raw) & np.isnan(before))
    changed = dataclasses.replace(athena_described, leaves={**athena_described.leaves, path: raw})
    same = sha256_of_described(changed) == sha256_of_described(athena_described)
    assert same == (both_lost and np.array_equal(raw, before, equal_nan=True))


@pytest.mark.parametrize("other", [(12.0, -0.0), (np.float32(12.0), 0.0), (12, 0.0), ([12.0], 0.0)])
def test_sign_type_and_shape_count(other):
    assert plan_sha256(endings(*other)) != plan_sha256(endings(12.0, 0.0))


def test_every_not_a_number_is_one():
    odd = np.array(0xFFF8000000000001, dtype="<u8").view("<f8")
    assert plan_sha256(endings(odd, 0.5)) == plan_sha256(endings(np.nan, 0.5))


class Strange(eqx.Module):
    """No record of Perilune's."""

    value: Any


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"record": "perilune.design.flight_plan:Caps"}, "has other fields than here"),
        ({"record": "perilune.design.flight_plan:Endless"}, "which is no record here"),
        ({"record": "os:system"}, "which is no record here"),
        ({"record": "perilune.design.plan:design"}, "which is no record here"),
        ({"record": f"{__name__}:Strange"}, "which is no record here"),
        ({"words": {"leg_count": 3}}, "other fields than here: leg_count"),
        ({"fields": {}}, "`crash_speed_m_s` is described but not there"),
        ({"fields": 3}, "which is no part of a plan"),
    ],
)
def test_a_description_of_something_else_is_refused(change, sentence):
    plan = described(endings(12.0, 0.5))
    with pytest.raises(ValueError, match=sentence):
        rebuilt({**plan.structure, **change}, plan.leaves)


@pytest.mark.parametrize("leaf", [np.float32(12.0), np.zeros(1), np.int64(12)])
def test_an_array_of_another_type_or_shape_is_refused(leaf):
    plan = described(endings(12.0, 0.5))
    with pytest.raises(ValueError, match="`crash_speed_m_s` must be <f8"):
        rebuilt(plan.structure, {**plan.leaves, "crash_speed_m_s": np.asarray(leaf)})
