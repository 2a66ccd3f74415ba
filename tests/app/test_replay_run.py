"""perilune replay: the run in the row to the bit, with telemetry of that very flight."""

import functools
import json

import jsonschema
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from perilune.app import options
from perilune.campaign.run import row_store
from perilune.campaign.run.batch_replay import fly_with_checkpoints
from perilune.report.result import result_json_schema
from tests.app.conftest import refused

RUN = 66
"""In the batch that is kept in part, so that its lane is not its row."""


@pytest.fixture
def flown_once(monkeypatch):
    """Fly the batch of a run again once for all tests here."""
    monkeypatch.setattr(
        "perilune.app.replay_run.fly_with_checkpoints", kept_by_run(fly_with_checkpoints)
    )


@functools.cache
def kept_by_run(fly):
    found = {}

    def flown(plan, record, run, inputs):
        if run not in found:
            found[run] = fly(plan, record, run, inputs)
        return found[run]

    return flown


@pytest.mark.usefixtures("flown_once")
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
    # Rounding within a piece of 20 frames, never carried on: 4 micrometres were seen.
    assert about["telemetry_gap_m"] < 1e-3
    telemetry = pq.read_table(small / "replays" / f"run-{RUN}" / "telemetry.parquet")
    assert telemetry["time_s"][-1].as_py() == pytest.approx(row["event_end_s"])
    assert telemetry["propellant_kg"][-1].as_py() == pytest.approx(row["propellant_kg"], abs=1e-6)
    loads_n = [pc.max(telemetry[f"leg_load_{leg}_n"]).as_py() for leg in range(1, 7)]
    assert max(loads_n) == pytest.approx(row["peak_leg_load_n"], rel=1e-4)


@pytest.mark.usefixtures("flown_once")
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
