"""Batches of 64 drawn flights, by the engine that campaigns fly with, shared by every test."""

import functools

import numpy as np
import pytest

from perilune import load_mission
from perilune.campaign.run.whole_batch import fly_batch as fly_aligned_batch
from perilune.design import design
from perilune.mission.dispersions import ROW_COUNT

RUN_COUNT = 64
OWN_STREAMS = np.full((RUN_COUNT, ROW_COUNT), np.nan)


def summaries_of(plan, first_run=0):
    """`FlightSummary` of 64 runs of the campaign with seed 0, NumPy, a leading axis of runs."""
    return fly_aligned_batch(plan, 0, first_run, OWN_STREAMS)[1]


@pytest.fixture(scope="session")
def fly_batch(request):
    """Fly 64 runs of a mission; answers are numpy arrays with a leading axis of runs."""
    request.getfixturevalue("data_folder")

    @functools.cache
    def flown(name="athena", faults=(), settings=(), first_run=0):
        plan = design(load_mission(name, settings=settings, faults=faults)).plan
        return summaries_of(plan, first_run)

    return flown


@pytest.fixture(scope="session")
def athena_batch(fly_batch):
    """64 drawn flights of Athena with everything working."""
    return fly_batch()
