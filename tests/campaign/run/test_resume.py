"""Killed at any moment, a campaign comes to the rows of one that was left alone."""

import dataclasses
import os
import shutil
import signal
import time

import numpy as np
import psutil
import pytest

from perilune.campaign.run import row_store
from perilune.campaign.runner import run_campaign
from perilune.campaign.statistics.binomial_interval import clopper_pearson
from perilune.campaign.statistics.sequential_test import METHOD, bounds
from perilune.errors import InputError
from tests.campaign.conftest import RUNS, Heard, begun, files_of, same_rows, small_order

KILLS = 4
BATCHES = 3
START_S, SHARE = 5.0, 0.7
"""A kill may come at any moment of a start and of this share of an undisturbed flight."""
PAST_A_BATCH = 2
"""Each kill of so many waits for another finished batch first, flown by one worker."""


@pytest.mark.timeout(1800)
def test_kills_at_random_moments_change_no_row_and_cost_no_finished_batch(undisturbed, tmp_path):
    timing, rng, found, place = undisturbed[0]["timing"], np.random.default_rng(3), [], 0
    longest_s = START_S + SHARE * (timing["wall_s"] - timing["compile_s"])
    while len(found) < KILLS:
        place += 1
        folder = tmp_path / str(place)
        while len(found) < KILLS and not (folder / row_store.CAMPAIGN_FILE).exists():
            past = len(found) % PAST_A_BATCH == PAST_A_BATCH - 1
            if _killed(
                folder, rng.uniform(0.0, 1.0) if past else rng.uniform(0.5, longest_s), past
            ):
                found.append(_batch_count(folder))
    assert sum(count > 0 for count in found) >= 2, found  # or no finished batch was at stake
    assert any(0 < count < BATCHES for count in found), found  # or none was left to be flown
    if not (folder / row_store.CAMPAIGN_FILE).exists():
        _finished_batches_stay(folder, lambda: run_campaign(_order(folder), Heard()))
    for one in range(1, place + 1):
        same_rows(tmp_path / str(one), undisturbed[1])


def _order(folder, **changes):
    return small_order(folder, resume=True, **changes)


def _batch_count(folder):
    return len(files_of(folder)) if (folder / "runs").is_dir() else 0


def _killed(folder, after_s, past_a_batch):
    """Fly on and kill the whole group so long after its start, or after another batch is there.

    False where it had ended by then.
    """

    def fly_and_kill():
        before = _batch_count(folder)
        order = _order(folder, workers=1) if past_a_batch else _order(folder)
        with begun(order) as process:
            while (
                past_a_batch and process.poll() is None and _batch_count(folder) == before < BATCHES
            ):
                time.sleep(0.02)
            time.sleep(after_s)
            ended = process.poll() is not None
            family = psutil.Process(process.pid).children(recursive=True) if not ended else []
            os.killpg(process.pid, signal.SIGKILL) if not ended else None
            assert psutil.wait_procs(family, timeout=10.0)[1] == []
        return not ended

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
    kept = _at_the_top(folder)
    again, _ = run_campaign(_order(folder), heard)
    assert files_of(folder) == before
    assert _at_the_top(folder) == kept
    assert heard.standings == []
    assert again == document


def test_other_conclusions_from_the_same_rows_keep_the_timing_of_their_flights(
    undisturbed, tmp_path
):
    document, folder = undisturbed[0], tmp_path / "surer"
    shutil.copytree(undisturbed[1], folder)
    again, _ = run_campaign(_order(folder, confidence=0.99), Heard())
    assert again["timing"] == document["timing"]
    assert again["interval"] == list(clopper_pearson(document["clean"], RUNS, 0.99))


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"runs": 64}', '{"runs": 150}'])
def test_broken_conclusions_are_drawn_again_from_rows_that_are_whole(undisturbed, tmp_path, text):
    document, folder = undisturbed[0], tmp_path / "again"
    shutil.copytree(undisturbed[1], folder)
    (folder / row_store.CAMPAIGN_FILE).write_text(text)
    again, _ = run_campaign(_order(folder), Heard())
    same_rows(folder, undisturbed[1])
    assert row_store.read_campaign(folder) == again
    for name in set(document) - {"timing", "provenance"}:
        assert again[name] == document[name], name


