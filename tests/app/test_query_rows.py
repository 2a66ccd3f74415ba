"""perilune query: SQL over the rows and over nothing else."""

import csv
import io
import json
import re

import pytest

from perilune.app import options
from perilune.campaign.run import row_store
from tests.app.conftest import refused


def test_a_query_gives_what_the_rows_say(flown, told):
    rows = row_store.read_rows(flown[0])
    code, out, err = told(
        "query", flown[0], "select run, clean, miss_m from runs order by run", "--json"
    )
    assert (code, err) == (options.DONE, "")
    assert json.loads(out) == rows.select(["run", "clean", "miss_m"]).to_pylist()


def test_csv_has_every_digit_and_nothing_for_null(flown, told):
    _, out, _ = told(
        "query", flown[0], "select run, miss_m, strike_n from runs order by run", "--csv"
    )
    table = list(csv.DictReader(io.StringIO(out)))
    rows = row_store.read_rows(flown[0])
    for name in ("miss_m", "strike_n"):
        expected = rows[name].to_pylist()
        assert [float(row[name]) if row[name] else None for row in table] == expected
    assert None in expected  # most flights strike no stop


def test_a_table_stands_under_its_names_and_says_how_much_it_leaves_out(flown, told):
    code, out, err = told("query", flown[0], "select outcome, count(*) as n from runs group by all")
    assert (code, err) == (options.DONE, "")
    head, *lines = out.splitlines()
    assert head.split() == ["outcome", "n"]
    assert sum(int(line.split()[-1]) for line in lines) == 70
    _, out, err = told("query", flown[0], "select a.run from runs a, runs b")
    assert len(out.splitlines()) == 101
    assert "100 of 4900 rows are shown" in err


@pytest.mark.parametrize("width", [12, 20, 34, 400])
def test_a_narrow_terminal_gets_a_line_for_each_cell_and_every_digit(
    flown, told, monkeypatch, width
):
    monkeypatch.setenv("COLUMNS", str(width))
    sql = "select run, miss_m, outcome, 1234567890123456789 as big from runs where miss_m > 0"
    code, out, err = told("query", flown[0], sql)
    assert (code, err) == (options.DONE, "")
    assert all(len(line) <= width for line in out.splitlines())
    rows = json.loads(told("query", flown[0], sql, "--json")[1])
    packed = re.sub(r"\s", "", out)
    for row in rows:
        for cell in (f"{row['miss_m']:.6g}", row["outcome"], "1234567890123456789"):
            assert cell.replace(" ", "") in packed
    if width == 34:
        first = out.splitlines()[:4]
        assert [line.split()[0] for line in first] == ["run", "miss_m", "outcome", "big"]
    assert (len(out.splitlines()) == 1 + len(rows)) == (width == 400)


def test_off_a_terminal_a_row_is_one_line_however_wide(flown, told, monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    out = told("query", flown[0], "select * from runs order by run limit 3")[1]
    assert len(out.splitlines()) == 4


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select vertical_sped from runs", "did you mean `vertical_speed_m_s`"),
        ("select speed from runs", "`vertical_speed_m_s`"),
        ("select quux from runs", "describe runs"),
        ("select * from flights", "There is no table `flights`; the rows are in `runs`."),
        ("selec 1", "syntax error"),
        ("select avg(outcome) from runs", "No function matches"),
        ("", "must be one statement"),
        ("select 1; select 2", "but is 2"),
        ("delete from runs", "rows are never changed"),
        ("drop view runs", "rows are never changed"),
        ("copy runs to 'out.csv'", "rows are never changed"),
        ("set enable_external_access = true", "rows are never changed"),
        ("attach 'other.db'", "rows are never changed"),
        ("select * from 'secret.csv'", "no other file"),
        ("select * from read_csv('secret.csv')", "no other file"),
        ("select * from read_text('secret.csv')", "no other file"),
        ("select * from glob('*')", "no other file"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence_with_a_cure(flown, here, told, sql, expected):
    (here / "secret.csv").write_text("a,b\n1,2\n")
    assert expected in refused(told, "query", flown[0], sql)
    assert [each.name for each in here.iterdir()] == ["secret.csv"]


def test_two_forms_at_once_are_refused(flown, told):
    assert "give one of them" in refused(told, "query", flown[0], "select 1", "--json", "--csv")


def test_rows_that_are_broken_are_named(small, told):
    path = small / "runs" / "batch-0000064.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert str(path) in refused(told, "query", small, "select 1")
    middle = len(whole) // 2
    turned = bytes(
        byte ^ 0xFF for byte in whole[middle : middle + 256]
    )  # more than a page's header
    path.write_bytes(whole[:middle] + turned + whole[middle + 256 :])
    assert str(path) in refused(told, "query", small, "select 1")


def test_a_batch_that_is_gone_is_noticed(small, told):
    (small / "runs" / "batch-0000064.parquet").unlink()
    assert "is of 70 runs" in refused(told, "query", small, "select 1")


def test_an_empty_name_of_a_folder_is_called_so(told):
    assert "DIR must name the folder of a campaign" in refused(told, "query", "", "select 1")
    assert "DIR must name the folder of a campaign" in refused(told, "compare", "", "")
