"""The look-up pages name exactly what the code has."""

import itertools
import re
from pathlib import Path

from perilune.report.result import Aim, ControlShort, Criterion, Happening, Result, Touchdown
from perilune.telemetry.channels import CHANNELS

PAGES = Path(__file__).resolve().parents[2] / "docs" / "look-up"


def first_cells(page):
    return re.findall(r"^\| `([^`]+)` \|", (PAGES / page).read_text(), re.MULTILINE)


def spelt_out(name):
    """`true_position_{x,y}_m` is two names."""
    parts = [part.split(",") for part in re.split(r"[{}]", name)]
    return ["".join(each) for each in itertools.product(*parts)]


def test_the_page_of_the_telemetry_names_every_column_once():
    named = [name for cell in first_cells("telemetry.md") for name in spelt_out(cell)]
    assert sorted(named) == sorted(CHANNELS)


def test_the_page_of_the_result_names_every_name_in_order():
    models = (Result, Aim, Touchdown, ControlShort, Criterion, Happening)
    names = [name for model in models for name in model.model_fields]
    assert first_cells("result-json.md") == names
