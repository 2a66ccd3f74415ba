"""The angle of a vector, by arithmetic that every processor rounds alike."""

import os
import subprocess
import sys

import numpy as np
import pytest

from perilune.mechanics.portable_angles import angle_of

SPECIAL = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 5e-324, 1e308, -1e308]
SCRIPT = """
import hashlib, types
import numpy as np
from perilune.mechanics.portable_angles import angle_of
from perilune.verdict.places import rest_of

rng = np.random.default_rng(7)
digest = hashlib.sha256(angle_of(*rng.normal(size=(2, 100_000))).tobytes())
names = ("aim_map_fixed_m", "rest_map_fixed_m", "rest_true_fixed_m")
places = {name: 1.7e6 * rng.normal(size=(1_000, 3)) for name in names}
summary = types.SimpleNamespace(places=types.SimpleNamespace(**places), miss_m=rng.random(1_000))
for value in rest_of(summary).values():
    digest.update(value.tobytes())
print(digest.hexdigest())
"""
"""Angles, and the places of rest of a row."""


def test_it_is_the_angle_within_two_units_in_the_last_place():
    """Beside the C library's own in extended precision."""
    rng = np.random.default_rng(1)
    y = rng.normal(size=100_000) * 10.0 ** rng.uniform(-12.0, 12.0, 100_000)
    x = rng.normal(size=100_000)
    exact = np.arctan2(y.astype(np.longdouble), x.astype(np.longdouble))
    assert np.max(np.abs(angle_of(y, x) - exact) / np.spacing(np.abs(exact.astype(float)))) < 2.0


@pytest.mark.parametrize("y", SPECIAL)
@pytest.mark.parametrize("x", SPECIAL)
def test_zeros_infinities_and_not_a_number_are_those_of_numpy(y, x):
    np.testing.assert_array_equal(angle_of(y, x), np.arctan2(y, x))
    if not np.isnan(np.arctan2(y, x)):
        assert np.signbit(angle_of(y, x)) == np.signbit(np.arctan2(y, x))


def printed_with(**settings):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_numpy_without_the_instructions_of_this_processor_gives_the_same_bits():
    older = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"
    assert printed_with(NPY_DISABLE_CPU_FEATURES=older) == printed_with()
