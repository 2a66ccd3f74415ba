"""The native engine and XLA fly the same drawn flights and end them equally often alike."""

import dataclasses

import jax
import numpy as np
import pytest

from perilune import load_mission
from perilune.campaign.figure_names import FIGURES
from perilune.campaign.run.batch import campaign_batch
from perilune.campaign.run.native_campaign import campaign_flight
from perilune.campaign.run.row_columns import judging_of, table_of
from perilune.campaign.run.whole_batch import fly_batch
from perilune.design import design
from perilune.design.inputs import inputs_of
from perilune.mission.dispersions import ROW_COUNT
from perilune.mission.distributions import Kind
from validation.equivalence import chance_to_hold, equivalence

RUNS, SEED = 64, 0
MARGIN_FRACTION = 0.35
"""Wide, as 64 pairs allow no less; `python -m tools.engine_outcomes` flies 2,000."""
DIFFERING_FRACTION = 0.12
"""Of 2,000 of these flights, 238 ended differently, to and fro alike."""


@pytest.fixture(scope="module")
def athena_by_xla(data_folder, athena_design):
    """(what was drawn, `FlightSummary`) of Athena's first runs, everything working."""
    assert data_folder
    return fly_batch(athena_design.plan, SEED, engine="xla")


def test_both_engines_draw_alike_and_land_as_often(data_folder):
    """Without altimeter and velocimeter some land, some crash; an unlucky rounding of XLA's, with
    which alike engines would be accused, has one chance in a thousand at most."""
    assert data_folder
    blind = ["faults.altimeter-dead.with_velocimeter=true"]
    plan = design(load_mission("athena", blind, faults=("altimeter-dead",))).plan
    (values, ours), (same_values, theirs) = (
        fly_batch(plan, SEED, engine=engine) for engine in ("native", "xla")
    )
    np.testing.assert_allclose(values, same_values, rtol=2e-6)  # of normals in single precision
    found = equivalence(ours.outcome.tolist(), theirs.outcome.tolist(), MARGIN_FRACTION)
    assert len(found.outcomes) > 1, "no test where all end alike"
    assert found.holds, found
    half = 0.5 * DIFFERING_FRACTION
    assert chance_to_hold(RUNS, MARGIN_FRACTION, half, half) > 0.999


def test_a_flight_by_the_native_engine_repeats_its_row_by_xla_but_for_rounding(
    athena_by_xla, athena_design
):
    """Another program rounds otherwise, and sensors' quanta enlarge it: bounds on medians of 64.

    Of 256 pairs measured, both by XLA, 2 in 100 differ by more than a bound, so that the median of
    64 passes it by accident with a chance of C(64, 32) 0.02^32, below 1e-35. The tilt at
    rest is that of the ground, which is another one a metre aside.
    """
    ours = fly_batch(athena_design.plan, SEED, engine="native").summary
    for figure, bound in (
        (lambda summary: summary.miss_m, 5.0),
        (lambda summary: summary.contact.vertical_speed_m_s, 0.003),
        (lambda summary: summary.contact.tilt_rad, 0.002),
        (lambda summary: summary.propellant_kg, 0.2),
    ):
        apart = np.abs(figure(ours) - figure(athena_by_xla.summary))
        assert np.median(apart) < bound


@pytest.mark.parametrize("engine", ["native", "xla"])
def test_the_same_batch_flown_again_is_the_same_to_the_bit(athena_by_xla, athena_design, engine):
    def flown():
        return fly_batch(athena_design.plan, SEED, engine=engine)

    first = athena_by_xla if engine == "xla" else flown()
    for one, other in zip(jax.tree.leaves(first), jax.tree.leaves(flown()), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_batch_that_begins_elsewhere_has_the_same_rows_to_the_bit(athena_design, data_folder):
    """By the native engine; 11 flights leave a group of lanes that is not full."""
    assert data_folder
    own_streams = np.full((11, ROW_COUNT), np.nan)
    aligned = fly_batch(athena_design.plan, SEED, engine="native")
    shifted = fly_batch(athena_design.plan, SEED, 5, own_streams, engine="native")
    for one, other in zip(jax.tree.leaves(aligned), jax.tree.leaves(shifted), strict=True):
        np.testing.assert_array_equal(one[5:16], other)


@pytest.mark.usefixtures("athena_by_xla")
def test_odysseus_flies_in_the_same_compiled_program(athena_design):
    odysseus = design(load_mission("odysseus")).plan
    before = campaign_batch()._cache_size()
    fly_batch(odysseus, SEED, engine="xla")
    assert campaign_batch()._cache_size() == before
    assert campaign_flight(odysseus) is campaign_flight(athena_design.plan)


@pytest.mark.parametrize("engine", ["native", "xla"])
def test_a_number_that_is_not_one_ends_its_own_lane_and_no_other(athena, athena_design, engine):
    """The engine's thrust becomes a choice of its nominal and not-a-number; three lanes draw it."""
    row = [one.path for one in inputs_of(athena)].index("lander.engine.max_thrust")
    poisoned_plan = with_a_poisoned_choice(athena_design.plan, row)
    sound = np.full((RUNS, ROW_COUNT), np.nan)
    sound[:, row] = 0.5
    poisoned, struck = sound.copy(), [3, 17, 40]
    poisoned[struck, row] = 0.99

    def flown(points):
        batch = fly_batch(poisoned_plan, SEED, RUNS, points, engine)
        return table_of(judging_of(athena, athena_design), RUNS, batch, RUNS)

    table, untouched = flown(poisoned), flown(sound)
    broken = table["outcome"].to_numpy() == "NUMERICAL_FAILURE"
    assert np.flatnonzero(broken).tolist() == struck
    assert not np.any(table["clean"].to_numpy()[struck])
    for name in (*FIGURES, "margin_at_rest", "input_lander_engine_max_thrust_n"):
        assert table[name].take(struck).null_count == len(struck), name
    assert table.filter(~broken).equals(untouched.filter(~broken))


def with_a_poisoned_choice(plan, row):
    """The plan with one row drawn from its nominal value, up to 0.9, and not-a-number."""
    rows = plan.dispersions
    values = rows.values.at[row].set(np.nan).at[row, 0].set(rows.nominal[row])
    edges = rows.edges.at[row].set(1.0).at[row, 0].set(0.9)
    kind = rows.kind.at[row].set(int(Kind.CHOICE))
    poisoned = dataclasses.replace(rows, kind=kind, values=values, edges=edges)
    return dataclasses.replace(plan, dispersions=poisoned)
