"""Nozzles that only push make any torque, of any layout that can; scipy's solvers are the judge."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import linprog, nnls

from perilune.design.nozzle_allocation import nozzle_tables
from perilune.errors import InputError
from perilune.onboard.control.nozzles import nozzle_shares
from validation.bodies import nozzles

PLACES = 16
THRUST_N = 10.0


@functools.cache
def many_shares():
    """(vehicle, torques (n, 3)) → shares (n, nozzles), compiled once for each size of layout."""
    return jax.jit(jax.vmap(nozzle_shares, in_axes=(None, 0)))


def thrusters_of(places_m, directions):
    """A layout of like nozzles."""
    return nozzles(THRUST_N, 0.02, np.asarray(places_m, float), np.asarray(directions, float))


def pulling(torques_m):
    """A layout whose nozzles make given torques (n, 3) per newton: each across its arm."""
    across = np.cross(
        torques_m, np.where(np.abs(torques_m[:, :1]) < 0.5, [[1.0, 0, 0]], [[0, 1.0, 0]])
    )
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    size = np.linalg.norm(torques_m, axis=1, keepdims=True)
    return thrusters_of(size * across, np.cross(torques_m / size, across))


def believed(upload, thrusters):
    """Athena's vehicle with other nozzles about the origin."""
    tables = map(jnp.asarray, nozzle_tables(thrusters, np.zeros(3)))
    names = ("nozzle_torque_n_m", "multiplier_per_torque", "nozzle_per_axis")
    return dataclasses.replace(upload.vehicle, **dict(zip(names, tables, strict=True)))


def ring(count, phase=0.0):
    """Torques (count, 3), evenly round in the plane of x and y."""
    angle = phase + 2.0 * np.pi * np.arange(count) / count
    return np.stack([np.cos(angle), np.sin(angle), 0.0 * angle], axis=-1)


UP, DOWN = np.array([[0.0, 0.0, 1.0]]), np.array([[0.0, 0.0, -1.0]])
TETRAHEDRON = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]) / np.sqrt(3.0)
LAYOUTS = {
    "three at 120 degrees and a pair": np.concatenate([ring(3), UP, DOWN]),
    "four, the fewest there can be": TETRAHEDRON,
    "five at 72 degrees and a pair": np.concatenate([ring(5), UP, DOWN]),
    "eight, canted": np.concatenate([ring(4) + 0.3 * UP, ring(4, np.pi / 4) - 0.4 * UP]),
    "sixteen, in two rings": np.concatenate([ring(8) + 0.2 * UP, ring(8, 0.3) - 0.3 * UP]),
    "one far stronger than the rest": np.concatenate([20.0 * UP, ring(3) - 0.5 * UP]),
}


def random_layout(seed):
    """Nozzles anywhere on a hull, any way round, until they can turn it every way."""
    random = np.random.default_rng(seed)
    while True:
        count = int(random.integers(6, PLACES + 1))
        places_m = random.normal(size=(count, 3))
        places_m *= np.array([0.9, 0.9, 1.5]) / np.linalg.norm(places_m, axis=1, keepdims=True)
        directions = random.normal(size=(count, 3))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        torques = THRUST_N * np.cross(places_m, directions)
        if all(nnls(torques.T, unit)[1] < 1e-9 for unit in np.concatenate([np.eye(3), -np.eye(3)])):
            return thrusters_of(places_m, directions)


def small_torques(count, most_nm):
    """Directions of every sort, the axes among them, of one size."""
    random = np.random.default_rng(5)
    every = np.concatenate([np.eye(3), -np.eye(3), random.normal(size=(count, 3))])
    return most_nm * every / np.linalg.norm(every, axis=1, keepdims=True)


def made(vehicle, shares):
    return np.asarray(shares) @ np.asarray(vehicle.nozzle_torque_n_m)


def assert_exact(vehicle, wanted_nm):
    """Shares not negative, and their torque the one asked for, or along it where that is too much.

    Returns the shares that would be fired were a nozzle's thrust no limit.
    """
    shares = np.asarray(many_shares()(vehicle, jnp.asarray(wanted_nm)))
    assert shares.min() >= 0.0
    assert shares.max() <= 1.0 + 1e-12
    wanted = np.linalg.norm(wanted_nm, axis=1)
    held = np.linalg.norm(made(vehicle, shares), axis=1) / wanted
    assert np.all((np.abs(held - 1.0) < 1e-9) | (np.abs(shares.max(axis=1) - 1.0) < 1e-12))
    np.testing.assert_allclose(made(vehicle, shares), held[:, None] * wanted_nm, atol=1e-9)
    return shares / held[:, None]


