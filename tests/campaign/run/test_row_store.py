"""Rows on the disk: whole or absent, foreign files named, killed writers survived."""

import errno
import json
import multiprocessing
import os
import resource
import signal
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from perilune.campaign.run import row_store
from perilune.errors import InputError

DIGEST = "0123abcd"


def rows(first, count=64):
    """A table of rows whose values follow from their run's number."""
    runs = np.arange(first, first + count)
    return pa.table({"run": runs, "clean": runs % 3 > 0, "miss_m": np.sqrt(runs)})


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "kept"
    row_store.begin(place, {"digest": DIGEST, "identity": {}, "runs": 128})
    return place


def test_rows_come_back_sorted_by_run_whatever_the_order_they_were_written_in(folder):
    for first in (128, 0, 64):
        row_store.write_batch(folder, first, rows(first), DIGEST)
    back = row_store.read_rows(folder)
    assert back["run"].to_pylist() == list(range(192))
    assert back["miss_m"].to_pylist() == np.sqrt(np.arange(192)).tolist()
    assert row_store.read_rows(folder, ["miss_m"]).column_names == ["miss_m"]


@pytest.mark.parametrize("columns", ["run", ["run", "not_there"]])
def test_a_column_that_the_rows_lack_is_named_and_not_left_out_in_silence(folder, columns):
    row_store.write_batch(folder, 0, rows(0), DIGEST)
    with pytest.raises(InputError, match="`columns` must be a list of names"):
        row_store.read_rows(folder, columns)


def test_the_same_rows_make_the_same_file_to_the_bit(folder):
    row_store.write_batch(folder, 0, rows(0), DIGEST)
    before = row_store.batch_file(folder, 0).read_bytes()
    row_store.write_batch(folder, 0, rows(0), DIGEST)
    assert row_store.batch_file(folder, 0).read_bytes() == before


def test_a_folder_in_use_is_refused_with_the_cure(folder, tmp_path):
    with pytest.raises(InputError, match=r"holds a campaign already; add --resume .* --out"):
        row_store.check_folder(folder, resume=False)
    row_store.check_folder(folder, resume=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("")
    with pytest.raises(InputError, match=r"other must be empty or new"):
        row_store.check_folder(tmp_path / "other", resume=True)
    with pytest.raises(InputError, match=r"thesis.txt must be a folder, but is a file"):
        row_store.check_folder(tmp_path / "other" / "thesis.txt", resume=False)
    row_store.check_folder(tmp_path / "new", resume=False)


def test_what_is_foreign_beside_a_campaign_is_named_with_the_cure(folder):
    for name in ("campaign.json", "report.html", ".nfs0001"):
        (folder / name).write_text("")
    (folder / "replays").mkdir()
    row_store.check_folder(folder, resume=True)
    (folder / "points").mkdir()
    (folder / "thesis.tex").write_text("years")
    with pytest.raises(InputError, match=r"has points, thesis.tex in it; move that elsewhere"):
        row_store.check_folder(folder, resume=True)


def test_a_folder_whose_writer_was_killed_at_the_very_beginning_is_as_good_as_new(tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / ".order.json.aside").write_text('{"schema": 1, "dig')
    for resume in (False, True):
        row_store.check_folder(tmp_path, resume)
    row_store.begin(tmp_path, {"digest": DIGEST})
    row_store.clear_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["order.json", "runs"]
    assert row_store.read_order(tmp_path)["digest"] == DIGEST


def test_a_second_writer_is_refused_and_a_first_that_ended_is_not_in_the_way(folder):
    with (
        row_store.only_writer(folder),
        pytest.raises(InputError, match="another process"),
        row_store.only_writer(folder),
    ):
        pass
    with row_store.only_writer(folder):
        pass


def test_a_full_disk_is_told_in_a_sentence_and_what_was_finished_stays(folder):
    """The kernel itself says that no space is left: the file aside is a link to /dev/full."""
    row_store.write_batch(folder, 0, rows(0), DIGEST)
    aside = row_store.batch_file(folder, 64)
    aside.with_name(f".{aside.name}.aside").symlink_to("/dev/full")
    with pytest.raises(InputError, match=r"the disk is full; the batches .* kept\..*--resume"):
        row_store.write_batch(folder, 64, rows(64), DIGEST)
    assert [path.name for path in (folder / "runs").iterdir()] == ["batch-0000000.parquet"]
    assert len(row_store.read_rows(folder)) == 64


def test_a_file_cut_off_by_a_quota_leaves_no_trace(folder):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, before[1]))
    try:
        with pytest.raises(InputError, match="the disk is full"):
            row_store.write_batch(folder, 0, rows(0), DIGEST)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list((folder / "runs").iterdir()) == []


def test_what_a_killed_writer_left_is_not_read_and_goes_on_resuming(folder):
    row_store.write_batch(folder, 0, rows(0), DIGEST)
    left = folder / "runs" / ".batch-0000064.parquet.aside"
    left.write_bytes(row_store.batch_file(folder, 0).read_bytes()[:700])
    assert len(row_store.read_rows(folder)) == 64
    row_store.clear_leftovers(folder)
    assert not left.exists()
    assert row_store.batch_file(folder, 0).exists()


