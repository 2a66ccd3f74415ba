import pytest

from perilune import load_mission
from perilune.flight.outcome import Outcome
from perilune.mission.dispersions import rows_of
from perilune.report.pages.flight_extras import sources_of
from perilune.report.pages.flight_tables import criteria_table, events_table, terrain_table
from perilune.report.pages.sources_tables import kind_of, sources_tables
from perilune.report.result import result_document
from perilune.report.sentence import headline, is_off_target, verdict_sentence
from perilune.report.unit_labels import shown, spelled_out, unit_of
from tests.report.rendered import html_of

WHO = "Nova-C, mission athena with altimeter-noisy,"


def test_a_clean_landing_is_said_in_one_breath_with_what_it_missed(result):
    assert verdict_sentence(result) == (
        "Nova-C, mission athena with altimeter-noisy, touched down cleanly, but farther from the "
        "aim point than the mission allows. It touched down on "
        "2025-03-06 at 17:32:00.000 UTC at 0.9 m/s down and 0.1 m/s across; it came to rest "
        "tilted 2.3°, 312 m from the aim point (312 m west). Not met: miss (312 m, limit 200 m)."
    ).replace(" m/s", "\u00a0m/s").replace(" m ", "\u00a0m ").replace(" m,", "\u00a0m,").replace(
        " m)", "\u00a0m)"
    )


def test_a_part_that_struck_the_ground_is_named_with_its_force(result):
    struck = result | {"touchdown": result["touchdown"] | {"parts_n": {"mast": 712.0, "dish": 0.0}}}
    sentence = verdict_sentence(struck).replace("\u00a0", " ")
    assert "Its mast struck the ground with 712 N." in sentence
    assert "dish" not in sentence


def test_a_clean_landing_that_meets_everything_is_called_just_that(arguments):
    for each in arguments["criteria"]:
        each["met"] = True
    result = result_document(**arguments)
    assert headline(result) == "Clean landing"
    assert verdict_sentence(result).startswith(f"{WHO} made a clean landing. It touched down on")


def test_a_clean_landing_off_target_does_not_have_the_headline_of_one_that_meets_all(result):
    assert headline(result) == "Clean touchdown, off target"
    assert is_off_target(result)


def test_a_crash_strikes_the_ground_and_names_what_never_came(arguments):
    arguments["verdict"] |= {"outcome": "CRASHED", "clean": False}
    arguments["touchdown"] |= {"tilt_deg": None, "miss_m": None}
    names = ("at_rest", "vertical_speed_m_s", "leg_stroke_m", "tilt_deg", "miss_m")
    values = ((0.0, 1.0), (51.66, 2.0), (0.3, 0.3), (None, 10.0), (None, 200.0))
    arguments["criteria"] = [
        {"name": name, "value": value, "limit": limit, "margin": None, "met": False}
        for name, (value, limit) in zip(names, values, strict=True)
    ]
    result = result_document(**arguments)
    sentence = verdict_sentence(result).replace("\N{NO-BREAK SPACE}", " ")
    assert "It struck the ground on 2025-03-06" in sentence
    assert "touched down" not in sentence
    assert sentence.endswith(
        "Not met: at rest; vertical speed (51.66 m/s, limit 2 m/s); leg stroke (all 0.3 m used). "
        "Never reached, which counts as not met: tilt and miss."
    )
    at_rest = html_of(criteria_table(result)).split("<tr>")[2]
    assert "<td>no</td><td>yes</td><td>\N{EN DASH}</td>" in at_rest
    assert "25.8 times" in html_of(criteria_table(result))


def test_an_unclean_landing_names_how_it_ended_and_every_limit_it_broke(arguments):
    arguments["verdict"] |= {"outcome": "TIPPED_OVER", "clean": False}
    arguments["touchdown"] |= {"tilt_deg": None, "miss_m": None}
    arguments["criteria"][2] |= {"value": None, "margin": None, "met": False}
    sentence = verdict_sentence(result_document(**arguments))
    assert f"{WHO} touched down and tipped over." in sentence
    assert "the flight ended before it came to rest." in sentence
    assert "Not met: miss" in sentence
    assert "Never reached, which counts as not met: tilt." in sentence


def test_no_touchdown_is_said_as_such(arguments):
    arguments["verdict"] |= {"outcome": "TIMED_OUT", "clean": False}
    arguments["touchdown"] = None
    sentence = verdict_sentence(result_document(**arguments))
    assert sentence.startswith(
        "Nova-C, mission athena with altimeter-noisy, never touched down: timed out."
    )


@pytest.mark.parametrize(
    ("name", "words", "unit"),
    [
        ("vertical_speed_m_s", "Vertical speed", "m/s"),
        ("body_rate_deg_s", "Body rate", "°/s"),
        ("tilt_deg", "Tilt", "°"),
        ("hull_contact_count", "Hull contact count", ""),
        ("throttle", "Throttle", ""),
    ],
)
def test_a_name_is_said_without_its_unit(name, words, unit):
    assert (spelled_out(name), unit_of(name)) == (words, unit)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "m", "\N{EN DASH}"),
        (True, "", "yes"),
        (0.9, "m/s", "0.9\u00a0m/s"),
        (2.34567, "°", "2.346°"),
        (-112.0, "m", "\N{MINUS SIGN}112\u00a0m"),
        (1690.4, "m/s", "1,690\u00a0m/s"),
        (4.9028e12, "", "4.9e+12"),
        (0.25, "", "0.25"),
        (-3, "", "\N{MINUS SIGN}3"),
        (12_345, "", "12,345"),
        ("map.npz", "", "map.npz"),
    ],
)
def test_values_are_shown_to_four_figures_with_their_unit(value, unit, text):
    assert shown(value, unit) == text


