"""perilune sweep and compare: a campaign a point on the same runs, and two of them paired."""

import json
import shutil
from pathlib import Path

import jsonschema
import pytest

from perilune.app import options
from perilune.app.sweep_points import folder_name, points_of, vary_of
from perilune.campaign.comparison_documents import comparison_json_schema, sweep_json_schema
from perilune.campaign.run import row_store
from tests.app.conftest import process, refused

PATH = "lander.limits.vertical_speed"
STRICT, LOOSE = "0.5 m/s", "2 m/s"
SWEEP = (
    "sweep",
    "athena",
    "--vary",
    f"{PATH}={STRICT},{LOOSE}",
    "--runs",
    "64",
    "--require",
    "0.2",
)


@pytest.fixture(scope="session")
def swept(data_folder, tmp_path_factory):
    """(folder, exit code, standard output): no landing is that soft, nearly all are soft enough."""
    assert data_folder
    folder = tmp_path_factory.mktemp("cli") / "sweep"
    with process(*SWEEP, "--out", folder, "--json") as flying:
        out, _ = flying.communicate()
    return folder, flying.returncode, out


def test_a_sweep_leaves_with_three_where_a_point_is_refuted(swept):
    folder, code, out = swept
    assert code == options.NOT_MET
    assert out == (folder / "sweep.json").read_text()
    document = json.loads(out)
    jsonschema.validate(document, sweep_json_schema())
    verdicts = [point["decision"]["verdict"] for point in document["points"]]
    assert verdicts == ["refuted", "met"]
    assert document["vary"] == [{"path": PATH, "values": [STRICT, LOOSE]}]
    assert "<html" in (folder / "report.html").read_text()


def test_the_points_of_a_sweep_fly_the_same_runs(swept):
    folder = swept[0]
    strict, loose = (
        row_store.read_rows(folder / point["folder"]) for point in json.loads(swept[2])["points"]
    )
    drawn = [name for name in strict.column_names if name.startswith(("input_", "run"))]
    assert len(drawn) > 60
    count = min(len(strict), len(loose))  # each ends as soon as it is decided
    assert count >= 8
    assert strict.select(drawn)[:count].equals(loose.select(drawn)[:count])
    assert sum(loose["clean"].to_pylist()) > sum(strict["clean"].to_pylist())


def test_the_workers_of_the_first_point_fly_the_others_without_compiling_again(swept):
    """A second start took 40 s to 60 s; the program that is there takes some milliseconds."""
    first, second = (
        row_store.read_campaign(swept[0] / point["folder"])["timing"]
        for point in json.loads(swept[2])["points"]
    )
    assert first["compile_s"] > 0.0
    assert second["compile_s"] == 0.0
    assert second["ready_s"] < 5.0


def test_a_sweep_is_gone_on_with_and_not_flown_over(swept, told):
    folder = swept[0]
    assert "add --resume" in refused(told, *SWEEP, "--out", folder)
    code, out, err = told(*SWEEP, "--out", folder, "--resume", "--json")
    assert code == options.NOT_MET, err
    assert json.loads(out)["points"] == json.loads(swept[2])["points"]
    assert "getting" not in err


def test_a_point_that_cannot_be_designed_is_a_row_that_says_why(swept, here, told, monkeypatch):
    """Points are tried before any is flown; the one that can be is one flown earlier."""
    checked = []

    def flown_before(order, *_):
        checked.append(order.settings)
        point = json.loads(swept[2])["points"][1]["folder"]
        shutil.copytree(swept[0] / point, order.out)
        return row_store.read_campaign(order.out), order.out

    monkeypatch.setattr("perilune.app.run_sweep.fly_and_show", flown_before)
    vary = "lander.engine.max_thrust=4.0 kN,1.8 kN"
    code, out, err = told("sweep", "athena", "--vary", vary, "--out", "here", "--json")
    document = json.loads(out)
    flown, refused_point = document["points"]
    assert code == options.UNDECIDED  # its campaign asked for a probability
    assert [each[-1] for each in checked] == ["lander.engine.max_thrust=4.0 kN"]
    assert err.index("checking point 2 of 2") < err.index("point 1 of 2: ", err.index("point 2"))
    assert flown["problem"] is None
    assert refused_point["runs"] is None
    assert refused_point["problem"] in (here / "here" / "report.html").read_text().replace(
        "&#x27;", "'"
    ).replace("&quot;", '"')
    assert document["pairs"] == []


def test_a_sweep_none_of_whose_points_can_be_designed_is_refused(here, told):
    vary = "lander.engine.max_thrust=1.7 kN,1.8 kN"
    assert "No point of the sweep can be flown" in refused(told, "sweep", "athena", "--vary", vary)
    assert list(here.iterdir()) == []


def test_the_points_of_a_sweep_are_compared_in_pairs(swept):
    (pair,) = json.loads(swept[2])["pairs"]
    assert (pair["a"], pair["b"], pair["differ"], pair["only_a_clean"]) == (0, 1, True, 0)
    assert not any(each["moved"] for each in pair["figures"])  # limits move no flight
    assert "1 differ in clean flights" in (swept[0] / "report.html").read_text()


