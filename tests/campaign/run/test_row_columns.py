"""Rows say of each flight what its verdict says, and null for what never was."""

import dataclasses
import math

import jax
import numpy as np
import pyarrow as pa
import pytest

from perilune.campaign.analysis.failure_modes import violated
from perilune.campaign.figure_names import FIGURES
from perilune.campaign.run.row_columns import PLACES, Judging, table_of
from perilune.design.inputs import Input
from perilune.flight.carry import CONSISTENCY, CheckPoint
from perilune.flight.fly import Places
from perilune.flight.outcome import Outcome
from perilune.interfaces.events import Event
from perilune.mechanics.projection import direction_from_angles
from perilune.verdict import judge
from perilune.verdict.judge import ORDER
from perilune.verdict.limits import NEARLY
from tests.verdict.test_judge import AIM_M, LIMITS, never_down, summary_of

INPUTS = (
    Input(
        path="lander.mass.dry",
        column="input_dry_kg",
        unit="kg",
        nominal=625.0,
        distribution="normal",
        source="assumed: weighed",
    ),
    Input(
        path="errors.camera.bias_m.0",
        column="input_bias_m",
        unit="m",
        nominal=0.0,
        distribution="uniform",
        source="assumed: a pixel",
    ),
)
FLIGHTS = {
    "clean": summary_of(),
    "too fast": summary_of(down=2.5),
    "stroke used up": summary_of(stroke_m=0.3),
    "on its hull": summary_of(Outcome.ON_ITS_HULL, hull_n=900.0),
    "tipped over": summary_of(Outcome.TIPPED_OVER),
    "timed out": never_down(Outcome.TIMED_OUT),
    "broken": summary_of(Outcome.NUMERICAL_FAILURE, down=math.nan),
    "stroke used up to rounding": summary_of(stroke_m=NEARLY * 0.3),
}


@pytest.fixture(scope="module")
def table():
    summary = jax.tree.map(lambda *each: np.stack(each), *FLIGHTS.values())
    values = np.arange(8 * 128.0).reshape(8, 128)
    return table_of(Judging(INPUTS, LIMITS), 640, (values, summary), 8)


def row_of(table, name):
    return table.slice(list(FLIGHTS).index(name), 1).to_pylist()[0]


@pytest.mark.parametrize("name", FLIGHTS)
def test_every_row_says_what_the_verdict_on_its_flight_says(table, name):
    row, verdict = row_of(table, name), judge(FLIGHTS[name], LIMITS)
    assert (row["outcome"], row["clean"]) == (verdict.outcome, verdict.clean)
    assert (row["first_cause"] is None) == verdict.clean
    if verdict.outcome == "NUMERICAL_FAILURE":
        return
    for one in verdict.criteria:
        margin = row[f"margin_{one.name}"]
        missed = violated(table, one.name)[list(FLIGHTS).index(name)]
        assert missed != one.met, one.name
        if one.margin is None:
            assert margin is None
        else:
            assert margin == pytest.approx(one.margin, abs=1e-9)
    if verdict.touchdown is not None:
        told = dataclasses.asdict(verdict.touchdown)
        told["contact_s"] = told.pop("time_s")
        told |= {f"part_{part}_n": force for part, force in told.pop("parts_n").items()}
        for each, value in told.items():
            assert row[each] == (value if value is None else pytest.approx(value, rel=1e-12)), each


def test_what_did_not_happen_is_null(table):
    row = row_of(table, "timed out")
    assert row["propellant_kg"] == 134.0
    for name in ("contact_s", "vertical_speed_m_s", "miss_m", "tilt_deg", "miss_east_m"):
        assert row[name] is None
    assert row["event_contact_s"] is None
    assert row["event_start_s"] == 0.0
    assert row["nees_gate_velocity"] is None


def test_a_flight_that_turned_to_not_a_number_is_a_row_without_figures(table):
    row = row_of(table, "broken")
    assert row["outcome"] == "NUMERICAL_FAILURE"
    assert row["clean"] is False
    assert row["first_cause"] == "numerical_failure"
    assert {row[name] for name in FIGURES} == {None}
    assert {row[f"margin_{name}"] for name in ORDER} == {None}
    assert row["input_dry_kg"] == 768.0


