"""The pages keep their word: links lead somewhere, snippets are Python, chores exist."""

import ast
import functools
import re
import runpy
from pathlib import Path

import jax
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import perilune
from perilune import load_mission
from perilune.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changes/*.md")])
PAGES += sorted(ROOT.glob("validation/*.md"))
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")


def name_of(page):
    return str(page.relative_to(ROOT))


def prose(page):
    """A page without its fenced blocks."""
    return FENCE.sub("", page.read_text())


def anchors(page):
    """What a link may point at within a page: its headings as forges spell them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


def leads_nowhere(page, link):
    """Whether a link within the repository names a file or a heading that is not there."""
    path, _, nominal_start = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return True
    return bool(nominal_start) and target.suffix == ".md" and nominal_start not in anchors(target)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_within_the_repository_leads_somewhere(page):
    links = [link for link in LINK.findall(prose(page)) if "://" not in link]
    assert not [link for link in links if leads_nowhere(page, link)]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_python_snippet_is_python(page):
    for language, snippet in FENCE.findall(page.read_text()):
        if language in {"python", "py"}:
            ast.parse(snippet)


def test_every_chore_named_in_a_page_is_in_the_makefile():
    chores = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {chore for page in PAGES for chore in re.findall(r"`make ([a-z]+)", page.read_text())}
    assert named
    assert named <= chores


def test_every_page_is_listed_in_the_index():
    index = ROOT / "docs" / "README.md"
    listed = {(index.parent / link).resolve() for link in LINK.findall(index.read_text())}
    pages = set(ROOT.glob("docs/*/*.md"))
    assert not [name_of(page) for page in pages - listed]


