"""The native engine and XLA end the same drawn flights equally often in each outcome."""

import numpy as np

from perilune import load_mission
from perilune.campaign.run.batch import fly_batch
from perilune.campaign.run.job import Job, Task, cores
from perilune.campaign.run.native_campaign import campaign_flight, numbers_of
from perilune.campaign.run.native_flyer import NativeFlyer
from perilune.design import design
from perilune.mission.dispersions import ROW_COUNT
from validation.equivalence import chance_to_hold, equivalence

RUNS, SEED = 64, 0
MARGIN_FRACTION = 0.35
"""Wide, as 64 pairs allow no less; `python -m tools.engine_outcomes` flies 2,000."""
DIFFERING_FRACTION = 0.12
"""Of 2,000 of these flights, 238 ended differently, to and fro alike."""
OWN_STREAMS = np.full((RUNS, ROW_COUNT), np.nan)


def natively(plan):
    """(what was drawn, `FlightSummary`) of the runs."""
    flight = campaign_flight(plan)
    program = flight.compiled(len(cores()))
    job = Job(plan=numbers_of(plan, SEED), seed=SEED, batch_size=RUNS, code="", program=program)
    return flight.shaped(NativeFlyer(job).fly(Task(0, OWN_STREAMS)))


def test_both_engines_draw_alike_and_land_as_often(data_folder):
    """With a noisy altimeter some land and some crash; an unlucky rounding of XLA's, with which
    alike engines would be accused, has one chance in a thousand at most."""
    assert data_folder
    plan = design(load_mission("athena", faults=("altimeter-noisy",))).plan
    (values, ours), (same_values, theirs) = natively(plan), fly_batch(plan, SEED, 0, OWN_STREAMS)
    np.testing.assert_allclose(values, same_values, rtol=2e-6)  # of normals in single precision
    found = equivalence(ours.outcome.tolist(), theirs.outcome.tolist(), MARGIN_FRACTION)
    assert len(found.outcomes) > 1, "no test where all end alike"
    assert found.holds, found
    half = 0.5 * DIFFERING_FRACTION
    assert chance_to_hold(RUNS, MARGIN_FRACTION, half, half) > 0.999
