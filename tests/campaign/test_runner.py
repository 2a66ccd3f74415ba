"""Campaigns flown by processes: the same rows whoever flies them, and nobody left behind."""

import os
import pickle
from types import SimpleNamespace

import jax
import numpy as np
import psutil
import pytest

from perilune import load_mission
from perilune.campaign.run import row_store, worker_pool
from perilune.campaign.run.campaign import Campaign
from perilune.campaign.run.executors import flown_batches
from perilune.campaign.run.job import Job
from perilune.campaign.run.throughput import Session, Stopwatch
from perilune.campaign.runner import run_campaign
from perilune.design import design
from perilune.design.inputs import inputs_of
from perilune.design.provenance import code_digest
from perilune.errors import InputError
from perilune.flight.draw import sample
from perilune.mechanics.randomness import run_key
from tests.campaign.conftest import RUNS, SMALL, Heard, same_rows, small_order


def test_every_run_is_a_row_and_the_last_batch_is_kept_in_part(undisturbed):
    document, folder, heard = undisturbed
    rows = row_store.read_rows(folder)
    assert rows["run"].to_pylist() == list(range(RUNS))
    assert list(row_store.batches_in(folder)) == [0, 64, 128]
    assert document["runs"] == RUNS
    assert document["clean"] == sum(rows["clean"].to_pylist())
    last = heard.standings[-1]
    assert (last.flown, last.most, last.clean) == (RUNS, RUNS, document["clean"])
    assert 0.0 <= last.lo <= last.clean / last.flown <= last.hi <= 1.0


def test_the_inputs_in_a_row_are_what_its_run_draws(undisturbed):
    mission = load_mission(SMALL.mission, faults=SMALL.faults)
    plan, rows = design(mission).plan, row_store.read_rows(undisturbed[1])
    draw = jax.jit(lambda seed, run: sample(plan.dispersions, run_key(seed, run)))
    inputs = inputs_of(mission, plan)
    assert inputs
    for run in (0, 77, RUNS - 1):
        values = np.asarray(draw(SMALL.seed, run))
        row = rows.slice(run, 1).to_pylist()[0]
        drawn = [row[each.column] for each in inputs]
        np.testing.assert_allclose(drawn, values[: len(inputs)], rtol=1e-12)


def test_a_killed_worker_is_replaced_and_its_batch_flown_again(undisturbed, tmp_path):
    """One at a time, so that these are also the rows and conclusions of a single worker."""

    class Killer(Heard):
        killed = 0

        def progress(self, standing):
            """Once the first batch is there, kill a worker that flies another."""
            super().progress(standing)
            if not self.killed:
                children = psutil.Process().children(recursive=True)
                flying = [one for one in children if "run.worker_main" in " ".join(one.cmdline())]
                flying[0].kill()
                self.killed += 1

    heard = Killer()
    document, _ = run_campaign(small_order(tmp_path / "lost", workers=1), heard)
    same_rows(tmp_path / "lost", undisturbed[1])
    assert document["timing"]["lost_workers"] == document["timing"]["workers"] == 1
    for name in set(document) - {"timing", "provenance"}:
        assert document[name] == undisturbed[0][name], name
    assert any("a worker died" in words for words in heard.words)


class Deadly:
    """A plan that ends whoever reads it, as a killed process ends."""

    def __reduce__(self):
        """Read as an exit."""
        return os._exit, (9,)


@pytest.mark.usefixtures("data_folder")
def test_a_job_that_costs_one_worker_after_the_other_is_given_up():
    job = Job(plan=pickle.dumps(Deadly()), seed=0, batch_size=64, code=code_digest())
    told = []
    with pytest.raises(InputError, match=r"3 worker processes died getting ready .*exit code 9"):
        list(worker_pool.flown_by_workers(job, [(0, None)], 1, lambda *said: told.append(said)))
    assert [name for name, _ in told] == ["lost", "lost"]


def test_a_worker_that_fails_says_why():
    job = Job(plan=b"not a plan", seed=0, batch_size=64, code="")
    with pytest.raises(RuntimeError, match="UnpicklingError"):
        list(worker_pool.flown_by_workers(job, [(0, None)], 1, lambda *_: None))


@pytest.mark.parametrize(("asked", "count"), [(4, 1), (1, 0), (None, 0)])
def test_workers_that_a_gpu_does_not_heed_are_told(monkeypatch, asked, count):
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    order, heard = small_order("unused", workers=asked), Heard()
    campaign = Campaign(
        order=order,
        mission=None,
        design=None,
        flight=None,
        record={"identity": {}},
        judging=SimpleNamespace(inputs=()),
        folder=None,
    )
    flown_batches(campaign, [], Session(heard, Stopwatch()))
    assert [words for words in heard.words if "--workers has no effect" in words] == heard.words
    assert len(heard.words) == count


def test_a_decision_ends_the_campaign_on_the_prefix_of_its_batches(undisturbed, tmp_path):
    """113 of 256 flights of this fault fail: 128 leave 0.9 open with a chance below 1e-9."""
    order = small_order(tmp_path / "decided", runs=None, require=0.9)
    document, folder = run_campaign(order, Heard())
    decision = document["decision"]
    assert decision["verdict"] == "refuted"
    assert decision["after_runs"] in range(8, 129, 8)  # it is looked after every 8 runs
    assert list(row_store.batches_in(folder)) == list(range(0, decision["after_runs"], 8))
    first = row_store.read_rows(undisturbed[1]).slice(0, decision["after_runs"])
    assert row_store.read_rows(folder).equals(first)