def gas(vehicle, wanted_nm):
    """The least sum of shares that makes a torque, by scipy's linear programme."""
    torques_nm = np.asarray(vehicle.nozzle_torque_n_m).T
    return linprog(
        np.ones(torques_nm.shape[1]), A_eq=torques_nm, b_eq=wanted_nm, bounds=(0.0, None)
    ).fun


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_makes_exactly_the_torque_asked_for(upload, name):
    vehicle = believed(upload, pulling(LAYOUTS[name]))
    np.testing.assert_allclose(
        vehicle.nozzle_torque_n_m[: len(LAYOUTS[name])], THRUST_N * LAYOUTS[name], atol=1e-12
    )
    assert_exact(vehicle, small_torques(200, 0.5))


def test_three_nozzles_at_120_degrees_give_one_way_what_they_give_the_other(upload):
    """Twice the pseudo-inverse gave -1.33 for -1, and 0.58 about another axis."""
    vehicle = believed(upload, pulling(LAYOUTS["three at 120 degrees and a pair"]))
    asked = jnp.array([[1.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    shares = many_shares()(vehicle, asked)
    np.testing.assert_allclose(made(vehicle, shares), asked, atol=1e-12)
    expected = [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [1.0 / np.sqrt(3.0), 2.0 / np.sqrt(3.0), 0.0]]
    np.testing.assert_allclose(THRUST_N * np.asarray(shares)[:, :3], expected, atol=1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_random_layouts_make_exactly_the_torque_asked_for(upload, seed):
    vehicle = believed(upload, random_layout(seed))
    wanted_nm = small_torques(100, 0.05)
    shares = assert_exact(vehicle, wanted_nm)
    spent = np.array([gas(vehicle, each) for each in wanted_nm[:8]])
    # Sharing the work out costs some gas over the least there is; firing against itself, far more.
    assert np.all(shares[:8].sum(axis=1) >= spent * (1.0 - 1e-9))
    assert np.median(shares[:8].sum(axis=1) / spent) < 1.8


def test_more_than_they_can_keeps_its_direction(upload):
    vehicle = believed(upload, pulling(LAYOUTS["three at 120 degrees and a pair"]))
    wanted_nm = small_torques(50, 500.0)
    shares = np.asarray(many_shares()(vehicle, jnp.asarray(wanted_nm)))
    np.testing.assert_allclose(shares.max(axis=1), 1.0, atol=1e-12)
    made_nm = made(vehicle, shares)
    along = made_nm / np.linalg.norm(made_nm, axis=1, keepdims=True)
    np.testing.assert_allclose(along, wanted_nm / 500.0, atol=1e-9)


def test_opposed_pairs_share_as_the_pseudo_inverse_does(upload):
    """The catalog's sixteen: twice its positive part, of which no two opposed nozzles are."""
    vehicle, wanted_nm = upload.vehicle, small_torques(200, 5.0)
    pseudo_inverse = np.linalg.pinv(np.asarray(vehicle.nozzle_torque_n_m).T, rcond=1e-9)
    expected = np.maximum(2.0 * wanted_nm @ pseudo_inverse.T, 0.0)
    np.testing.assert_allclose(many_shares()(vehicle, wanted_nm), expected, atol=1e-12)


def test_no_torque_fires_nothing(upload):
    assert not np.any(many_shares()(upload.vehicle, jnp.zeros((1, 3))))


def test_the_shares_by_axis_are_what_scipys_least_squares_makes(upload):
    """Each makes its axis alone, and is no larger than any other answer that scipy finds."""
    vehicle = believed(upload, pulling(LAYOUTS["eight, canted"]))
    torques_nm = np.asarray(vehicle.nozzle_torque_n_m).T
    for shares, unit in zip(
        np.asarray(vehicle.nozzle_per_axis), np.concatenate([np.eye(3), -np.eye(3)]), strict=True
    ):
        np.testing.assert_allclose(torques_nm @ shares, unit, atol=1e-12)
        assert np.sum(shares**2) <= np.sum(nnls(torques_nm, unit)[0] ** 2) + 1e-15


@pytest.mark.parametrize(
    ("torques_m", "axis"),
    [
        (np.concatenate([ring(3), UP]), "-z"),
        (np.concatenate([ring(4)[:3], UP, DOWN]), "-y"),
        (np.concatenate([ring(4), ring(4, 0.5)]), "+z"),
    ],
)
def test_a_layout_that_cannot_turn_about_an_axis_is_refused_by_its_name(torques_m, axis):
    with pytest.raises(InputError, match=f"about \\{axis} alone"):
        nozzle_tables(pulling(torques_m), np.zeros(3))
