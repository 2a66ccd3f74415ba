"""The bench's own arithmetic and record; no time is ever asserted."""

import io
import itertools
import json
import subprocess
import sys

import jsonschema
import pytest
from rich.console import Console

from benchmarks import record, screen
from benchmarks.machine import machine
from benchmarks.stopwatch import median_seconds, seconds_of


def fake_clock(*steps_s):
    """A clock that moves on by the next of `steps_s`, over and over, at each look."""
    ticks = itertools.accumulate(itertools.cycle(steps_s))
    return lambda: next(ticks)


def row_of_parts():
    return {
        "part": "decide",
        "what": "Modes.",
        "runs": 9600,
        "microseconds": 0.5,
        "milliseconds_a_flight": 4.8,
    }


@pytest.fixture
def found():
    """What a bench would have found, every time told by a clock that we hold."""
    clock = fake_clock(0.25)
    taken_s = seconds_of(list, clock)[1]
    compiled = {
        "program": "64 flights",
        "trace_and_lower_s": taken_s,
        "cold_compile_s": 40.0,
        "cold_compile_cpu_s": 44.0,
        "cached_compile_s": taken_s,
        "came_from_cache": True,
        "peak_memory_gb": 1.5,
    }
    race = {
        "lanes": 64,
        "runs": 256,
        "workers": 2,
        "flights_per_s": 25.0,
        "flights_per_s_each": [24.0, 25.0, 26.0],
        "cpu_s_a_flight": 0.08,
        "ready_s": taken_s,
        "memory_gb": 1.8,
        "outcomes": {"LANDED": 256},
    }
    return {
        "mission": "athena",
        "compiling": [compiled, compiled],
        "throughput": [{**race, "lanes": 16, "flights_per_s": 10.0}, race],
        "shell": {"reason": None, "help_s": 0.5, "fly_first_s": 30.0, "fly_warm_s": 8.1},
        "phases": [{"phase": "contact", "steps": 60, "seconds": taken_s}],
        "parts": [row_of_parts()],
        "operations": 1e9,
        "basilisk": {"did": "less", "reason": None, "version": "2", "seconds": 0.4},
    }


@pytest.fixture
def schema():
    return json.loads(record.SCHEMA_FILE.read_text())


def test_a_stopwatch_tells_what_the_clock_moved_and_what_the_work_made():
    assert seconds_of(lambda: "made", fake_clock(1.5)) == ("made", 1.5)


def test_the_median_of_times_is_not_moved_by_one_slow_one():
    assert median_seconds(list, 3, fake_clock(1.0, 2.0, 1.0, 2.0, 1.0, 90.0)) == 2.0


def test_a_record_holds_to_its_schema_and_reads_back(found, schema, tmp_path):
    path = record.write(record.document(machine(), found), tmp_path)
    jsonschema.validate(json.loads(path.read_text()), schema)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_a_record_without_basilisk_says_why_and_holds_to_its_schema(found, schema):
    found["basilisk"] = {"did": "less", "reason": "Basilisk did not run: no wheel"}
    made = record.document(machine(), found)
    jsonschema.validate(made, schema)
    assert made["basilisk"]["ratio"] is None


def test_a_command_line_that_fails_is_told_and_loses_no_other_figure(found, schema):
    whole = record.figures(found)
    found["shell"] = {"reason": "the command line failed: no mission"}
    made = record.document(machine(), found)
    jsonschema.validate(made, schema)
    assert made["figures"] == [row for row in whole if "perilune" not in row["name"]]


def test_a_figure_beyond_its_target_is_told_as_not_met(found):
    met = {row["name"]: row["met"] for row in record.figures(found)}
    assert met["cold compile"] is False
    assert met["`perilune fly` warm"] is False
    assert met["`perilune --help`"] is True
    assert met["flights per second"] is True
    assert met["trace and lower"] is None


def test_the_fastest_chunk_is_the_one_that_counts(found):
    told = {row["name"]: row["value"] for row in record.figures(found)}
    assert told["flights per second"] == 25.0


def test_the_screen_tells_every_figure_part_and_basilisk(found):
    out = io.StringIO()
    made = record.document(machine(), found)
    screen.show(made, Console(file=out, width=160))
    for row in made["figures"]:
        assert row["name"] in out.getvalue()
    assert "decide" in out.getvalue()
    assert "Theirs over ours: 5.0" in out.getvalue()


def test_a_peer_that_cannot_run_is_a_reason_and_not_an_error(tmp_path, monkeypatch):
    from benchmarks import basilisk

    def refused(folder):
        command = [sys.executable, "-c", f"raise SystemExit('no wheel for {folder.name}')"]
        subprocess.run(command, check=True, capture_output=True, text=True)

    monkeypatch.setattr(basilisk, "_python", refused)
    told = basilisk.basilisk(tmp_path)
    assert told["reason"] == f"Basilisk did not run: no wheel for {tmp_path.name}"


def test_operations_in_loops_count_as_often_as_they_run():
    import jax
    import jax.numpy as jnp

    from benchmarks.operations import operations

    def once(x):
        return x * x

    def nested(x):
        def inner(y):
            return jax.lax.scan(lambda z, _: (once(z), None), y, None, 7)[0]

        return jax.lax.scan(lambda y, _: (inner(y), None), x, None, 5)[0]

    one = operations(once, jnp.ones(3))
    assert one == 3.0
    # the rest is the loops' own counting, less than two operations a turn
    assert 35 * one <= operations(nested, jnp.ones(3)) <= 35 * one + 2 * (5 + 35) + 2


def test_every_part_still_fits_the_flight_that_it_is_cut_from():
    import jax

    from benchmarks.parts import PARTS, advanced
    from benchmarks.phases import first_carries
    from benchmarks.program import plan_of

    plan = plan_of("athena")
    keys, carries = first_carries(plan, 1)
    key, carry = jax.tree.map(lambda leaf: leaf[0], (keys, carries))
    shape = jax.tree.map(lambda leaf: leaf.shape, carry)
    for part, _, _ in PARTS:
        after = jax.eval_shape(advanced(part), plan, key, carry)
        assert jax.tree.map(lambda leaf: leaf.shape, after) == shape, part.__name__