@pytest.mark.parametrize("name", ["batch-1.parquet", "batch-0000064.csv", "notes.txt"])
def test_a_foreign_file_among_the_rows_is_named(folder, name):
    row_store.write_batch(folder, 0, rows(0), DIGEST)
    (folder / "runs" / name).write_text("what is this")
    with pytest.raises(InputError, match=f"{name} is not a batch"):
        row_store.read_rows(folder)


def test_rows_of_another_campaign_or_of_no_campaign_are_named(folder):
    row_store.write_batch(folder, 0, rows(0), "another")
    with pytest.raises(InputError, match=r"batch-0000000.parquet holds rows of another campaign"):
        row_store.read_rows(folder)
    pq.write_table(rows(0), row_store.batch_file(folder, 0))
    with pytest.raises(InputError, match=r"batch-0000000.parquet holds rows of another campaign"):
        row_store.read_rows(folder)


def test_rows_under_a_wrong_name_are_named(folder):
    row_store.write_batch(folder, 0, rows(64), DIGEST)
    with pytest.raises(InputError, match=r"batch-0000000.parquet must hold the runs from 0 on"):
        row_store.read_rows(folder)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 1.0])
def test_a_bit_turned_or_an_end_cut_off_anywhere_in_a_file_is_named(folder, share):
    row_store.write_batch(folder, 0, rows(0), DIGEST)
    path = row_store.batch_file(folder, 0)
    whole = path.read_bytes()
    at = min(int(share * len(whole)), len(whole) - 1)
    path.write_bytes(whole[:at])
    with pytest.raises(InputError, match=r"batch-0000000.parquet cannot be read.*--resume"):
        row_store.read_rows(folder)


def test_a_bit_turned_inside_the_data_is_named(folder):
    row_store.write_batch(folder, 0, rows(0), DIGEST)
    path = row_store.batch_file(folder, 0)
    broken = bytearray(path.read_bytes())
    meta = pq.read_metadata(path).row_group(0).column(2)
    start = meta.dictionary_page_offset or meta.data_page_offset
    broken[start + meta.total_compressed_size - 5] ^= 1
    path.write_bytes(bytes(broken))
    with pytest.raises(InputError, match=r"batch-0000000.parquet cannot be read"):
        row_store.read_rows(folder)


def test_missing_rows_of_a_finished_campaign_are_told(folder):
    for first in (0, 64):
        row_store.write_batch(folder, first, rows(first), DIGEST)
    row_store.write_document(folder, row_store.CAMPAIGN_FILE, {"runs": 128})
    assert len(row_store.read_rows(folder)) == 128
    row_store.remove_batch(folder, 64)
    with pytest.raises(InputError, match=r"is of 128 runs, but `runs` holds 64"):
        row_store.read_rows(folder)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"digest": ', "\x00\x01"])
def test_a_broken_order_is_named(folder, text):
    (folder / row_store.ORDER_FILE).write_text(text)
    with pytest.raises(InputError, match=r"order.json must be what `perilune campaign` wrote"):
        row_store.read_order(folder)


def test_what_is_no_campaign_or_not_yet_ended_is_told(folder, tmp_path):
    with pytest.raises(InputError, match=r"has no `order.json`"):
        row_store.read_rows(tmp_path)
    with pytest.raises(InputError, match=r"has not ended; add --resume"):
        row_store.read_campaign(folder)
    with pytest.raises(InputError, match=r"holds no rows yet"):
        row_store.read_rows(folder)


def test_documents_hold_no_number_that_json_does_not_know(folder):
    with pytest.raises(ValueError, match="JSON compliant"):
        row_store.write_document(folder, "x.json", {"x": float("nan")})
    assert not [path for path in folder.iterdir() if "x.json" in path.name]


def write_without_end(folder):
    """Write one batch after the other until killed."""
    first = 0
    while True:
        row_store.write_batch(folder, first, rows(first), DIGEST)
        first += 64


def test_no_moment_of_a_kill_leaves_a_batch_that_is_not_whole(tmp_path):
    """Twenty kills of a process that does nothing but write: every file it named is whole."""
    rng, leftovers = np.random.default_rng(1), 0
    for kill in range(20):
        folder = tmp_path / str(kill)
        row_store.begin(folder, {"digest": DIGEST, "identity": {}, "runs": 1})
        writer = multiprocessing.get_context("spawn").Process(
            target=write_without_end, args=(folder,)
        )
        writer.start()
        while not any((folder / "runs").iterdir()):
            time.sleep(0.01)
        time.sleep(rng.uniform(0.0, 0.05))
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        leftovers += any(path.name.startswith(".") for path in (folder / "runs").iterdir())
        row_store.clear_leftovers(folder)
        kept = row_store.read_rows(folder) if row_store.batches_in(folder) else rows(0, 0)
        assert kept["run"].to_pylist() == list(range(len(kept)))
        assert json.loads((folder / row_store.ORDER_FILE).read_text())["digest"] == DIGEST
    assert leftovers > 0  # or no kill ever struck a write


def test_errors_of_the_disk_keep_their_cause(folder):
    (folder / "runs").chmod(0o500)
    try:
        if os.access(folder / "runs", os.W_OK):
            pytest.skip("this user may write everywhere")
        with pytest.raises(InputError, match="cannot be written") as told:
            row_store.write_batch(folder, 0, rows(0), DIGEST)
        assert told.value.__cause__.errno == errno.EACCES
    finally:
        (folder / "runs").chmod(0o700)
