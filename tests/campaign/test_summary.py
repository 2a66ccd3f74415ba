"""campaign.json keeps its schema and says what the rows say, with intervals that assume no more."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow as pa
import pytest

from perilune.campaign.analysis.landing_footprint import FIXED, PLACED, STOPPED
from perilune.campaign.campaign_document import campaign_json_schema
from perilune.campaign.probability_estimate import SETTLED_MOST, estimate, interval_so_far
from perilune.campaign.request import Order
from perilune.campaign.run import row_store
from perilune.campaign.statistics.binomial_interval import between_blocks, clopper_pearson
from perilune.campaign.statistics.minimum_counts import least_for
from perilune.campaign.statistics.sequential_test import METHOD, Requirement, bounds, decide
from perilune.campaign.statistics.tally import Tally
from perilune.campaign.summary import BOUNDED, assumed
from perilune.campaign.summary import bounds as bounds_by_rank
from perilune.verdict.judge import ORDER


def flights(runs, unclean):
    """(runs,) bool, of which every so many is unclean."""
    return np.arange(runs) % unclean > 0


def ends(runs, size=64):
    return [*range(size, runs, size), runs]


def test_the_document_keeps_its_schema(undisturbed):
    schema = campaign_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    document = undisturbed[0]
    jsonschema.validate(document, schema)
    assert set(document) == set(schema["properties"])
    kept = json.loads(Path(undisturbed[1], "campaign.json").read_text(encoding="utf-8"))
    assert kept == document == row_store.read_campaign(undisturbed[1])


def test_counts_are_those_of_the_rows(undisturbed):
    document, rows = undisturbed[0], row_store.read_rows(undisturbed[1])
    clean, outcomes = rows["clean"].to_numpy(), rows["outcome"].to_pylist()
    assert document["probability"] == clean.mean()
    assert document["outcomes"] == {name: outcomes.count(name) for name in set(outcomes)}
    for name in ORDER:
        margins = rows[f"margin_{name}"].to_pylist()
        used_up = 0.0 if name == "leg_stroke_m" else -np.inf  # a leg at its stroke has no margin
        missed = sum(each is None or each < 0.0 or each == used_up for each in margins)
        assert document["violations"][name] == missed, name
    causes = [each for each in rows["first_cause"].to_pylist() if each is not None]
    assert len(causes) == len(rows) - clean.sum()
    assert {each["cause"]: each["count"] for each in document["failure_groups"]} == {
        cause: causes.count(cause) for cause in set(causes)
    }
    for group in document["failure_groups"]:
        for run in group["telling_runs"]:
            assert rows["first_cause"][run].as_py() == group["cause"]


def test_figures_are_those_of_the_flights_that_came_to_them(undisturbed):
    document, rows = undisturbed[0], row_store.read_rows(undisturbed[1])
    for name, told in document["figures"].items():
        values = rows[name].drop_null().to_numpy()
        assert told["count"] == len(values)
        if len(values):
            assert told["mean"] == pytest.approx(values.mean())
            assert (told["min"], told["max"]) == (values.min(), values.max())
        enough = len(values) >= least_for(0.5)
        assert told["p50"] == (pytest.approx(np.median(values)) if enough else None)


def test_what_was_dispersed_is_listed_with_its_source_and_is_in_the_rows(undisturbed):
    document, rows = undisturbed[0], row_store.read_rows(undisturbed[1])
    named = [each["column"] for each in document["dispersions"]]
    assert named == [name for name in rows.column_names if name.startswith("input_")]
    assert all(each["source"] for each in document["dispersions"])


def test_a_fixed_number_of_runs_has_the_interval_of_clopper_and_pearson():
    told = estimate(Order("athena", runs=300), flights(300, 30), ends(300))
    assert told["interval"] == list(clopper_pearson(290, 300, 0.95))
    assert told["method"]["name"] == "Clopper-Pearson"
    assert told["decision"]["verdict"] == "none"
    assert "290 of 300" in told["decision"]["sentence"]
    last = told["settled"][-1]
    assert [last["lo"], last["hi"]] == told["interval"]


@pytest.mark.parametrize("asked", [(200, 300), (500, 300)])
def test_a_number_of_runs_that_was_changed_has_the_interval_that_allows_for_it(asked):
    """More were asked for after 200 were seen, or fewer after some of 500 were."""
    told = estimate(Order("athena", runs=300), flights(300, 30), ends(300), asked)
    assert told["interval"] == list(bounds(290, 300, 0.95))
    assert told["method"]["name"] == METHOD.name
    assert "number of runs was changed" in told["method"]["assumes"]
    assert told["decision"]["verdict"] == "none"
    last = told["settled"][-1]
    assert [last["lo"], last["hi"]] == told["interval"]


def test_sobol_points_say_that_their_number_was_changed():
    order = Order("athena", sampling="sobol", runs=1024)
    told = estimate(order, flights(1024, 7), ends(1024), (512, 1024))
    assert "does not allow for" in told["method"]["assumes"]


def test_the_interval_so_far_is_of_the_runs_that_a_decision_may_be_taken_on():
    """A batch beyond a gap is flown, but not looked at; without a requirement all are told."""
    tally = Tally(most=640)
    for first, clean in ((0, 60), (128, 64)):
        tally.add(first, clean, 64)
    required = Requirement(0.99, 0.95)
    so_far = interval_so_far(Order("athena", require=0.99), tally)
    assert so_far == bounds(60, 64, 0.95, required)
    assert interval_so_far(Order("athena", runs=640), tally) == clopper_pearson(124, 128, 0.95)
    assert interval_so_far(Order("athena", runs=640), tally, (9, 640)) == bounds(60, 64, 0.95)
    assert interval_so_far(Order("athena", require=0.99), Tally(most=640)) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("unclean", "verdict"), [(10_000, "met"), (5, "refuted"), (90, "undecided")]
)
def test_a_requirement_has_the_interval_that_may_be_looked_at_after_every_batch(unclean, verdict):
    clean = np.roll(flights(640, unclean), -1)
    order = Order("athena", require=0.99, runs=640)
    told = estimate(order, clean, ends(640))
    required = Requirement(0.99, 0.95)
    assert told["decision"]["verdict"] == decide(required, int(clean.sum()), 640) == verdict
    assert told["interval"] == list(bounds(clean.sum(), 640, 0.95, required))
    assert told["requirement"] == {"probability": 0.99, "confidence": 0.95, "most_runs": 640}
    assert told["decision"]["after_runs"] == (None if verdict == "undecided" else 640)


def test_bounds_by_rank_say_whether_the_number_of_flights_was_fixed_beforehand():
    table = pa.table({name: np.arange(400.0) for name in BOUNDED})
    clean = flights(640, 10_000)
    for order, asked, expected in (
        (Order("athena", runs=640), (), FIXED),
        (Order("athena", runs=640), (320, 640), STOPPED),
        (Order("athena", require=0.99, runs=640), (), STOPPED),
        (Order("athena", runs=640, sampling="lhs"), (), PLACED),
    ):
        method = estimate(order, clean, ends(640), asked)["method"]
        assert assumed(order.sampling, method) == expected
        told = bounds_by_rank(table, 0.95, expected)
        assert {each["assumes"] for each in told} == (set() if expected == PLACED else {expected})


def test_sobol_points_have_the_interval_between_their_blocks():
    clean = flights(1024, 7)
    told = estimate(Order("athena", sampling="sobol", runs=1024), clean, ends(1024))
    shares = clean.reshape(4, 256).mean(axis=1)
    assert told["interval"] == list(between_blocks(shares, 0.95))
    assert "scramble" in told["method"]["assumes"]
    assert len(told["settled"]) == 16


def test_a_latin_hypercube_says_that_its_interval_is_approximate():
    told = estimate(Order("athena", sampling="lhs", runs=300), flights(300, 30), ends(300))
    assert "approximate" in told["method"]["assumes"]


def test_a_long_campaign_keeps_a_bounded_history_that_ends_with_its_end():
    runs = 64 * 4001
    told = estimate(Order("athena", runs=runs), flights(runs, 100), ends(runs))
    assert len(told["settled"]) <= SETTLED_MOST
    assert told["settled"][-1]["runs"] == runs


def decided_at(batches, order_of_arrival):
    """Runs and verdict of a campaign whose batches arrive in an order of their own."""
    required = Requirement(0.9, 0.95)
    tally = Tally(
        most=64 * len(batches), judge_prefix=lambda clean, runs: decide(required, clean, runs)
    )
    for index in order_of_arrival:
        tally.add(64 * index, batches[index], 64)
        if tally.is_complete:
            break
    return tally.reached, tally.clean, tally.verdict


def test_the_decision_does_not_depend_on_the_order_in_which_batches_arrive():
    rng = np.random.default_rng(2)
    batches = rng.binomial(64, 0.82, 40).tolist()
    told = {decided_at(batches, range(40))}
    told |= {decided_at(batches, rng.permutation(40)) for _ in range(20)}
    assert len(told) == 1
    assert told.pop()[2] == "refuted"


def test_what_was_flown_beyond_the_deciding_batch_is_known():
    tally = Tally(
        most=640, judge_prefix=lambda clean, runs: "refuted" if clean < runs / 2 else "undecided"
    )
    for first, clean in ((128, 0), (64, 0), (0, 64), (192, 60)):
        tally.add(first, clean, 64)
    assert (tally.reached, tally.verdict) == (192, "refuted")
    assert tally.beyond == [192]
