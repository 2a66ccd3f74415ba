"""perilune replay: the run in the row to the bit, with telemetry of that very flight."""

import json

import jax
import jsonschema
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from perilune.app import options
from perilune.campaign.run import row_store
from perilune.campaign.run.batch_verdicts import judge_batch
from perilune.design.plan_file import read_plan
from perilune.mechanics.randomness import run_key
from perilune.report.result import result_json_schema
from tests.app.conftest import process, refused

SEED = 5
"""Of the small campaign."""
RUN = 66
"""In the batch that is kept in part, so that its lane is not its row."""


def test_a_replay_is_its_row_to_the_bit_with_telemetry_of_that_very_flight(small, told):
    code, out, err = told("replay", small, RUN, "--json")
    assert code == options.DONE
    assert "designing" not in err  # flown from the plan that the campaign keeps
    result = json.loads(out)
    jsonschema.validate(result, result_json_schema())
    about = result["provenance"]["replay"]
    assert about["matches"], about["differences"]
    assert about["elsewhere"] == []
    row = row_store.read_rows(small).slice(RUN, 1).to_pylist()[0]
    assert result["outcome"] == row["outcome"]
    assert result["touchdown"]["vertical_speed_m_s"] == row["vertical_speed_m_s"]
    assert about["telemetry_gap_m"] is None  # of one piece
    assert result["provenance"]["engine"] == "native"
    check_telemetry(small, RUN, row)


def check_telemetry(folder, run, row):
    """Telemetry ends as the row does, and its largest load is the row's."""
    telemetry = pq.read_table(folder / "replays" / f"run-{run}" / "telemetry.parquet")
    assert telemetry["time_s"][-1].as_py() == pytest.approx(row["event_end_s"])
    assert telemetry["propellant_kg"][-1].as_py() == pytest.approx(row["propellant_kg"], abs=1e-6)
    loads_n = [pc.max(telemetry[f"leg_load_{leg}_n"]).as_py() for leg in range(1, 7)]
    assert max(loads_n) == pytest.approx(row["peak_leg_load_n"], rel=1e-4)


def test_a_flight_alone_is_its_row_to_the_bit(flown, compiled_flight):
    """In every column but what was drawn, which judging does not see."""
    kept = read_plan(flown[0] / row_store.PLAN_FILE)
    summary, _ = compiled_flight(kept.plan, run_key(SEED, RUN))
    alone = judge_batch(jax.tree.map(lambda one: one[None], summary), kept.mission, RUN)
    row = row_store.read_rows(flown[0]).slice(RUN, 1).to_pylist()[0]
    again = alone.to_pylist()[0]
    assert len(again) > 100
    assert again == {name: row[name] for name in again}


@pytest.fixture(scope="module")
def by_xla(flown, tmp_path_factory):
    """(its folder, its plan) of a campaign of the same plan, of two runs, by XLA."""
    folder = tmp_path_factory.mktemp("xla") / "campaign"
    plan = flown[0] / row_store.PLAN_FILE
    asked = ("--plan", plan, "--engine", "xla", "--seed", SEED, "--runs", 2, "--workers", 1)
    with process("campaign", *asked, "--out", folder) as flying:
        _, err = flying.communicate()
    assert flying.returncode == options.DONE, err
    return folder, plan


def test_a_replay_of_a_campaign_by_xla_is_its_row_too(by_xla, told):
    folder, _ = by_xla
    code, out, _ = told("replay", folder, 1, "--json")
    assert code == options.DONE
    made_from = json.loads(out)["provenance"]
    assert made_from["replay"]["matches"], made_from["replay"]["differences"]
    assert made_from["engine"] == "xla"
    # Rounding within a piece of 20 frames, never carried on: 4 micrometres were seen.
    assert made_from["replay"]["telemetry_gap_m"] < 1e-3
    check_telemetry(folder, 1, row_store.read_rows(folder).slice(1, 1).to_pylist()[0])


def test_a_flight_by_xla_says_so_and_is_its_row_but_for_rounding(by_xla, here, told):
    folder, plan = by_xla
    asked = ("--plan", plan, "--engine", "xla", "--seed", SEED, "--run", 1, "--json")
    code, out, _ = told("fly", *asked, "--out", here / "alone")
    assert code == options.DONE
    result = json.loads(out)
    assert result["provenance"]["engine"] == "xla"
    row = row_store.read_rows(folder).slice(1, 1).to_pylist()[0]
    events_s = {each["name"]: each["time_s"] for each in result["events"]}
    for name in ("deorbit_cutoff", "ignition"):  # early: rounding has not grown to a tick yet
        assert events_s[name] == pytest.approx(row[f"event_{name}_s"], abs=0.15)


def test_a_replay_by_other_code_says_so_and_which_columns_differ(small, told):
    """A row and the code's hash are written otherwise: as another version would have left them."""
    order = json.loads((small / "order.json").read_text())
    order["identity"]["code"] = "0" * 64
    (small / "order.json").write_text(json.dumps(order))
    path = small / "runs" / "batch-0000064.parquet"
    table = pq.read_table(path)
    at = table.column_names.index("event_end_s")
    moved = [each + 0.5 for each in table["event_end_s"].to_pylist()]
    field = table.schema.field(at)
    changed = table.set_column(at, field, [moved]).replace_schema_metadata(table.schema.metadata)
    pq.write_table(changed, path)
    code, _, err = told("replay", small, RUN, "--json", "--out", small.parent / "again")
    assert code == options.NOT_MET
    assert (small.parent / "again" / "result.json").is_file()
    assert f"Run {RUN} differs from its row in 1 of " in err
    assert "event_end_s was " in err
    assert "differ from those of the campaign: state of Perilune's code" in err


def test_a_replay_of_another_mission_is_refused(small, told):
    order = json.loads((small / "order.json").read_text())
    order["identity"]["values"]["lander.engine.max_thrust"] = "3.9 kN"
    (small / "order.json").write_text(json.dumps(order))
    sentence = refused(told, "replay", small, RUN)
    assert "lander.engine.max_thrust" in sentence
    assert "put that back" in sentence


def test_a_run_that_the_campaign_does_not_hold_is_refused(flown, told):
    assert "RUN must be one that" in (said := refused(told, "replay", flown[0], 70))
    assert "0 to 69, but is 70" in said
