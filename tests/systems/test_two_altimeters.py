"""Two lasers and two radars on one lander: tables of a file alone, each with its own noise."""

import re
from pathlib import Path

import jax
import pytest

import perilune
from perilune import load_mission, run_key
from perilune.design import design
from perilune.flight.draw import draw
from perilune.flight.fly import fly
from perilune.telemetry.samples import keep

CATALOG = Path(perilune.__file__).parent / "catalog"
LABELS = [f"{kind}.{name}" for kind in ("altimeter", "radar_altimeter") for name in "ab"]


@pytest.fixture(scope="module")
def doubled(tmp_path_factory):
    """Vikram with each of its altimeters twice, and its mission."""
    folder = tmp_path_factory.mktemp("doubled")
    text = (CATALOG / "landers" / "vikram.toml").read_text(encoding="utf-8")
    for kind in ("altimeter", "radar_altimeter"):
        table = re.search(rf"^\[{kind}\].*?\n(.*?)\n\n", text, re.MULTILINE | re.DOTALL)
        both = "\n".join(f"[{kind}.{name}]\n{table[1]}\n" for name in "ab")
        text = text.replace(table[0], both + "\n")
        text = text.replace(f'"errors.{kind}.', f'"errors.{kind}.a.')
    (folder / "mine.toml").write_text(text.replace('"vikram"', '"mine"'), encoding="utf-8")
    mission = (CATALOG / "missions" / "chandrayaan-3.toml").read_text(encoding="utf-8")
    mission = mission.replace('lander = "vikram"', 'lander = "mine.toml"')
    (folder / "double.toml").write_text(mission, encoding="utf-8")
    return load_mission(str(folder / "double.toml"))


def test_the_whole_flight_is_traced_with_two_of_each_and_telemetry_has_all_four(doubled):
    plan = design(doubled).plan
    assert set(LABELS) <= set(plan.sensors)
    assert set(LABELS) <= set(plan.upload.sensors)

    def flight(plan, key):
        drawn = draw(plan, key)
        _, samples = fly(drawn, key, sampled=True)
        return keep(samples, drawn, key)

    samples = jax.eval_shape(flight, plan, run_key(0, 0))
    held = [jax.tree_util.keystr(path) for path, _ in jax.tree_util.tree_leaves_with_path(samples)]
    for label in LABELS:
        assert any(f"'{label}'" in each and each.endswith(".range_m") for each in held), label


def test_an_error_of_one_unit_is_drawn_for_it_alone(doubled):
    drawn = {entry.path for entry in doubled.dispersions}
    assert "errors.radar_altimeter.a.bias" in drawn
    assert "errors.radar_altimeter.b.bias" not in drawn
