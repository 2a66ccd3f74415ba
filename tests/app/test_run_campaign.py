"""perilune campaign: exit codes, documents, progress, one sentence a mistake, Ctrl-C."""

import json
import re
import signal

import jsonschema
import psutil
import pytest

from perilune.app import options
from perilune.app.campaign_screen import standing_words, watching
from perilune.campaign.campaign_document import campaign_json_schema
from perilune.campaign.run.throughput import Standing
from tests.app.conftest import SMALL, process, refused

STANDING = Standing(
    flown=640, most=1000, clean=630, lo=0.9713, hi=0.9925, rate_per_s=41.23, left_s=8.73
)


def test_json_is_the_document_in_the_folder_and_nothing_else(flown):
    folder, code, out, _ = flown
    assert code == options.DONE
    assert out == (folder / "campaign.json").read_text()
    document = json.loads(out)
    jsonschema.validate(document, campaign_json_schema())
    assert (document["runs"], document["decision"]["verdict"]) == (70, "none")


def test_where_there_is_no_terminal_progress_is_lines_with_rate_and_interval(flown):
    lines = flown[3].splitlines()
    assert "reading the mission" in lines[0]
    told = [line for line in lines if " of 70 flights, " in line]
    assert "/s, " in told[-1]
    assert "% clean (" in told[-1]
    assert "drawing the page" in lines[-1]


def test_progress_says_how_many_how_fast_how_sure_and_how_long():
    standing = STANDING
    assert standing_words(standing) == (
        "640 of 1,000 flights, 41.2/s, 98.4 % clean (97.1 to 99.2 % of this model and "
        "dispersions), 9 s left"
    )
    early = Standing(
        flown=64, most=100_000, clean=64, lo=0.944, hi=1.0, rate_per_s=None, left_s=None
    )
    assert (
        standing_words(early)
        == "64 of 100,000 flights, 100.0 % clean (94.4 to 100.0 % of this model and dispersions)"
    )
    long = Standing(
        flown=64, most=100_000, clean=64, lo=0.944, hi=1.0, rate_per_s=1.0, left_s=7_500.0
    )
    assert standing_words(long).endswith(", 2 h 05 min left")
    assert standing_words(long, may_stop_early=True).endswith(", at most 2 h 05 min left")


def test_a_terminal_is_shown_a_bar_and_keeps_notes(monkeypatch, capsys):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "140")
    with watching(may_stop_early=True) as watch:
        watch.say("designing orbit, course and upload")
        watch.say("note: a worker died")
        watch.progress(STANDING)
        watch.say("interrupted: 640 of 1000 runs are kept")
    told = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", capsys.readouterr().err)
    assert "note: a worker died\n" in told
    assert "98.4 % clean (97.1 to 99.2 % of this model and dispersions), at most 9 s left" in told
    assert watch.parting == "interrupted: 640 of 1000 runs are kept"


def test_a_campaign_leaves_its_document_rows_order_and_page(flown):
    folder = flown[0]
    names = ["campaign.json", "flight.plan", "order.json", "report.html", "runs"]
    assert sorted(each.name for each in folder.iterdir()) == names
    page = (folder / "report.html").read_text()
    assert f"perilune replay {folder}" in page
    assert "Navigation" in page  # drawn from columns that the document has no need of


def test_resuming_what_is_complete_flies_nothing_and_says_the_same(small, told):
    before = json.loads((small / "campaign.json").read_text())
    code, out, err = told(*SMALL, "--out", small, "--resume", "--json")
    assert code == options.DONE, err
    after = json.loads(out)
    assert after == before
    assert "getting" not in err


def test_rows_flown_on_leave_no_page_of_fewer(small, told, monkeypatch):
    """More runs of the same campaign, refused by a cluster that is not there."""
    monkeypatch.setattr("perilune.campaign.run.cluster.CONNECT_S", 1)
    longer = (*SMALL, "--runs", "300", "--out", small, "--resume")
    sentence = refused(told, *longer, "--cluster", "tcp://127.0.0.1:9")
    assert "address of a running Dask scheduler" in sentence
    assert not (small / "report.html").exists()
    assert not (small / "campaign.json").exists()


