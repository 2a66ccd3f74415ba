"""The stability map of a lander: how touchdowns end, vertical against horizontal speed."""

from collections.abc import Mapping
from html import escape

import numpy as np
from jaxtyping import Float

from perilune.flight.stability_grid import Columns, ending_words

COLOURS = ("#4a9a62", "#e3c04f", "#d9803a", "#a93c43")
"""By `DropEnd`: safe, slid, broken, tipped."""
SIDE_PX, GAP_PX, MARGIN_PX, HEAD_PX = 190, 62, 58, 84


def stability_svg(columns: Columns, title: str, asked: tuple[float, float]) -> str:
    """The picture: a panel for each slope and azimuth, and first of each slope the worst of all.

    `asked` is the (vertical, horizontal) speed that is framed, m/s.
    """
    slopes, azimuths = (np.unique(columns[name]) for name in ("slope_deg", "azimuth_deg"))
    across = len(azimuths) + (len(azimuths) > 1)
    width = MARGIN_PX + across * (SIDE_PX + GAP_PX)
    height = HEAD_PX + len(slopes) * (SIDE_PX + GAP_PX + 22)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="stability" width="{width}" '
        f'height="{height}" viewBox="0 0 {width} {height}" font-family="sans-serif" '
        'font-size="12"><rect width="100%" height="100%" fill="white"/>',
        _text(MARGIN_PX, 24, title, size=15),
        *_legend(),
    ]
    for row, slope in enumerate(slopes):
        panels = [(f"slope {slope:g}°, azimuth {one:g}°", [one]) for one in azimuths]
        if len(azimuths) > 1:
            panels.insert(0, (f"slope {slope:g}°, worst azimuth", list(azimuths)))
        for column, (head, ways) in enumerate(panels):
            here = (columns["slope_deg"] == slope) & np.isin(columns["azimuth_deg"], ways)
            place = (
                MARGIN_PX + column * (SIDE_PX + GAP_PX),
                HEAD_PX + 18 + row * (SIDE_PX + GAP_PX + 22),
            )
            seen = {name: each[here] for name, each in columns.items()}
            parts += _panel(seen, head, place, asked)
    return "\n".join([*parts, "</svg>", ""])


def _legend() -> list[str]:
    words = ("safe", "slid", "broken or struck", "tipped over")
    parts, x = [], MARGIN_PX
    for colour, word in zip(COLOURS, words, strict=True):
        parts.append(f'<rect x="{x}" y="38" width="14" height="14" fill="{colour}"/>')
        parts.append(_text(x + 19, 50, word))
        x += 40 + 8 * len(word)
    return parts


def _panel(
    columns: Columns, head: str, place: tuple[int, int], asked: tuple[float, float]
) -> list[str]:
    """Cells about the speeds flown; the corner is that of the panel, px."""
    left, top = place
    down, across = (
        np.unique(columns[name]) for name in ("vertical_speed_m_s", "horizontal_speed_m_s")
    )
    edges = {"down": _edges(down), "across": _edges(across)}
    parts = [_text(left, top - 7, head)]
    for at, speed in enumerate(down):
        for beside, aside in enumerate(across):
            cell = (columns["vertical_speed_m_s"] == speed) & (
                columns["horizontal_speed_m_s"] == aside
            )
            worst = int(np.max(columns["ending"][cell]))
            x, right = (left + SIDE_PX * edges["across"][beside + i] for i in (0, 1))
            low, high = (top + SIDE_PX * (1.0 - edges["down"][at + i]) for i in (0, 1))
            framed = (speed, aside) == asked
            stroke = 'stroke="black" stroke-width="2"' if framed else 'stroke="white"'
            parts.append(
                f'<rect x="{x:.1f}" y="{high:.1f}" width="{right - x:.1f}" '
                f'height="{low - high:.1f}" fill="{COLOURS[worst]}" {stroke}>'
                f"<title>{speed:.2f} m/s down, {aside:.2f} m/s across: "
                f"{ending_words(worst)}</title></rect>"
            )
    # The frame is drawn last, over its neighbours.
    parts.sort(key=lambda part: 'stroke="black"' in part)
    return [*parts, *_scales(down, across, edges, place)]


def _edges(speeds: Float[np.ndarray, " n"]) -> Float[np.ndarray, " n1"]:
    """Where the cells about these speeds begin and end, shares of the side."""
    if len(speeds) == 1:
        return np.array([0.0, 1.0])
    middles = 0.5 * (speeds[1:] + speeds[:-1])
    every = np.concatenate([speeds[:1], middles, speeds[-1:]])
    return (every - every[0]) / (every[-1] - every[0])


def _scales(
    down: Float[np.ndarray, " n"],
    across: Float[np.ndarray, " m"],
    edges: Mapping[str, Float[np.ndarray, " n1"]],
    place: tuple[int, int],
) -> list[str]:
    left, top = place
    parts = []
    for speeds, name in ((down, "down"), (across, "across")):
        for share in (0.0, 0.5, 1.0):
            value = speeds[0] + share * (speeds[-1] - speeds[0])
            if name == "down":
                y = top + SIDE_PX * (1.0 - share) + 4
                parts.append(_text(left - 6, y, f"{value:.2g}", anchor="end"))
            else:
                x = left + SIDE_PX * share
                parts.append(_text(x, top + SIDE_PX + 15, f"{value:.2g}", anchor="middle"))
    assert len(edges) == 2
    middle = left + SIDE_PX / 2
    parts.append(_text(middle, top + SIDE_PX + 31, "across, m/s", anchor="middle"))
    x, y = left - 36, top + SIDE_PX / 2
    turned = f'transform="rotate(-90 {x} {y})" '
    parts.append(_text(x, y, "down, m/s", anchor="middle", more=turned))
    return parts


def _text(
    x: float, y: float, words: str, *, size: int = 12, anchor: str = "start", more: str = ""
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" {more}>'
        f"{escape(words)}</text>"
    )