def test_a_sweep_broken_off_says_how_to_go_on(here, told, monkeypatch):
    def broken_off(order, *_):
        Path(order.out).mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr("perilune.app.run_sweep.fly_and_show", broken_off)
    code, out, err = told(*SWEEP, "--out", "here")
    assert (code, out) == (options.INTERRUPTED, "")
    last = err.splitlines()[-1]
    assert last == (
        "perilune: interrupted: what is finished is kept in here; add --resume to continue."
    )
    assert (here / "here" / "points").is_dir()


def test_two_points_compared_differ_in_the_direction_they_must(swept, here, told):
    strict, loose = (swept[0] / each["folder"] for each in json.loads(swept[2])["points"])
    code, out, _ = told("compare", strict, loose, "--out", "beside", "--json")
    assert code == options.DONE
    assert out == (here / "beside" / "compare.json").read_text()
    document = json.loads(out)
    jsonschema.validate(document, comparison_json_schema())
    assert (document["differ"], document["better"]) == (True, "b")
    assert document["runs"] < 64  # both were decided before
    assert document["only_a_clean"] == 0  # a wider limit never makes a landing unclean
    assert any("ended when it was decided" in note for note in document["notes"])
    assert "They differ" in (here / "beside" / "report.html").read_text()


def test_campaigns_of_other_seeds_are_not_pairs(flown, swept, told):
    point = json.loads(swept[2])["points"][0]["folder"]
    sentence = refused(told, "compare", flown[0], swept[0] / point)
    assert "has 5" in sentence
    assert "fly one of them again with --seed 5" in sentence


def test_campaigns_of_other_sampling_are_not_pairs(small, flown, told):
    document = json.loads((small / "campaign.json").read_text())
    (small / "campaign.json").write_text(json.dumps(document | {"sampling": "sobol"}))
    assert "--sampling random" in refused(told, "compare", flown[0], small)


@pytest.mark.parametrize(
    ("file", "change", "names"),
    [
        ("campaign.json", {"mission": "odysseus"}, "flew odysseus (nova-c)"),
        ("order.json", {"lander.name": "blue-ghost"}, "flew athena (blue-ghost)"),
    ],
)
def test_campaigns_of_other_missions_or_landers_are_not_pairs(
    small, flown, told, file, change, names
):
    document = json.loads((small / file).read_text())
    (document["identity"]["values"] if file == "order.json" else document).update(change)
    (small / file).write_text(json.dumps(document))
    sentence = refused(told, "compare", flown[0], small)
    assert names in sentence
    assert "name two of one mission" in sentence


def test_a_campaign_is_not_compared_with_a_copy_of_itself(small, flown, here, told):
    assert "hold one and the same" in refused(told, "compare", flown[0], small)
    assert not (here / "runs").exists()


def test_a_campaign_that_has_not_ended_is_not_compared(small, flown, told):
    (small / "campaign.json").unlink()
    assert "has not ended" in refused(told, "compare", flown[0], small)


def test_a_comparison_never_replaces_other_files(flown, small, here, told):
    (here / "mine").mkdir()
    (here / "mine" / "thesis.tex").write_text("years")
    assert "has other files" in refused(told, "compare", flown[0], small, "--out", "mine")
    sweep = ("sweep", "athena", "--vary", "site.latitude=-84 deg", "--out", "mine")
    assert "has other files" in refused(told, *sweep)
    assert [each.name for each in (here / "mine").iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(
    ("vary", "expected"),
    [
        (("lander.engine.max_thrust=3.6 kN,3.8 km",), "must be a force"),
        (("lander.engine.max_thrust=3.6 kN,4000",), "must be a force"),
        (("lander.engine.max_thrst=3.6 kN",), "did you mean `lander.engine.max_thrust`?"),
        (("lander.engine.max_thrust",), "must be PATH=A,B,C"),
        (("lander.engine.max_thrust=3.6 kN,",), "must be PATH=A,B,C"),
        (("lander.engine.max_thrust=3.6 kN,3.6 kN",), "names a value twice"),
        (("criteria.miss=1 m", "criteria.miss=2 m"), "names a path twice"),
        (("criteria.miss=1 m,1  m",), "same folder name"),
    ],
)
def test_a_value_that_cannot_be_swept_is_refused_before_anything_is_flown(
    here, told, vary, expected
):
    arguments = [word for each in vary for word in ("--vary", each)]
    assert expected in refused(told, "sweep", "athena", *arguments)
    assert list(here.iterdir()) == []


def test_a_path_both_varied_and_set_is_refused(here, told):
    path = "lander.engine.lag"
    words = ("--vary", f"{path}=0.1 s,0.2 s", "--set", f"{path}=0.1 s", "--runs", "64")
    assert f"--vary and --set both give `{path}` a value" in refused(
        told, "sweep", "athena", *words
    )
    assert list(here.iterdir()) == []


def test_values_are_parted_by_commas_outside_brackets_and_quotes():
    assert vary_of("a.b=[1, 2],[3, 4]").values == ("[1, 2]", "[3, 4]")
    assert vary_of('a.b="x, y",z').values == ('"x, y"', "z")


def test_several_paths_make_a_grid_with_a_folder_a_point():
    points = points_of([vary_of("a.b=1 m,2 m"), vary_of("c=x,y,z")])
    assert len(points) == 6
    assert points[1] == {"a.b": "1 m", "c": "y"}
    assert folder_name(points[1]) == "b-1-m--c-y"