def test_a_campaign_gone_on_with_says_where_and_when_it_was_begun(undisturbed, tmp_path):
    """The order is written as another machine would have left it, without its last batch."""
    folder = tmp_path / "moved"
    shutil.copytree(undisturbed[1], folder)
    first = {"begun": "2020-01-01T00:00:00Z", "host": {"system": "elsewhere"}}
    row_store.write_document(folder, row_store.ORDER_FILE, row_store.read_order(folder) | first)
    before = _at_the_top(folder)[row_store.ORDER_FILE]
    row_store.remove_batch(folder, 128)
    again, _ = run_campaign(_order(folder), Heard())
    assert {name: again["provenance"][name] for name in first} == first
    assert _at_the_top(folder)[row_store.ORDER_FILE] == before


def _at_the_top(folder):
    """{name: (bytes, time of change)} of the documents."""
    return {
        path.name: (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.glob("*.json"))
    }


def test_more_runs_add_rows_and_change_none(undisturbed, tmp_path):
    """The batch that was cut short is flown whole; fewer runs than there are is refused.

    A number of runs that may have followed from what was seen has the interval that allows for it.
    """
    place = tmp_path / "grown"
    run_campaign(small_order(place, runs=70), Heard())
    first, top = files_of(place)["batch-0000000.parquet"], _at_the_top(place)
    with pytest.raises(InputError, match=r"holds more than 64 runs already"):
        run_campaign(small_order(place, runs=64, resume=True), Heard())
    assert _at_the_top(place) == top
    document, _ = run_campaign(_order(place), Heard())
    assert files_of(place)["batch-0000000.parquet"] == first
    same_rows(place, undisturbed[1])
    assert row_store.read_order(place)["runs_asked"] == [70, RUNS]
    assert document["interval"] == list(bounds(document["clean"], RUNS, 0.95))
    assert document["interval"] != undisturbed[0]["interval"]
    assert document["method"]["name"] == METHOD.name
    assert "number of runs was changed" in document["method"]["assumes"]


def test_a_second_writer_is_refused_before_it_writes_anything(tmp_path, data_folder):
    assert data_folder
    with row_store.only_writer(tmp_path), pytest.raises(InputError, match="another process"):
        run_campaign(small_order(tmp_path), Heard())
    assert list(tmp_path.iterdir()) == []


def test_what_is_foreign_in_the_folder_is_named_before_anything_is_flown(undisturbed, tmp_path):
    folder = tmp_path / "mixed"
    shutil.copytree(undisturbed[1], folder)
    (folder / "thesis.tex").write_text("years")
    with pytest.raises(InputError, match=r"but has thesis.tex in it; move that elsewhere"):
        run_campaign(_order(folder), Heard())


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
        ("compiler", {"XLA_FLAGS": "--xla_a=1"}, r'another XLA_FLAGS: it was "--xla_a=1"'),
        ("data", {"moon.img": "00"}, 'another moon.img: it was "00", and now is absent'),
    ],
)
def test_other_code_or_data_is_refused_by_its_name(undisturbed, tmp_path, name, value, sentence):
    kept = row_store.read_order(undisturbed[1])
    identity = dict(kept["identity"])
    identity[name] = identity[name] | value if isinstance(value, dict) else value
    row_store.begin(tmp_path, {**kept, "identity": identity})
    with pytest.raises(InputError, match=sentence):
        run_campaign(_order(tmp_path), Heard())


def test_a_batch_that_is_broken_or_foreign_stops_a_resumed_campaign(undisturbed, tmp_path):
    kept = row_store.read_order(undisturbed[1])
    row_store.begin(tmp_path, kept)
    (tmp_path / "runs" / "batch-0000000.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"batch-0000000.parquet cannot be read"):
        run_campaign(_order(tmp_path), Heard())
    assert kept["runs"] == RUNS
