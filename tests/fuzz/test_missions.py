"""Mutated mission files and settings: one sentence or a mission that physics allows, nothing else.

A few hundred mutants in the tests; `make fuzz` tries 10,000 over all of `tests/fuzz/`.
"""

import json
import math
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune import load_mission
from perilune.design.caps import check_length
from perilune.errors import InputError
from perilune.folders import Folders
from perilune.mission.load import try_to_load
from perilune.mission.settings import leaves
from perilune.mission.show import resolved_text

MISSIONS = ("athena", "odysseus")
TEXTS = {name: resolved_text(load_mission(name)).splitlines() for name in MISSIONS}
VALUES = dict(leaves(load_mission("athena").written))
PATHS = list(VALUES)
NUMBER = re.compile(r"[-+]?\d[\d.]*(?:e[-+]?\d+)?")
NUMBERS = [path for path in PATHS if NUMBER.search(json.dumps(VALUES[path]))]
UNITS = ("m", "km", "N", "kN", "kg", "s", "deg", "rad/s", "m/s", "K", "", "N/m", "furlong", "µm")
ODD = (
    '""', "true", "[]", "[1]", "{}", "nan", "-inf", "1e308", "1979-05-27", "'", '"🌙"',
    "9" * 400, "9" * 5_000, "[" * 2_000,
    '"never"', '"none"', '"nan m"', '"inf kg"', '"1e400 N"', '"1 m/0 s"', '"m"', '"1 kg 2"', '"5"',
    '"9**9**9**9 m"', '"1**9999999 m"', '"(1 m"', '"__import__(\'os\')"', '"\\u0000"', '["1 m"]',
)  # fmt: skip
FACTORS = (-1.0, 0.0, 1e-12, 1e-6, 1e-3, 0.1, 0.5, 2.0, 10.0, 1e3, 1e6, 1e12, 1e300)

values = st.one_of(
    st.sampled_from(ODD),
    st.builds(
        lambda size, unit: f'"{size!r} {unit}"',
        st.floats(allow_nan=True, width=32),
        st.sampled_from(UNITS),
    ),
    st.floats(width=32).map(repr),
    st.integers().map(str),
    st.text(max_size=12).map(lambda text: f'"{text}"'),
)
rows = st.integers(min_value=0, max_value=10_000)


KINDS = ("delete", "repeat", "swap", "value", "scale", "key", "cut")
edits = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        rows,
        st.one_of(values, st.sampled_from(FACTORS), st.text(max_size=8), rows),
    ),
    min_size=1,
    max_size=3,
)


def spoilt(name, changes):
    """The resolved text of a mission after some edits: (kind, row, what with)."""
    lines = list(TEXTS[name])
    for kind, place, what in changes:
        row = place % len(lines)
        key, equals, old = lines[row].partition("=")
        if kind == "delete":
            del lines[row]
        elif kind == "repeat":
            lines.insert(row, lines[row])
        elif kind == "swap" and isinstance(what, int):
            other = what % len(lines)
            lines[row], lines[other] = lines[other], lines[row]
        elif kind == "value" and equals:
            lines[row] = f"{key}= {what}"
        elif kind == "scale" and equals and isinstance(what, float):
            lines[row] = f"{key}= {_scaled(old, what)}"
        elif kind == "key":
            lines[row] = f"{what}{lines[row]}"
        else:
            lines[row] = lines[row][: len(lines[row]) // 2]
    return "\n".join(lines) + "\n"


def _scaled(text, factor):
    """A value's text with the first number in it multiplied."""
    return NUMBER.sub(lambda found: repr(float(found[0]) * factor), text.split("#")[0], count=1)


def judged(name, settings=()):
    """A mission that nothing is said against, or None; a sentence must be one line and end.

    Of what `check` refuses by designing the mission, only what takes no time is asked.
    """
    try:
        mission, mistakes = try_to_load(name, settings, (), Folders())
        if mission and not mistakes:
            check_length(mission, mission.descent.lead_time_s or 0.0, 0.0)
    except InputError as error:
        mission, mistakes = None, [str(error)]
    for sentence in mistakes:
        assert sentence.endswith((".", "?", ")")), sentence
        assert "Traceback" not in sentence
    return mission if not mistakes else None


@given(name=st.sampled_from(MISSIONS), changes=edits)
def test_a_spoilt_mission_is_refused_in_a_sentence_or_possible(name, changes):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spoilt.toml")
        path.write_text(spoilt(name, changes), encoding="utf-8", errors="replace")
        mission = judged(str(path))
    if mission:
        assert_possible(mission)


@given(path=st.sampled_from(PATHS), value=values)
def test_a_wrong_setting_is_refused_in_a_sentence_or_possible(path, value):
    mission = judged("athena", (f"{path}={value}",))
    if mission:
        assert_possible(mission)


@given(path=st.sampled_from(NUMBERS), factor=st.sampled_from(FACTORS))
def test_a_number_times_anything_is_refused_in_a_sentence_or_possible(path, factor):
    mission = judged("athena", (f"{path}={_scaled(json.dumps(VALUES[path]), factor)}",))
    if mission:
        assert_possible(mission)


@given(setting=st.text(max_size=40))
def test_any_text_as_a_setting_is_refused_in_a_sentence(setting):
    assert judged("athena", (setting,)) is None


def assert_possible(mission):
    """What no body, engine or orbit can be, worked out here and not by the code under test."""
    lander = mission.lander
    inertia = lander.mass.dry_inertia_kg_m2
    assert 2.0 * max(inertia) <= sum(inertia) * (1.0 + 1e-9), "triangle rule of inertia"
    hull_m = math.hypot(lander.hull.radius_m, lander.hull.top_height_m)
    assert max(inertia) <= 4.0 * lander.mass.dry_kg * hull_m**2, "inertia of a body of this size"
    assert 0.0 <= lander.mass.dry_center_of_mass_m[2] <= lander.hull.top_height_m
    assert math.hypot(*lander.mass.dry_center_of_mass_m[:2]) <= lander.hull.radius_m
    assert lander.engine.min_thrust_n <= lander.engine.max_thrust_n
    assert lander.engine.max_thrust_n > 1.62 * lander.mass.dry_kg, "it can hover empty"
    assert lander.engine.lag_s < 60.0, "thrust follows within the braking"
    assert lander.thrusters.min_pulse_s <= 2.5, "a pulse fits into a tick"
    assert lander.engine.specific_impulse_s < 3e3, "a chemical engine"
    assert math.isclose(sum(tank.propellant_fraction for tank in lander.tanks), 1.0, abs_tol=1e-6)
    assert 0.0 < mission.descent.lead_time_s < 14_400.0, "as far as the sky is tabulated"
    assert mission.descent.gate_height_m < mission.descent.ignition_altitude_m
    assert abs(mission.site.latitude_rad) <= math.pi / 2
    assert -9_200.0 <= mission.site.height_m <= 10_800.0
    for name in ("star_tracker", "altimeter", "velocimeter", "camera"):
        instrument = getattr(lander, name)
        sizes = [] if instrument is None else [v for _, v in instrument if isinstance(v, float)]
        assert all(math.isfinite(size) and size >= 0.0 for size in sizes), name
    if lander.camera is not None:
        assert lander.camera.period_s >= 0.01, "no camera takes ten thousand pictures a second"


@pytest.mark.parametrize("text", ["", "schema = 1", "\x00", "[", "=", "a = 1\n" * 3])
def test_what_is_hardly_a_file_is_refused_in_a_sentence(tmp_path, text):
    path = tmp_path / "hardly.toml"
    path.write_text(text)
    assert judged(str(path)) is None
