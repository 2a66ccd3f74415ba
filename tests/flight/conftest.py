"""One compiled batch of 64 drawn flights, shared by every mission and fault that is flown in it."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.design import design
from perilune.flight import draw, fly
from perilune.mechanics.randomness import run_key
from perilune.mission import load_mission

RUN_COUNT = 64


@functools.cache
def batch_program():
    """`fly` over run numbers of the campaign with seed 0; compiled once a session."""

    def one(plan, run):
        key = run_key(0, run)
        return fly(draw(plan, key), key)

    return jax.jit(jax.vmap(one, in_axes=(None, 0)))


@pytest.fixture(scope="session")
def fly_batch(request):
    """Fly a mission's first 64 runs; answers are numpy arrays with a leading axis of runs."""
    request.getfixturevalue("data_folder")

    @functools.cache
    def flown(name="athena", faults=(), settings=()):
        plan = design(load_mission(name, settings=settings, faults=faults)).plan
        return jax.tree.map(np.asarray, batch_program()(plan, jnp.arange(RUN_COUNT)))

    return flown


@pytest.fixture(scope="session")
def athena_batch(fly_batch):
    """64 drawn flights of Athena with everything working."""
    return fly_batch()
