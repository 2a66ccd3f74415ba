"""The bench for accelerators, on the processor that every machine has."""

import json

import jax
import jsonschema
import pytest

from benchmarks import gpu

on_cpu = pytest.mark.skipif(jax.default_backend() != "cpu", reason="there is an accelerator")


@on_cpu
def test_without_a_gpu_it_says_so_says_what_to_do_and_writes_nothing(tmp_path, capsys):
    assert gpu.main(["--out", str(tmp_path)]) == 2
    assert "no accelerator" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_batch_is_flown_timed_and_kept_with_the_machine_named(tmp_path, capsys):
    words = ["--cpu", "--batches", "64", "--repeats", "1", "--out", str(tmp_path)]
    assert gpu.main(words) == 0
    (path,) = tmp_path.iterdir()
    record = json.loads(path.read_text())
    jsonschema.validate(record, json.loads(gpu.SCHEMA_FILE.read_text()))
    (row,) = record["batches"]
    assert row["reason"] is None
    assert sum(row["outcomes"].values()) == 64
    assert record["device"]["kind"]
    assert "64 flights at once" in capsys.readouterr().out


def test_a_batch_that_does_not_fit_has_its_reason_and_does_not_end_the_bench(monkeypatch):
    class Program:
        def lower(self, *arguments):
            raise jax.errors.JaxRuntimeError(f"RESOURCE_EXHAUSTED: {len(arguments)}\nmore")

    monkeypatch.setattr("benchmarks.program.plan_of", lambda mission: mission)
    monkeypatch.setattr("benchmarks.program.batch_arguments", lambda *words: words)
    monkeypatch.setattr("benchmarks.program.batch_program", Program)
    rows = gpu.flown("athena", [5, 6], 1)
    assert [row["reason"] for row in rows] == ["RESOURCE_EXHAUSTED: 3"] * 2
    assert rows[0]["flights_per_s"] is None
