"""Published figures beside flights: what is declared, read out of a flight, and written down."""

import duckdb
import pytest

from validation.hindcast import DECLARED, PAGE, Asking, Hindcast, Row, comparisons, declared
from validation.hindcast_page import number, page

NEEDED = {"what", "unit", "published", "source", "why", "within", "value"}


@pytest.fixture(scope="module")
def asking(tmp_path_factory):
    """A flight that falls at 10 m/s from 100 s on, and five that come to the gate 1 s apart."""
    single, many = tmp_path_factory.mktemp("single"), tmp_path_factory.mktemp("many")
    (many / "runs").mkdir()
    duckdb.sql(
        "copy (select 95.0 + i as time_s, 1000.0 - 10.0 * (i - 5) as altitude_m, "
        "3.0 as true_velocity_x_m_s, 4.0 as true_velocity_y_m_s, 12.0 as true_velocity_z_m_s, "
        "case when i < 20 then 1.0 else 0.5 end as throttle, 'nan'::double as unknown "
        f"from range(100) t(i)) to '{single}/telemetry.parquet' (format parquet)"
    )
    duckdb.sql(
        "copy (select 10.0 + i as event_gate_s, 4.0 as event_ignition_s from range(5) t(i)) "
        f"to '{many}/runs/0.parquet' (format parquet)"
    )
    return Asking(single, many, {"ignition": 100.0, "gate": 130.0}, 400.0)


def row(**changed):
    return {
        "what": "it",
        "unit": "s",
        "published": 1.0,
        "source": "a book",
        "why": "because",
        "within": 0.5,
        "value": "since_s",
        "at": "gate",
    } | changed


@pytest.mark.parametrize(
    ("changes", "value"),
    [
        ({}, 30.0),
        ({"value": "over_site_m"}, 300.0),
        ({"value": "inertial_speed_m_s"}, 13.0),
        ({"when": "throttle < 0.7"}, 15.0),
        ({"value": "-altitude_m", "less_at": "ignition"}, 300.0),
    ],
    ids=["time", "height", "speed", "first time", "what was lost"],
)
def test_a_row_is_read_where_it_says(asking, changes, value):
    assert asking.row(row(**changes)).nominal == pytest.approx(value)


@pytest.mark.parametrize("changes", [{"when": "throttle > 2.0"}, {"value": "unknown"}], ids=str)
def test_what_never_happens_is_not_a_number_and_does_not_agree(asking, changes):
    read = asking.row(row(**changes))
    flown = hindcast(rows=(read,))
    assert not next(iter(comparisons(flown))).holds


def test_drawn_flights_give_their_median_and_spread(asking):
    read = asking.row(row(drawn="event_gate_s - event_ignition_s"))
    assert read.drawn == pytest.approx((6.2, 8.0, 9.8))


def hindcast(**changed):
    values = {
        "name": "hop",
        "title": "A hop",
        "text": "Up and down.",
        "rows": (),
        "clean": True,
        "clean_count": 60,
        "run_count": 64,
        "faults": (),
        "assumed": {"orbit.apolune": "a guess"},
    }
    return Hindcast(**(values | changed))


def test_most_drawn_flights_must_be_clean():
    few, most = hindcast(clean_count=31), hindcast(clean_count=33)
    assert [next(iter(comparisons(each))).holds for each in (few, most)] == [False, True]


def test_a_lander_that_was_lost_by_a_fault_must_not_land_clean():
    lost, landed = (hindcast(faults=("imu-dead",), clean_count=each) for each in (0, 1))
    assert [next(iter(comparisons(each))).holds for each in (lost, landed)] == [True, False]
    text = page([lost])
    assert "## A hop with `imu-dead`" in text
    assert "`perilune fly hop --fault imu-dead`" in text
    told = page([hindcast(faults=("imu-dead",), settings=("a.b=[1, 2]",))])
    assert "`perilune fly hop --fault imu-dead --set 'a.b=[1, 2]'`" in told
    assert "assumed of hop" not in text


def test_the_page_has_theirs_ours_the_spread_and_the_difference(asking):
    text = page([hindcast(rows=(asking.row(row(drawn="event_gate_s", given=True)),))])
    assert "| it (given), s | 1.00 | 30.00 | 12.00 (10.20 to 13.80) | +29.00 | a book |" in text
    assert "of 64 drawn flights 60 were clean" in text
    assert "| `orbit.apolune` | a guess |" in text


def test_numbers_keep_what_matters():
    assert [number(each) for each in (7_823.7, 437.8, 16.8)] == ["7,824", "437.8", "16.80"]
    assert number(-2.715, signed=True) == "\N{MINUS SIGN}2.71"


def test_every_declared_row_is_whole_and_the_written_page_has_it():
    """The page was made from the rows that stand there now."""
    written = PAGE.read_text(encoding="utf-8")
    assert DECLARED.is_file()
    assert declared()
    for mission in declared():
        for each in mission["rows"]:
            assert set(each) >= NEEDED
            assert ("at" in each) != ("when" in each)
            made = Row(
                **{name: each[name] for name in NEEDED - {"value"}},
                given=each.get("given", False),
                nominal=0.0,
                drawn=None,
            )
            given = " (given)" if made.given else ""
            assert f"| {made.what}{given}, {made.unit} | {number(made.published)} |" in written
            assert made.source in written
            assert made.why in written
