"""The page's colours against published rules of contrast and of colour-blind sight."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest

import perilune.report

CSS = (Path(perilune.report.__file__).parent / "templates" / "page.css").read_text()
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})\b", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
)
THEMES = [pytest.param(LIGHT, id="light"), pytest.param(LIGHT | DARK, id="dark")]

# Machado, Oliveira and Fernandes 2009, table 1, severity 1.0, applied to linear RGB.
SIGHTS = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}
TOGETHER = [("blue", "orange"), ("blue", "red"), ("blue", "brown"), ("green", "orange")]
XYZ_FROM_RGB = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)  # IEC 61966-2-1


def linear(colour):
    """A colour as linear RGB, IEC 61966-2-1."""
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255.0
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG 2.2's ratio of relative luminances."""
    bright, dark = sorted((XYZ_FROM_RGB[1] @ linear(each) for each in (one, other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def lab(rgb):
    """CIE 1976 L*a*b* under D65."""
    ratio = XYZ_FROM_RGB @ np.clip(rgb, 0.0, 1.0) / np.array([0.9505, 1.0, 1.089])
    bent = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * bent[1] - 16, 500 * (bent[0] - bent[1]), 200 * (bent[1] - bent[2])])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("paper", ["paper", "panel"])
def test_lines_stand_three_to_one_off_the_paper_and_words_four_and_a_half(theme, paper):
    """WCAG 2.2, success criteria 1.4.11 and 1.4.3."""
    for line in ("blue", "orange", "green", "pink", "brown", "sky", "red", "mark"):
        assert contrast(theme[line], theme[paper]) >= 3.0, line
    for words in ("ink", "muted", "red", "blue", "green"):
        assert contrast(theme[words], theme[paper]) >= 4.5, words


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_colours_drawn_together_differ_to_every_eye(theme, sight):
    """Ten times the just noticeable difference, CIE 1976 (2.3, Mahy and others 1994)."""
    for one, other in TOGETHER:
        seen = [lab(SIGHTS[sight] @ linear(theme[each])) for each in (one, other)]
        assert np.linalg.norm(seen[0] - seen[1]) > 23.0, (one, other)


def test_where_colours_could_be_confused_the_dash_differs_too():
    from perilune.report.figures.engine_plots import _COLOURS, _DASHES

    looks = list(zip(_COLOURS, _DASHES, strict=True))
    alike = [
        pair
        for pair in itertools.combinations(looks, 2)
        if pair[0][1] == pair[1][1] and {pair[0][0], pair[1][0]} != {"--blue", "--sky"}
    ]
    assert not alike
