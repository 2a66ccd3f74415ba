"""The bench's own arithmetic and record; no time is ever asserted."""

import io
import itertools
import json

import jsonschema
import pytest
from rich.console import Console

from benchmarks import campaign, markdown, record, screen
from benchmarks.machine import machine
from benchmarks.stopwatch import median_seconds, seconds_of


def fake_clock(*steps_s):
    """A clock that moves on by the next of `steps_s`, over and over, at each look."""
    ticks = itertools.accumulate(itertools.cycle(steps_s))
    return lambda: next(ticks)


APART = {"position_m": 150.0, "velocity_m_s": 0.25, "propellant_kg": 0.1}


def row_of_rates(steps, flights_per_s):
    return {
        "steps": steps,
        "processes": 2,
        "flights": 10,
        "flights_per_s": flights_per_s,
        "cpu_s_a_flight": 2.0 / flights_per_s,
        "from_ours": APART,
        "from_reference": APART,
    }


@pytest.fixture
def found():
    """What a bench would have found, every time told by a clock that we hold."""
    clock = fake_clock(0.25)
    taken_s = seconds_of(list, clock)[1]
    compiled = {
        "program": "64 flights, XLA",
        "trace_and_lower_s": taken_s,
        "cold_compile_s": 40.0,
        "cold_compile_cpu_s": 44.0,
        "cached_compile_s": taken_s,
        "came_from_cache": True,
        "peak_memory_gb": 1.5,
    }
    native = compiled | {"program": "lanes of a processor, native", "cold_compile_s": 11.0}
    race = {
        "engine": "xla",
        "lanes": 16,
        "runs": 256,
        "workers": 2,
        "flights_per_s": 10.0,
        "flights_per_s_each": [9.0, 10.0, 11.0],
        "cpu_s_a_flight": 0.2,
        "ready_s": taken_s,
        "memory_gb": 1.8,
        "outcomes": {"LANDED": 256},
    }
    flown = {
        "engine": "xla",
        "runs": 2000,
        "batch_size": 64,
        "workers": 2,
        "flights_per_s": 25.0,
        "flights_per_s_each": [20.0, 30.0],
        "compile_s": 20.0,
        "wall_s_each": [110.0, 80.0],
        "clean": 1990,
        "outcomes": {"LANDED": 2000},
    }
    natively = {
        "engine": "native",
        "flights_per_s": 150.0,
        "flights_per_s_each": [140.0, 180.0],
        "wall_s_each": [25.0, 20.0],
    }
    memory = {
        "engine": "native",
        "runs": 10_000,
        "workers": 2,
        "peak_gb": 0.9,
        "processes_gb": [0.6, 0.2, 0.1],
        "at_s": 12.0,
        "wall_s": 70.0,
        "looks": 280,
    }
    look = {
        "required": 0.2,
        "flights_a_look": 8,
        "flights_until_decided": 8,
        "verdict": "met",
    }
    counts = {
        "lanes": 8,
        "flights": 64,
        "executed": 1.6e8,
    }
    phase = {
        "phase": "contact",
        "steps": 60,
        "seconds": 3.2,
        "operations_a_flight": 4e8,
        "transcendental_a_flight": 1e5,
        "instructions": 1_600_000,
        "traced_pieces": 2,
    }
    return {
        "mission": "athena",
        "compiling": [compiled, compiled, native],
        "campaigns": [flown | natively, flown],
        "memory": [memory, memory | {"engine": "xla", "runs": 256, "peak_gb": 3.5}],
        "first_look": look,
        "sizes": [race, race | {"engine": "native", "lanes": 8}],
        "operations": counts,
        "shell": {"reason": None, "help_s": 0.5, "fly_first_s": 30.0, "fly_warm_s": 8.1},
        "phases": [phase],
        "shares": [{"group": "filter", "share": 0.25, "surface_share": 0.0}],
        "parts": [{"part": "truth/dynamics/contact", "milliseconds_a_flight": [50.0]}],
        "peak": {
            "vector_bits": 512,
            "one_core_gflop_s": 52.0,
            "all_cores_gflop_s": 100.0,
            "matrix_product_gflop_s": 90.0,
            "triad_gb_s": 20.0,
        },
        "basilisk": {
            "did": [["orbit", "yes", "yes"]],
            "rates": [row_of_rates("ours", 1.25), row_of_rates("coarse", 5.0)],
            "ours_from_reference": APART,
            "reason": None,
            "version": "2",
        },
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
    reason = "Basilisk did not run: no wheel"
    found["basilisk"] |= {"rates": [], "version": None, "reason": reason}
    found["basilisk"]["ours_from_reference"] = None
    made = record.document(machine(), found)
    jsonschema.validate(made, schema)
    assert not [row for row in made["figures"] if "Basilisk" in row["name"]]


def test_a_command_line_that_fails_is_told_and_loses_no_other_figure(found, schema):
    whole = record.figures(found)
    found["shell"] = {"reason": "the command line failed: no mission"}
    made = record.document(machine(), found)
    jsonschema.validate(made, schema)
    assert made["figures"] == [row for row in whole if "`perilune" not in row["name"]]


def test_a_figure_beyond_its_target_is_told_as_not_met(found):
    met = {row["name"]: row["met"] for row in record.figures(found)}
    assert met["cold compile"] is True
    assert met["cold compile, XLA's batch"] is None
    assert met["flights per second"] is False
    assert met["`perilune fly` warm"] is False
    assert met["`perilune --help`"] is True
    assert met["memory of a campaign, native"] is True
    assert met["smallest look of `--require`"] is True
    assert met["ratio to Basilisk, our steps"] is True
    assert met["trace"] is None


def test_every_target_is_of_a_figure_that_a_bench_tells(found):
    assert set(record.TARGETS) <= {row["name"] for row in record.figures(found)}


def test_the_arithmetic_reached_is_operations_times_flights_beside_the_peak_of_all_cores(found):
    told = {row["name"]: row["value"] for row in record.figures(found)}
    assert told["arithmetic reached, operations executed"] == pytest.approx(150.0 * 1.6e8 * 1e-9)
    assert told["share of the peak, operations executed"] == pytest.approx(24.0)
    assert told["share of the peak, operations by XLA's count"] == pytest.approx(60.0)
    flown_by_xla = "share of the peak, operations by XLA's count, flown by XLA"
    assert told[flown_by_xla] == pytest.approx(10.0)
    assert told["processor time a flight, XLA"] == pytest.approx(3.2 / 64)
    assert told["processor time an instruction, XLA"] == pytest.approx(2.0)


def test_the_ratio_to_xla_is_the_median_of_neighbours_in_time_and_not_of_the_medians(found):
    native, xla = found["campaigns"]
    native["flights_per_s_each"] = [100.0, 200.0, 90.0]  # its median is 100
    xla["flights_per_s_each"] = [25.0, 50.0, 10.0]  # its median is 25
    assert record.ratio_in_turn(native, xla) == 4.0  # of 4, 4 and 9
    xla["flights_per_s_each"] = [20.0, 25.0, 10.0]
    assert record.ratio_in_turn(native, xla) == 8.0  # of 5, 8 and 9


def test_the_ratio_is_of_flights_a_second_whole_machine_beside_whole_machine(found):
    told = {row["name"]: row["value"] for row in record.figures(found)}
    assert told["ratio to Basilisk, our steps"] == pytest.approx(120.0)
    assert told["ratio to Basilisk, coarse steps"] == pytest.approx(30.0)


def test_the_screen_tells_every_figure_part_and_basilisk(found):
    out = io.StringIO()
    made = record.document(machine(), found)
    screen.show(made, Console(file=out, width=200))
    for row in made["figures"]:
        assert row["name"] in out.getvalue()
    assert "truth/dynamics/contact" in out.getvalue()
    assert "What each did" in out.getvalue()


def test_parts_beyond_the_table_are_added_up_and_not_dropped(found):
    found["parts"] = [{"part": f"p{n}", "milliseconds_a_flight": [1.0, 2.0]} for n in range(40)]
    shown = screen._shortened(found["parts"])
    assert sum(sum(row["milliseconds_a_flight"]) for row in shown) == 120.0
    assert shown[-1]["part"] == f"{40 - screen.PARTS_SHOWN} more"


def test_the_bench_counts_in_batches_of_the_size_that_campaigns_fly():
    from benchmarks.__main__ import BATCH_SIZE
    from perilune.campaign.run import batch

    assert batch.BATCH_SIZE == BATCH_SIZE


def test_campaigns_of_an_engine_are_told_by_their_median_and_the_first_ones_compiling():
    def document(rate, compile_s):
        timing = {"flights_per_s": rate, "compile_s": compile_s, "wall_s": 9.0, "workers": 2}
        provenance = {"engine": "native", "batch_size": 64}
        counts = {"runs": 64, "clean": 63, "outcomes": {"LANDED": 64}}
        return {"timing": timing, "provenance": provenance, **counts}

    told = campaign.summed_up("native", [document(90.0, 12.0), document(200.0, 1.0)] * 2)
    assert (told["flights_per_s"], told["compile_s"]) == (145.0, 12.0)
    assert told["flights_per_s_each"] == [90.0, 200.0, 90.0, 200.0]


def test_what_was_found_is_kept_until_the_bench_has_ended(monkeypatch, tmp_path):
    from benchmarks import __main__ as bench

    def broken():
        raise RuntimeError("no processor left")

    kept, first = tmp_path / "unfinished.json", ("first", lambda: {"sizes": [1, 2]})
    ask = bench.asked([])
    monkeypatch.setattr(bench, "parts", lambda *_: [first, ("second", broken)])
    with pytest.raises(RuntimeError, match="no processor left"):
        bench.measure(ask, tmp_path, str, tmp_path)
    assert json.loads(kept.read_text()) == {"mission": "athena", "sizes": [1, 2]}
    monkeypatch.setattr(bench, "parts", lambda *_: [first])
    assert bench.measure(ask, tmp_path, str, tmp_path)["sizes"] == [1, 2]
    assert not kept.exists()


def test_a_record_as_a_table_has_a_line_for_each_figure_and_says_which_targets_are_met(found):
    made = record.document(machine(), found)
    text = markdown.page(made)
    lines = [line for line in text.splitlines() if line.startswith("| ")][1:]
    assert len(lines) == len(made["figures"])
    assert "| ratio to XLA | 6.5 | at least 4.5 | met |" in lines
    assert "| flights per second | 150 flights/s | at least 250 | not met |" in lines
    assert "| memory of a campaign, native | 0.9 GB | at most 1 | met |" in lines
    assert "| flights per second, XLA | 25 flights/s | | |" in lines
    assert "| a flight, operations executed | 1.6e+08 operations | | |" in lines
    assert made["machine"]["processor"] in text
