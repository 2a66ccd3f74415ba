"""Killed at any moment, a campaign comes to the rows of one that was left alone."""

import dataclasses
import os
import shutil
import signal
import time

import numpy as np
import psutil
import pytest

from perilune.campaign import store
from perilune.campaign.run import run_campaign
from perilune.errors import InputError
from tests.campaign.conftest import RUNS, Heard, begun, files_of, same_rows, small_order

KILLS = 20
START_S, SHARE = 5.0, 0.7
"""A kill may come at any moment of a start and of this share of an undisturbed flight."""


@pytest.mark.timeout(1800)
def test_twenty_kills_at_random_moments_change_no_row_and_cost_no_finished_batch(
    undisturbed, tmp_path
):
    timing, rng, kills, place = undisturbed[0]["timing"], np.random.default_rng(3), 0, 0
    longest_s = START_S + SHARE * (timing["wall_s"] - timing["compile_s"])
    while kills < KILLS:
        place += 1
        folder = tmp_path / str(place)
        while kills < KILLS and not (folder / store.CAMPAIGN_FILE).exists():
            kills += _killed(folder, rng.uniform(0.5, longest_s))
    if not (folder / store.CAMPAIGN_FILE).exists():
        _finished_batches_stay(folder, lambda: run_campaign(_order(folder), Heard()))
    for one in range(1, place + 1):
        same_rows(tmp_path / str(one), undisturbed[1])


def _order(folder):
    return small_order(folder, resume=True)


def _killed(folder, after_s):
    """Fly on and kill the whole group after so long; 0 where it had ended by then."""

    def fly_and_kill():
        with begun(_order(folder)) as process:
            time.sleep(after_s)
            ended = process.poll() is not None
            family = psutil.Process(process.pid).children(recursive=True) if not ended else []
            os.killpg(process.pid, signal.SIGKILL) if not ended else None
            assert psutil.wait_procs(family, timeout=10.0)[1] == []
        return int(not ended)

    return _finished_batches_stay(folder, fly_and_kill)


def _finished_batches_stay(folder, act):
    before = files_of(folder) if (folder / "runs").is_dir() else {}
    answer = act()
    after = files_of(folder) if (folder / "runs").is_dir() else {}
    assert {name: after.get(name) for name in before} == before
    return answer


def test_a_killed_parent_takes_its_workers_along(undisturbed, tmp_path):
    """Only the parent is killed, in the middle of a batch: its workers leave by themselves."""
    assert undisturbed
    with begun(small_order(tmp_path / "orphans")) as process:
        for line in process.stdout:
            if line.startswith("flown"):
                break
        family = psutil.Process(process.pid).children(recursive=True)
        assert family
        process.kill()
    assert psutil.wait_procs(family, timeout=10.0)[1] == []


def test_a_finished_campaign_is_concluded_again_without_flying(undisturbed, tmp_path):
    document, folder = undisturbed[0], tmp_path / "again"
    shutil.copytree(undisturbed[1], folder)
    before, heard = files_of(folder), Heard()
    again, _ = run_campaign(_order(folder), heard)
    assert files_of(folder) == before
    assert heard.standings == []
    assert again["timing"]["flown"] == 0
    for name in set(document) - {"timing", "provenance"}:
        assert again[name] == document[name], name


def test_more_runs_add_rows_and_change_none(undisturbed, tmp_path):
    """The batch that was cut short is flown whole; fewer runs than there are is refused."""
    place = tmp_path / "grown"
    run_campaign(small_order(place, runs=70), Heard())
    first = files_of(place)["batch-0000000.parquet"]
    with pytest.raises(InputError, match=r"holds more than 64 runs already"):
        run_campaign(small_order(place, runs=64, resume=True), Heard())
    run_campaign(_order(place), Heard())
    assert files_of(place)["batch-0000000.parquet"] == first
    same_rows(place, undisturbed[1])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"seed": 6}, "another --seed: it was 5, and now is 6"),
        ({"sampling": "sobol", "runs": 512}, 'another --sampling: it was "random"'),
        ({"require": 0.9, "runs": None}, "another --require: it was none, and now is 0.9"),
        ({"faults": ()}, "another --fault: it was altimeter-noisy, and now is none"),
        (
            {"settings": ("lander.engine.max_thrust=3.2 kN",)},
            r"another `lander.engine.max_thrust`: it was .* now is \"3.2 kN\"",
        ),
        ({"mission": "odysseus"}, 'another mission: it was "athena", and now is "odysseus"'),
    ],
)
def test_what_would_change_the_rows_is_refused_by_its_name(undisturbed, changes, sentence):
    folder = undisturbed[1]
    order = dataclasses.replace(_order(folder), **changes)
    before = files_of(folder)
    with pytest.raises(InputError, match=sentence):
        run_campaign(order, Heard())
    assert files_of(folder) == before


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("batch_size", 32, "another batch size: it was 32, and now is 64"),
        ("perilune", "0.0.9", 'another version of Perilune: it was "0.0.9"'),
        ("code", "f" * 64, 'another state of Perilune\'s code: it was "ffffffffffff…"'),
        ("libraries", {"jax": "0.1"}, r"another jax: it was \"0.1\""),
        ("data", {"moon.img": "00"}, 'another moon.img: it was "00", and now is absent'),
    ],
)
def test_other_code_or_data_is_refused_by_its_name(undisturbed, tmp_path, name, value, sentence):
    kept = store.read_order(undisturbed[1])
    identity = dict(kept["identity"])
    identity[name] = identity[name] | value if isinstance(value, dict) else value
    store.begin(tmp_path, {**kept, "identity": identity})
    with pytest.raises(InputError, match=sentence):
        run_campaign(_order(tmp_path), Heard())


def test_a_batch_that_is_broken_or_foreign_stops_a_resumed_campaign(undisturbed, tmp_path):
    kept = store.read_order(undisturbed[1])
    store.begin(tmp_path, kept)
    (tmp_path / "runs" / "batch-0000000.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"batch-0000000.parquet cannot be read"):
        run_campaign(_order(tmp_path), Heard())
    assert kept["runs"] == RUNS