@pytest.mark.parametrize(
    ("verdict", "code"), [("none", 0), ("met", 0), ("refuted", 3), ("undecided", 4)]
)
def test_the_verdict_decides_the_exit_code(flown, told, monkeypatch, verdict, code):
    document = json.loads(flown[2])
    document["decision"] |= {"verdict": verdict, "sentence": "It was judged so."}
    monkeypatch.setattr(
        "perilune.app.run_campaign.run_campaign_and_band", lambda *_: (document, "there")
    )
    given, out, _ = told("campaign", "athena")
    assert given == code
    assert out.splitlines()[-1] == "there/report.html"
    assert ("It was judged so." in out) == (verdict != "none")


def test_ctrl_c_keeps_what_is_finished_and_says_how_to_go_on(here, flown):
    assert flown
    with process(*SMALL, "--out", "stopped", "--workers", "1", cwd=here) as flying:
        while "64 of 70 flights" not in (line := flying.stderr.readline()):
            assert line, "it ended before its first batch"
        family = psutil.Process(flying.pid).children(recursive=True)
        flying.send_signal(signal.SIGINT)
        last = flying.stderr.read().splitlines()[-1]
        assert flying.stdout.read() == ""
    assert psutil.wait_procs(family, timeout=10.0)[1] == []
    assert flying.returncode == options.INTERRUPTED
    assert last.startswith("perilune: interrupted: ")
    assert last.endswith("of 70 runs are kept in stopped; add --resume to continue.")
    assert (here / "stopped" / "runs" / "batch-0000000.parquet").is_file()
    assert not (here / "stopped" / "campaign.json").exists()


def test_ctrl_c_before_anything_is_begun_says_that_nothing_was_written(here, told, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("perilune.campaign.runner.mission_of", interrupt)
    code, out, err = told("campaign", "athena")
    assert (code, out) == (options.INTERRUPTED, "")
    assert err.splitlines()[-1] == "perilune: interrupted; nothing was written."
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--require", "0.99", "--sampling", "lhs", "--runs", "100"), "only random sampling gives"),
        (("--sampling", "lhs"), "give --runs"),
        (("--sampling", "sobol", "--runs", "500"), "give --runs 512"),
        (("--sampling", "latin"), "random, sobol or lhs"),
        (("--require", "99"), "--require must be a probability"),
        (("--confidence", "95"), "--confidence must lie between 0 and 1"),
        (("--require", "0.9", "--confidence", "0.5"), "must lie between 0.5 and 1"),
        (("--runs", "0"), "--runs must lie between 1"),
        (("--runs", "many"), "--runs"),
        (("--workers", "0"), "--workers must be at least 1"),
        (("--workers", "2", "--cluster", "tcp://a:1"), "give one of them"),
        (("--set", "lander.engine.max_thrst=4 kN"), "did you mean `lander.engine.max_thrust`?"),
        (("--set", "lander.engine.max_thrust=4 m"), "must be a force"),
        (("--fault", "altimeter-ded"), "did you mean `altimeter-dead`?"),
    ],
)
def test_a_mistake_in_an_order_is_refused_before_anything_is_written(
    here, told, arguments, expected
):
    assert expected in refused(told, "campaign", "athena", *arguments)
    assert list(here.iterdir()) == []


def test_a_folder_that_holds_something_else_is_never_written_to(here, told):
    (here / "mine").mkdir()
    (here / "mine" / "thesis.tex").write_text("years")
    assert "must be empty or new" in refused(told, "campaign", "athena", "--out", "mine")
    assert [each.name for each in (here / "mine").iterdir()] == ["thesis.tex"]


def test_a_campaign_that_is_there_is_not_flown_over(small, told):
    assert "add --resume" in refused(told, *SMALL, "--out", small)


@pytest.mark.parametrize("command", ["replay", "query", "compare"])
def test_a_folder_that_is_missing_or_no_campaign_is_named(here, told, command):
    (here / "empty").mkdir()
    for folder in ("absent", "empty"):
        more = {"replay": ["0"], "query": ["select 1"], "compare": [folder]}[command]
        sentence = refused(told, command, folder, *more)
        assert f"{folder} must hold a campaign" in sentence