RUNS = re.compile(r"<!-- runs -->\n```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.usefixtures("data_folder", "compiled_flight")
def test_the_snippets_marked_to_run_do(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    snippets = [(page, text) for page in PAGES for text in RUNS.findall(page.read_text())]
    assert snippets
    for page, snippet in snippets:
        exec(compile(snippet, str(page), "exec"), {"__name__": "snippet"})
    said = capsys.readouterr().out
    assert "ignition at 3" in said
    assert "'run': 0" in said


def test_the_python_page_has_every_public_name_and_no_other():
    page = (ROOT / "docs" / "look-up" / "python.md").read_text()
    assert [
        name for name in perilune.__all__ if not re.search(rf"`(perilune\.)?{name}\b", page)
    ] == []
    used = set(re.findall(r"\bperilune\.([A-Za-z_]+)", page))
    assert used <= {*perilune.__all__, "__version__"}


def test_the_python_page_has_every_field_of_a_summary_with_its_shape(athena_design):
    """In the order of the class, as a flight gives it: traced, not flown."""
    page = (ROOT / "docs" / "look-up" / "python.md").read_text()
    table = page[page.index("A `FlightSummary` has") : page.index("## Verdicts")]
    named = re.findall(r"^\| `([\w.]+)` \| \(([\d, ]*)\) \|", table, re.MULTILINE)
    listed = [(name, tuple(int(size) for size in re.findall(r"\d+", of))) for name, of in named]
    summary = jax.eval_shape(perilune.fly, athena_design.plan, perilune.run_key(0, 0))
    leaves, _ = jax.tree_util.tree_flatten_with_path(summary)
    assert listed == [(jax.tree_util.keystr(path).lstrip("."), leaf.shape) for path, leaf in leaves]


def test_the_page_of_errors_is_what_the_source_says():
    made = runpy.run_path(str(ROOT / "tools" / "errors_page.py"))["page"]()
    page = (ROOT / "docs" / "look-up" / "errors.md").read_text(encoding="utf-8")
    assert page == made, "run `python tools/errors_page.py`"


def test_the_page_of_faults_is_what_their_files_and_the_flights_kept_say():
    made = runpy.run_path(str(ROOT / "tools" / "fault_effects.py"))["page"]()
    page = (ROOT / "docs" / "look-up" / "fault-catalog.md").read_text(encoding="utf-8")
    assert page == made, "run `python tools/fault_effects.py`"


REFUSED = (
    'lander.mass.dry_inertia=["1 kg*m**2", "1 kg*m**2", "100 kg*m**2"]',
    'lander.mass.dry_center_of_mass=["0 m", "0 m", "50 m"]',
    'lander.legs.stiffness="1e15 N/m"',
    'lander.engine.lag="1e6 s"',
    'lander.thrusters.min_pulse="1e6 s"',
    'lander.camera.period="1e-6 s"',
    'lander.engine.max_thrust="4 km"',
    "lander.engine.max_thrust=4",
    "lander.engine.max_thrst=4",
    'landing_utc="tomorrow"',
    'masses.separation="1 kg"',
    "lander.tanks.0.propellant_fraction=0.9",
)


@functools.cache
def templates():
    """Of the page of errors, those that say enough by themselves, as patterns of a whole text."""
    page = (ROOT / "docs" / "look-up" / "errors.md").read_text(encoding="utf-8")
    rows = [line[2:] for line in page.splitlines() if line.startswith("- ")]
    wholes = []
    for row in rows:
        parts = re.split(r"\{\w*…?\}", row)
        if len("".join(parts)) > 20:
            whole = r"(.*: )?" + ".*?".join(map(re.escape, parts)) + r"( \(And .*)?"
            wholes.append(re.compile(whole, re.DOTALL))
    return wholes


def stands_on_the_page(said):
    return any(pattern.fullmatch(said) for pattern in templates())


@pytest.mark.parametrize("setting", REFUSED)
def test_a_real_refusal_stands_on_the_page_of_errors(setting):
    """Its whole sentence, whatever was filled in, is one of the templates of the page."""
    with pytest.raises(InputError) as refused:
        load_mission("athena", (setting,))
    assert stands_on_the_page(str(refused.value)), refused.value


REFUSED_FILES = {
    "empty.npz": b"",
    "pointer.npz": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "page.tif": b"<!DOCTYPE html><html>not found</html>",
    "cut.tif": b"II*\0\x08\0\0\0",
    "map.xyz": b"1 2 3\n",
    "label.lbl": b"PDS_VERSION_ID = PDS3\nEND\n",
    "label.xml": b"<Product_Observational>",
    "pointer.tab": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "page.gfc": b"<html>404</html>",
    "earth.gfc": b"product_type gravity_field\nearth_gravity_constant 3.986004415e14\n"
    b"radius 6378136.3\nmax_degree 2\nerrors no\nnorm fully_normalized\nend_of_head\n"
    b"gfc 0 0 1.0 0.0\n",
    "zero.gfc": b"\0\0\0\0",
}


@pytest.mark.parametrize("name", REFUSED_FILES)
def test_a_refused_map_or_field_stands_on_the_page_of_errors(name, tmp_path, told):
    (tmp_path / name).write_bytes(REFUSED_FILES[name])
    code, _, said = told("inspect", tmp_path / name)
    assert code == 2
    assert stands_on_the_page(said.strip().removeprefix("perilune: ")), said


@pytest.mark.parametrize("variable", ["PERILUNE_DATA", "PERILUNE_CATALOG"])
@pytest.mark.parametrize("named", ["nowhere", "file", "~nobody-of-this-name/data"])
def test_a_refused_variable_stands_on_the_page_of_errors(
    variable, named, tmp_path, told, monkeypatch
):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(variable, named if named[0] == "~" else str(tmp_path / named))
    code, _, said = told("check", "athena")
    assert code == 2
    assert stands_on_the_page(said.strip().removeprefix("perilune: ")), said


@pytest.mark.parametrize("content", [b"\xff\xfeo\0", b"\0\0", b"name = '\xff'", b"a = 1\na = 2\n"])
def test_a_refused_mission_file_stands_on_the_page_of_errors(content, tmp_path, told):
    (tmp_path / "mine.toml").write_bytes(content)
    code, _, said = told("check", tmp_path / "mine.toml")
    assert code == 2
    assert stands_on_the_page(said.strip().removeprefix("perilune: ")), said


def test_no_row_of_the_page_of_errors_is_a_part_of_a_sentence():
    page = (ROOT / "docs" / "look-up" / "errors.md").read_text(encoding="utf-8")
    rows = [line[2:] for line in page.splitlines() if line.startswith("- ")]
    assert not [row for row in rows if row[0] in " ;,(" or row.startswith("must ")]
    assert not stands_on_the_page("mine.toml: lander: `lag` is a value that nobody likes.")
    for words in ("must be a force such as", "must name the folder that holds"):
        assert any(words in row for row in rows)


def test_a_figure_is_asked_of_the_rows_or_of_the_document(tmp_path):
    rows = tmp_path / "runs" / "0.parquet"
    rows.parent.mkdir()
    pq.write_table(pa.table({"clean": [True, False, False]}), rows)
    asked = runpy.run_path(str(ROOT / "tools" / "figures.py"))["_asked"]
    assert asked("select count(*) filter (not clean) from runs", {}, str(tmp_path)) == 2.0
    assert asked("100 * interval.0", {"interval": [0.5, 1.0]}, str(tmp_path)) == 50.0
    (tmp_path / "campaign.json").write_text('{"consistency": [{"mean": 2.0}, {"mean": 4.0}]}')
    assert asked("select len(consistency) from campaign", {}, str(tmp_path)) == 2.0
    pq.write_table(pa.table({"time_s": [1.0, 3.0]}), tmp_path / "telemetry.parquet")
    assert asked("select max(time_s) from telemetry", {}, str(tmp_path)) == 3.0


def test_every_figure_from_a_flight_stands_on_its_page_as_docs_figures_toml_has_it():
    """Whether the flights still give it is what `make figures` asks."""
    made = runpy.run_path(str(ROOT / "tools" / "figures.py"))
    figures = [figure for command in made["commands"]() for figure in command.figures]
    assert len(figures) > 10
    assert made["absent"](figures) == []
    assert made["moved"](figures[0], figures[0].numbers) == []
    assert made["moved"](figures[0], dict.fromkeys(figures[0].numbers, -1.0))


def test_a_figure_may_differ_by_a_difference_or_by_a_factor():
    made = runpy.run_path(str(ROOT / "tools" / "figures.py"))
    figure = made["Figure"](
        page=ROOT / "README.md",
        quote="{miss} {most}",
        numbers={"miss": 2.0, "most": 10.0},
        ask={},
        within={"miss": 0.5},
        times={"most": 5.0},
    )
    assert made["moved"](figure, {"miss": 2.4, "most": 2.1}) == []
    assert made["moved"](figure, {"miss": 1.6, "most": 49.0}) == []
    assert len(made["moved"](figure, {"miss": 2.6, "most": 51.0})) == 2
    assert len(made["moved"](figure, {"miss": float("nan"), "most": 1.9})) == 2


def test_a_new_figure_is_written_over_a_wrapped_line_and_one_that_is_not_found_is_told(
    tmp_path, monkeypatch
):
    made = runpy.run_path(str(ROOT / "tools" / "figures.py"))
    page = "Of these 128\nflights 128 are clean."
    written = made["rewritten"](page, "these 128 flights 128 are", "these 256 flights 250 are")
    assert written == "Of these 256\nflights 250 are clean."
    assert made["rewritten"](page, "these 64 flights", "these 256 flights") is None
    kept = tmp_path / "figures.toml"
    kept.write_text(made["FIGURES"].read_text(encoding="utf-8"))
    monkeypatch.setitem(made["write"].__globals__, "FIGURES", kept)
    absent = made["Figure"](
        page=ROOT / "README.md", quote="no such {x}", numbers={"x": 1}, ask={}, within={}, times={}
    )
    (told,) = made["write"]([(absent, {"x": 2.0})])
    assert told.startswith("README.md must say: no such 1")


def test_measured_figures_are_not_flown_without_the_measured_data(monkeypatch, capsys):
    made = runpy.run_path(str(ROOT / "tools" / "figures.py"))
    monkeypatch.delenv("PERILUNE_DATA", raising=False)
    assert made["main"](["places"]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("PERILUNE_DATA must name the folder")
    assert told.out == ""


def test_a_link_to_nothing_is_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# One heading\n")
    assert leads_nowhere(page, "absent.md")
    assert leads_nowhere(page, "#another-heading")
    assert not leads_nowhere(page, "#one-heading")
