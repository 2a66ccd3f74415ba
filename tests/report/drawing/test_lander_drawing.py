"""The drawing of a lander: what its file says stands where it says, and a wrong sign shows."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from perilune import InputError, load_mission
from perilune.folders import Folders
from perilune.mission.lander_file import lander_of, read_lander
from perilune.mission.mission_files import document_of, read
from perilune.report.drawing.body_shapes import arrow, cone, cylinder
from perilune.report.drawing.body_views import VIEWS, facing, outline, paper_of, seen_m
from perilune.report.drawing.lander_parts import (
    Subject,
    centers_of,
    direction_words,
    pads_body_m,
    shapes_of,
)
from perilune.report.drawing.lander_views import _spread, views_of
from perilune.report.pages.lander_page import lander_html, lander_svg
from perilune.report.pages.lander_tables import nozzles_table
from tests.typed import refused
from validation import landers

SIDE, AHEAD, TOP = VIEWS
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def nova_c():
    return Subject(lander=load_mission("athena").lander, propellant_kg=1000.0)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """Eight engines and sixteen nozzles, two altimeters."""
    eight = {
        f"{name}{height}": engine | {"pivot_height": f"0.9{height} m"}
        for height in (1, 2)
        for name, engine in landers.four_throttled(0.2 * height).items()
    }
    folder = tmp_path_factory.mktemp("many")
    mission = landers.mission_with(folder, engine=eight, altimeter=landers.two_of("altimeter"))
    return Subject(lander=mission.lander, propellant_kg=None)


def test_each_view_is_right_handed():
    """Right x up points at the reader, so that a turn seen is a turn of the body."""
    for view in VIEWS:
        right, up = np.eye(3)[view.right], np.eye(3)[view.up]
        np.testing.assert_allclose(np.cross(right, up), view.toward_body)


def test_a_cone_seen_from_the_side_is_as_wide_as_its_angle():
    """Apex at the origin, along -z: its edges lean by its half angle."""
    swung = cone("gimbal", (0.0, 0.0, 0.0), (0.0, 0.0, -2.0), 0.3, "")
    low = swung.points_body_m[1:]
    np.testing.assert_allclose(np.linalg.norm(low, axis=1), 2.0)
    np.testing.assert_allclose(np.arctan2(np.hypot(low[:, 0], low[:, 1]), -low[:, 2]), 0.3)


def test_the_outline_of_a_cylinder_is_a_rectangle_from_the_side_and_a_circle_from_above():
    hull = cylinder("hull", (0.5, 0.0), 1.0, (1.0, 4.0), "")
    side = outline(seen_m(SIDE, hull.points_body_m))
    np.testing.assert_allclose([side.min(axis=0), side.max(axis=0)], [[-0.5, 1.0], [1.5, 4.0]])
    above = outline(seen_m(TOP, hull.points_body_m))
    np.testing.assert_allclose(np.linalg.norm(above - [0.5, 0.0], axis=1), 1.0)


@pytest.mark.parametrize(
    ("view", "along"), [(SIDE, (0, -1, 0)), (AHEAD, (1, 0, 0)), (TOP, (0, 0, 1))]
)
def test_an_arrow_along_the_line_of_sight_points_at_the_reader_or_away(view, along):
    toward = np.array(along, float)
    assert facing(view, arrow("nozzle", (0, 0, 0), toward, "")) == 1.0
    assert facing(view, arrow("nozzle", (0, 0, 0), -toward, "")) == -1.0
    assert facing(view, arrow("nozzle", (0, 0, 0), toward + 0.3, "")) == 0.0


def test_every_part_lies_on_the_paper_and_the_views_have_one_scale(nova_c, many):
    for subject in (nova_c, many):
        shapes = shapes_of(subject)
        for view in VIEWS:
            paper = paper_of(view, shapes, 50.0, 20.0)
            places = np.concatenate(
                [paper.place_px(seen_m(view, each.points_body_m)) for each in shapes]
            )
            np.testing.assert_allclose(places.min(axis=0), 20.0)
            assert paper.place_px(np.array([1.0, 0.0]))[0] - paper.place_px(np.zeros(2))[0] == 50.0


def test_nozzles_and_engines_stand_where_the_file_has_them(nova_c):
    arrows = [each for each in shapes_of(nova_c) if each.look == "nozzle"]
    nozzles = nova_c.lander.thrusters.nozzles
    assert [each.tag for each in arrows] == [str(number) for number in range(len(nozzles))]
    for drawn, nozzle in zip(arrows, nozzles, strict=True):
        start, end = drawn.points_body_m
        np.testing.assert_allclose(start, nozzle.position_m)
        np.testing.assert_allclose((end - start) / np.linalg.norm(end - start), nozzle.direction)


def test_the_canted_beam_leans_towards_x_by_its_angle(nova_c):
    (canted,) = [each for each in shapes_of(nova_c) if "canted beam" in each.words]
    along = np.diff(canted.points_body_m, axis=0)[0]
    lean_deg = np.degrees(np.arctan2(along[0], -along[2]))
    assert lean_deg == pytest.approx(np.degrees(nova_c.lander.altimeter.cant_rad))
    assert along[1] == 0.0


def test_the_centres_of_mass_are_those_of_solids_and_settled_liquids(nova_c):
    """By hand: dry with payload and gas at 1.75 m, each liquid in the middle of its column."""
    centers, lander = centers_of(nova_c), nova_c.lander
    solid_kg = lander.mass.dry_kg + lander.mass.payload_kg + lander.mass.cold_gas_kg
    moment = solid_kg * lander.mass.dry_center_of_mass_m[2]
    for tank in lander.tanks:
        kg = 1000.0 * tank.propellant_fraction
        level_m = kg / (tank.density_kg_m3 * np.pi * tank.radius_m**2)
        moment += kg * (tank.bottom_height_m + level_m / 2.0)
    assert centers.empty_kg == pytest.approx(solid_kg)
    assert centers.full_kg == pytest.approx(solid_kg + 1000.0)
    assert centers.full_body_m[2] == pytest.approx(moment / (solid_kg + 1000.0))
    assert centers_of(Subject(lander=lander, propellant_kg=None)).full_kg is None


def test_pads_stand_evenly_on_their_circle(nova_c):
    pads = pads_body_m(nova_c.lander)
    assert len(pads) == nova_c.lander.legs.count
    np.testing.assert_allclose(np.hypot(*pads[:, :2].T), nova_c.lander.legs.tread_radius_m)
    first = np.arctan2(pads[0, 1], pads[0, 0])
    assert first == pytest.approx(nova_c.lander.legs.first_azimuth_rad)


def test_struts_meet_at_the_joint_of_their_leg_where_the_file_has_them():
    """The primary one of leg 1, along +x, leans from (2.75, 0, 2.8) m to the pad."""
    eagle = Subject(lander=load_mission("apollo-11").lander, propellant_kg=None)
    legs = [shape.points_body_m for shape in shapes_of(eagle) if shape.look == "leg"]
    assert len(legs) == 4 * 3
    primary, one, other = legs[:3]
    np.testing.assert_allclose(primary, [[2.75, 0.0, 2.8], pads_body_m(eagle.lander)[0]])
    joint = primary[0] + 0.55 * (primary[1] - primary[0])
    np.testing.assert_allclose(one, [joint, [2.2, -1.2, 1.35]], atol=1e-12)
    np.testing.assert_allclose(other, [joint, [2.2, 1.2, 1.35]], atol=1e-12)


def test_a_wrong_sign_of_a_nozzle_is_a_wrong_turn_in_the_table(nova_c):
    """Nozzle 2 at +x pushes along +y: x F is a torque about +z; the other sign about -z."""
    lander = nova_c.lander
    rows = nozzles_table(lander, centers_of(nova_c)).rows
    assert "+9 about z" in rows[2][-1]
    wrong = lander.thrusters.nozzles[2].model_copy(update={"direction": (0.0, -1.0, 0.0)})
    nozzles = (*lander.thrusters.nozzles[:2], wrong, *lander.thrusters.nozzles[3:])
    turned = lander.model_copy(
        update={"thrusters": lander.thrusters.model_copy(update={"nozzles": nozzles})}
    )
    assert "-9 about z" in nozzles_table(turned, centers_of(nova_c)).rows[2][-1]


def test_heights_at_the_margin_are_a_line_apart_in_order_and_near_their_own():
    alone = _spread([10.0, 100.0, 200.0])
    assert alone == [10.0, 100.0, 200.0]
    close = _spread([100.0, 101.0, 101.0, 300.0])
    assert np.min(np.diff(close)) >= 13.5 - 1e-9
    assert np.mean(close[:3]) == pytest.approx(np.mean([100.0, 101.0, 101.0]))
    assert close[3] == 300.0


def test_a_sheet_is_one_whole_svg_with_words_for_every_part(nova_c, many):
    for subject in (nova_c, many):
        root = ElementTree.fromstring(lander_svg(subject, "mine"))
        assert root.tag == f"{SVG}svg"
        titles = [each.text for each in root.iter(f"{SVG}title")]
        assert titles[0] == subject.lander.title
        for shape in shapes_of(subject):
            assert any(shape.words in title for title in titles), shape.words
        assert "http" not in lander_svg(subject, "mine").replace("http://www.w3.org/2000/svg", "")


def test_the_page_needs_nothing_but_itself_and_escapes_what_the_file_says(nova_c):
    lander = nova_c.lander.model_copy(update={"title": "<script>alert(1)</script>"})
    page = lander_html(Subject(lander=lander, propellant_kg=None), "./<b>.toml")
    assert "<script" not in page
    assert "<b>.toml" not in page
    assert not re.findall(r"(?:src|href)=\"(?!#)", page)
    assert page.count("<svg") == 3
    assert page.count('role="img"') == 3


def test_directions_are_named_by_their_axis_or_by_their_components():
    assert direction_words((0.0, 0.0, -1.0)) == "-z"
    assert direction_words((0.6, 0.0, 0.8)) == "(0.6, 0, 0.8)"


def test_draw_writes_a_page_or_a_picture_and_replaces_only_a_drawing(here, told):
    assert told("draw", "nova-c")[:2] == (0, "nova-c.html\n")
    assert told("draw", "athena")[:2] == (0, "nova-c.html\n")
    assert "full" in (here / "nova-c.html").read_text(encoding="utf-8")
    assert told("draw", "athena", "--out", "a.svg")[:2] == (0, "a.svg\n")
    assert (here / "a.svg").read_text(encoding="utf-8").startswith("<svg")
    (here / "mine.html").write_text("mine")
    assert "is no drawing" in refused(told, "draw", "nova-c", "--out", "mine.html")
    assert (here / "mine.html").read_text() == "mine"
    assert "--out must end in .html or .svg" in refused(told, "draw", "nova-c", "--out", "a.png")
    assert "no lander and no mission `nova-d`" in refused(told, "draw", "nova-d")
    assert "--set changes a mission" in refused(told, "draw", "nova-c", "--set", "a=1")


@pytest.mark.usefixtures("here")
def test_a_mission_that_cannot_fly_is_drawn_and_its_mistakes_are_told(told):
    code, out, err = told("draw", "athena", "--set", "lander.engine.max_thrust=0.9 kN")
    assert (code, out) == (0, "nova-c.html\n")
    assert "max_thrust" in err


def test_a_lander_alone_is_refused_at_the_value_that_is_wrong(here):
    text = read(landers.write_mission(here).parent / "changed.toml")
    values = text.values
    assert read_lander(text).name == "changed"
    values["engine"]["lag"] = "fast"
    with pytest.raises(InputError, match=r"changed.toml: engine: `lag` must be a duration"):
        read_lander(text)
    with pytest.raises(InputError, match="`schema` is missing"):
        read_lander(document_of("name = 'x'", "x.toml", here))
    assert lander_of("athena", (), Folders()).propellant_kg == pytest.approx(1378.0, abs=1.0)


def test_each_view_has_the_size_of_its_marks(nova_c):
    for drawn in views_of(nova_c):
        numbers = re.findall(r' points="([^"]*)"', drawn.marks)
        places = np.array([pair.split(",") for each in numbers for pair in each.split()], float)
        assert places.min() >= 0.0
        assert (places.max(axis=0) <= [drawn.wide_px, drawn.high_px]).all()


@pytest.mark.parametrize("name", ["nova-c", "hakuto-r", "lunar-module", "slim"])
def test_words_stand_on_the_drawing_and_on_no_others(name):
    """As wide as six pixels a letter; those in the margin are a line apart by themselves."""
    folders = Folders(catalog=None, data=None)
    subject = Subject(lander=lander_of(name, (), folders).lander, propellant_kg=800.0)
    for view in views_of(subject):
        drawn = ElementTree.fromstring(f'<g xmlns="{SVG[1:-1]}">{view.marks}</g>')
        words = [
            (each.text, float(each.get("x")), float(each.get("y")), group.get("class"))
            for group in drawn
            for each in group.iter(f"{SVG}text")
        ]
        assert all(0.0 < y < view.high_px and 0.0 < x < view.wide_px for _, x, y, _ in words)
        tags = [each for each in words if each[3] not in ("notes", "axis")]
        for number, (one, x, y, _) in enumerate(tags):
            for other, across, down, _ in tags[:number]:
                near = abs(x - across) < 3.0 * (len(one) + len(other)) and abs(y - down) < 9.0
                assert not near, (view.view.key, one, other)


def test_a_lander_alone_is_drawn_with_the_propellant_that_is_asked_for(here, told):
    assert told("draw", "nova-c", "--propellant", "0.9 t", "--out", "full.svg")[0] == 0
    assert "centre, full" in (here / "full.svg").read_text(encoding="utf-8")
    said = refused(told, "draw", "nova-c", "--propellant", "3 m", "--out", "full.svg")
    assert "--propellant must be a number in kg" in said