def test_no_cell_holds_a_not_a_number(table):
    for name in table.column_names:
        if pa.types.is_floating(table.schema.field(name).type):
            values = table[name].drop_null().to_numpy()
            assert np.all(np.isfinite(values)), name


def test_columns_stand_in_one_order_and_are_fit_for_sql(table):
    names = table.column_names
    assert names[:6] == ["run", "clean", "outcome", "first_cause", "input_dry_kg", "input_bias_m"]
    events = 6 + len(FIGURES + PLACES)
    assert names[6:events] == [*FIGURES, *PLACES]
    assert names[events : events + len(Event)] == [f"event_{each.name.lower()}_s" for each in Event]
    assert len([name for name in names if name.startswith("nees_")]) == len(CONSISTENCY) * len(
        CheckPoint
    )
    assert names[-len(ORDER) :] == [f"margin_{each}" for each in ORDER]
    assert all(name.isidentifier() and name.islower() for name in names)
    assert table["run"].to_pylist() == list(range(640, 648))


def test_an_input_column_says_what_it_is(table):
    field = table.schema.field("input_dry_kg")
    assert {key.decode(): each.decode() for key, each in field.metadata.items()} == {
        "path": "lander.mass.dry",
        "unit": "kg",
        "nominal": "625.0",
        "distribution": "normal",
        "kind": "aleatory",
        "source": "assumed: weighed",
    }


def test_east_and_north_span_the_miss_along_the_sphere():
    """A hundredth of a degree north and east of the aim point, by the sphere's own geometry."""
    radius_m, step = 1.74e6, math.radians(0.01)
    latitude, longitude = math.radians(-84.79), math.radians(29.2)
    north = 1.74e6 * direction_from_angles(latitude + step, longitude)
    east = 1.74e6 * direction_from_angles(latitude, longitude + step)
    flights = [
        dataclasses.replace(
            summary_of(miss=radius_m * distance), places=Places(AIM_M, AIM_M, place, place)
        )
        for place, distance in ((north, step), (east, step * math.cos(latitude)))
    ]
    summary = jax.tree.map(lambda *each: np.stack(each), *flights)
    rows = table_of(Judging((), LIMITS), 0, (np.zeros((2, 128)), summary), 2)
    assert rows["miss_north_m"].to_pylist() == pytest.approx([radius_m * step, 0.0], abs=0.3)
    assert rows["miss_east_m"].to_pylist() == pytest.approx(
        [0.0, radius_m * step * math.cos(latitude)], abs=0.3
    )
    miss_m = np.hypot(rows["miss_east_m"].to_numpy(), rows["miss_north_m"].to_numpy())
    assert miss_m == pytest.approx(rows["miss_m"].to_numpy(), rel=1e-12)


def test_only_the_rows_that_belong_to_the_campaign_are_kept():
    summary = jax.tree.map(lambda *each: np.stack(each), *[summary_of()] * 4)
    rows = table_of(Judging((), LIMITS), 64, (np.zeros((4, 128)), summary), 3)
    assert rows["run"].to_pylist() == [64, 65, 66]


def test_each_part_of_the_lander_has_a_column_of_its_force():
    limits = dataclasses.replace(LIMITS, part_names=("high-gain", "mast"))
    struck = summary_of().peak_force_n.copy()
    struck[13] = 700.0
    flights = (
        dataclasses.replace(summary_of(), peak_force_n=struck),
        never_down(Outcome.TIMED_OUT),
    )
    summary = jax.tree.map(lambda *each: np.stack(each), *flights)
    rows = table_of(Judging(INPUTS, limits), 0, (np.zeros((2, 128)), summary), 2)
    assert rows["part_high_gain_n"].to_pylist() == [0.0, None]
    assert rows["part_mast_n"].to_pylist() == [700.0, None]
