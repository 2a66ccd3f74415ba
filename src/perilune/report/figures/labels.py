"""Names of inputs and units short enough for an axis, and no two alike."""

import re
from collections.abc import Iterable, Mapping

from perilune.report.unit_labels import spelled_out

LONGEST = 24
MARK = "\N{DAGGER}"
TOGETHER = (
    f"{MARK} Drawn together with other inputs: the effect is that of the group, not of this "
    "input alone."
)
_AXES = {"0": "x", "1": "y", "2": "z"}
_BODY_VECTORS = (
    "lander.mass.dry_",
    "errors.engine.pointing.",
    "errors.imu.",
    "errors.star_tracker.misalignment.",
)
"""How paths of vectors in the body frame begin."""


def labels_of(paths: Iterable[str]) -> dict[str, str]:
    """Each path's label: its end, as much of it as no other path shares, in lines of a width."""
    paths = list(paths)
    return {path: _lines(_ending(path, paths)) for path in paths}


def plot_text(text: str) -> str:
    """Text as plotly shows it; in its own words `<b>` is bold and `&lt;` is a sign."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def with_axis(path: str) -> str:
    """A path, and about or along which body axis it is where it is part of a body vector."""
    place = path.rpartition(".")[2]
    known = place in _AXES and path.startswith(_BODY_VECTORS)
    return f"{path} ({_AXES[place]})" if known else path


def marked(each: Mapping) -> str:
    """The path of an input with its axis, and a mark where it is drawn together with others."""
    name = with_axis(each["path"])
    return f"{name} {MARK}" if each.get("together") else name


def figure_words(figure: str) -> str:
    """A figure as a person reads it; `clean` is the probability of a clean touchdown."""
    return "P(clean)" if figure == "clean" else spelled_out(figure)


def _ending(path: str, paths: list[str]) -> str:
    words = path.split(".")
    least = 3 if words[-1].isdigit() else 2
    for count in range(least, len(words)):
        ending = ".".join(words[-count:])
        if sum(each == ending or each.endswith("." + ending) for each in paths) == 1:
            return ending
    return path


def _lines(text: str) -> str:
    """Broken after dots where it is longer than a line; a number stays with its name."""
    lines = [""]
    for word in re.split(r"\.(?!\d)", text):
        if lines[-1] and len(lines[-1]) + len(word) > LONGEST:
            lines.append("")
        lines[-1] += word + "."
    return "<br>".join(lines).removesuffix(".")