def test_events_are_counted_from_the_start_the_descent_and_the_touchdown(result):
    rows = html_of(events_table(result, 3600.0, 4320.0)).split("<tr>")[2:]
    gate = next(row for row in rows if "Gate" in row)
    for cell in ("17:31:02.000", "+1:11:02.0", "+11:02.0", "\N{MINUS SIGN}0:58.0"):
        assert f"{cell}</td>" in gate


def test_a_criterion_with_no_room_at_all_has_no_bar(result):
    rows = html_of(criteria_table(result)).split("<tr>")
    hull = next(row for row in rows if "Hull contact" in row)
    assert "meter" not in hull
    tilt = next(row for row in rows if "Tilt" in row)
    assert 'style="width:23%"' in tilt


def test_assumed_values_stand_open_and_sourced_ones_are_folded_away(extras):
    opened, folded = html_of(sources_tables(extras["sources"])).split("<details>")
    assert "lander.legs.stroke_m" in opened
    assert "assumed: from published sizes" in opened
    assert "lander.engine.max_thrust_n" in folded
    assert "Values with a source (1)" in folded


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("[sourced: press kit]", "sourced"),
        ("sourced: a page; assumed: a tenth of it", "assumed"),
        ("computed", "computed"),
        ("--set", "--set"),
        ("default", "default"),
        ("untagged", "untagged"),
        ("", "untagged"),
        ("taken from a friend", "untagged"),
    ],
)
def test_a_tag_is_of_its_most_doubtful_kind(tag, kind):
    assert kind_of({"tag": tag}) == kind


def test_only_what_is_sourced_or_computed_counts_as_having_a_source():
    tags = (
        ["sourced: x"] * 2 + ["computed"] + ["untagged"] * 176 + ["recalled", "--set", "inferred"]
    )
    values = {f"a.v{n}": {"value": "1 m", "tag": tag} for n, tag in enumerate(tags)}
    shown_html = html_of(sources_tables(values))
    assert "Of 182 values 3 have a source (2 sourced, 1 computed); 179 have none: " in shown_html
    assert "176 untagged" in shown_html
    assert "Values without a source (179)" in shown_html
    assert "Values with a source (3)" in shown_html
    assert "No value" not in shown_html


def test_a_value_that_each_flight_draws_says_from_what_and_that_it_stands_before_the_draw():
    drawn = {"value": "0 m", "tag": "default", "drawn": "normal, sigma 0.00572957795 deg"}
    words = html_of(sources_tables({"errors.map.east": drawn}))
    assert "<td>0 m; drawn in each flight: normal, sigma 0.00573 deg</td>" in words
    assert "Drawn values are shown before the draw" in words
    still = html_of(sources_tables({"errors.map.east": drawn | {"drawn": None}}))
    assert "<td>0 m</td>" in still
    assert "draw" not in still


def test_every_drawn_number_of_a_mission_is_marked_so_among_its_values():
    mission = load_mission("athena")
    drawn = {path for path, each in sources_of(mission).items() if each.get("drawn")}
    rows = {row.path for row in rows_of(mission) if not row.path.startswith("onboard.")}
    assert {path for path in rows if not path[-1].isdigit()} <= drawn
    assert "errors.map.east" in drawn
    assert "lander.altimeter.cant" not in drawn


def test_where_every_value_has_a_source_the_page_says_so():
    values = {"a": {"value": 1, "tag": "computed: b"}, "c": {"value": 2, "tag": "sourced: d"}}
    assert "All 2 values have a source: 1 computed, 1 sourced." in html_of(sources_tables(values))


def test_sixteen_nozzles_of_one_source_share_a_row_and_two_tanks_do_not():
    parts = {f"nozzles.{n}.{what}": "1, 0" for n in range(16) for what in ("position", "direction")}
    parts |= {f"tanks.{n}.radius": "0.5 m" for n in range(2)}
    values = {path: {"value": value, "tag": "assumed: a guess"} for path, value in parts.items()}
    rows = html_of(sources_tables(values)).split("<tr>")[2:]
    assert len(rows) == 3
    (nozzles,) = [row for row in rows if "nozzles" in row]
    assert "position and direction of each of 16" in nozzles
    assert "15.direction: 1, 0" in nozzles


@pytest.mark.parametrize("outcome", [each.name for each in Outcome])
def test_no_outcome_is_called_both_a_landing_and_not_one(arguments, outcome):
    arguments["verdict"] |= {"outcome": outcome, "clean": False}
    result = result_document(**arguments)
    assert "not cleanly: landed" not in verdict_sentence(result)
    assert ("Landed" in headline(result)) == (outcome == "LANDED")
    assert verdict_sentence(result).startswith(WHO)


def test_terrain_says_what_is_measured_and_what_is_made_up(extras):
    made = html_of(terrain_table(extras["terrain"]))
    assert "<strong>measured</strong>" in made
    assert "<strong>made up</strong>" in made
    assert "Spacing, m" in made
