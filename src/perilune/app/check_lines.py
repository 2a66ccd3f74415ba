"""What `check` prints of a plan's figures: tables for a terminal of 80 columns."""

import math
import textwrap
from collections.abc import Iterator, Sequence

from perilune.design.binding_limits import Limit
from perilune.design.check import Figures
from perilune.design.control_authority import Authority
from perilune.design.control_report import lines_of as control_lines
from perilune.design.light_report import phase_words, site_words
from perilune.design.phase_budget import PhaseNeed, Propellant
from perilune.design.sensor_coverage import Coverage

TIGHTEST_COUNT, WIDTH = 8, 80
GAP = "  "
NOTHING = "-"
BINDS = 0.05
"""Margin below which a limit is explained."""
NEVER_SEEN = "nothing"


def lines_of(figures: Figures) -> Iterator[str]:
    """All of it, in the order in which a reviewer asks; what binds comes last."""
    yield ""
    yield from _wrapped(figures.site)
    burn = () if figures.burn is None else (figures.burn,)
    yield from _phases((*burn, *figures.phases))
    yield from _propellant(figures.propellant)
    yield from _authority(figures.authority)
    yield ""
    for line in control_lines(figures.control):
        yield from _wrapped(line)
    if figures.swing:
        yield ""
        yield from (line for each in figures.swing for line in _wrapped(each))
    yield from _coverage(figures.coverage)
    yield ""
    for line in (site_words(figures.site_light), phase_words(figures.light)):
        yield from _wrapped(line)
    yield from _limits(figures.limits)


def _wrapped(line: str) -> Iterator[str]:
    wrapped = textwrap.wrap(line, WIDTH, drop_whitespace=False, subsequent_indent=GAP)
    yield from (each.rstrip() for each in wrapped)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Columns as wide as they must be: the first to the left, the others to the right."""
    every = [heads, *rows]
    widths = [max(len(row[column]) for row in every) for column in range(len(heads))]
    for row in every:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield GAP + GAP.join(cells).rstrip()


def _phases(needs: Sequence[PhaseNeed]) -> Iterator[str]:
    yield ""
    yield "phases with thrust, as rehearsed (T/W: full thrust over lunar weight):"
    heads = ("", "time s", "from m", "mass kg", "T/W", "throttle", "floor", "dv m/s")
    rows = [
        (
            need.name,
            f"{need.lasts_s:.0f}",
            f"{need.from_height_m:.0f}",
            _span(need.start_kg, need.end_kg, "{:.0f}"),
            _span(need.start_thrust_to_weight_factor, need.end_thrust_to_weight_factor, "{:.2f}"),
            _span(need.least_throttle_fraction, need.most_throttle_fraction, "{:.0%}"),
            f"{need.floor_fraction:.0%}",
            f"{need.gained_m_s:.0f}",
        )
        for need in needs
    ]
    yield from table(heads, rows)


def _propellant(propellant: Propellant) -> Iterator[str]:
    yield ""
    yield (
        f"propellant: {propellant.start_kg:.0f} kg at the start; the descent-orbit burn takes "
        f"{propellant.burn_kg:.0f} kg,"
    )
    yield (
        f"{GAP}the descent {propellant.descent_kg:.0f} kg, together {propellant.needed_m_s:.0f} "
        f"m/s; left at touchdown {propellant.left_kg:.0f} kg, {propellant.left_m_s:.0f} m/s."
    )


def _authority(authority: Sequence[Authority]) -> Iterator[str]:
    yield ""
    yield "control authority, both ways about each axis; how far the centre of mass is off"
    yield "the line of thrust, and how far off the engines can trim it:"
    heads = ("", "engines N m", "deg/s2", "nozzles N m", "deg/s2", "mm off line")
    rows = []
    for each in authority:
        for axis, name in enumerate("xyz"):
            across = 1 - axis
            offset = NOTHING
            if axis < 2:
                off_mm, trims_mm = (1e3 * of[across] for of in (each.off_line_m, each.trimmed_m))
                offset = f"{'xy'[across]} {abs(off_mm):.0f} of {trims_mm:.0f}"
            rows.append(
                (
                    f"{each.case}, {each.mass_kg:.0f} kg, {name}",
                    f"{abs(each.engines_n_m[axis]):.3g}",
                    f"{abs(math.degrees(each.engines_rad_s2[axis])):.2g}",
                    f"{each.nozzles_n_m[axis]:.3g}",
                    f"{math.degrees(each.nozzles_rad_s2[axis]):.2g}",
                    offset,
                )
            )
    yield from table(heads, rows)


def _coverage(coverage: Sequence[Coverage]) -> Iterator[str]:
    yield ""
    if not coverage:
        yield "sensors: none that looks at ground or sky."
        return
    yield "sensors from ignition on, over level ground (share of each phase seen, %):"
    names = [name for name, _ in coverage[0].seen_fraction]
    rows = []
    for each in coverage:
        shares = [f"{100.0 * share:.0f}" for _, share in each.seen_fraction]
        if each.first_height_m is None or each.last_height_m is None:
            rows.append((each.label, NEVER_SEEN, NOTHING, *shares))
        else:
            ends = (f"{each.first_height_m:.0f} m", f"{each.last_height_m:.0f} m")
            rows.append((each.label, *ends, *shares))
    yield from table(("", "from", "to", *names), rows)


def _limits(limits: Sequence[Limit]) -> Iterator[str]:
    first = limits[0]
    yield ""
    yield (
        f"tightest: {first.what}, {_number(first.value)} {first.unit} of at "
        f"{'most' if first.is_most else 'least'} {_number(first.limit)} {first.unit};"
    )
    yield f"{GAP}of {len(limits)} limits the {min(TIGHTEST_COUNT, len(limits))} tightest:"
    rows = [
        (
            each.what,
            f"{_number(each.value)} {each.unit}",
            f"{'<=' if each.is_most else '>='} {_number(each.limit)} {each.unit}",
            f"{100.0 * each.margin_fraction + 0.0:.0f} %".replace("-0 %", "0 %"),
        )
        for each in limits[:TIGHTEST_COUNT]
    ]
    yield from table(("", "value", "limit", "margin"), rows)
    yield from _explained(limits[:TIGHTEST_COUNT])


def _explained(limits: Sequence[Limit]) -> Iterator[str]:
    """What those that bind mean, and what to change, which is said once."""
    binding = [each for each in limits if each.meaning and each.margin_fraction < BINDS]
    for place, each in enumerate(binding):
        later = any(each.cure == other.cure for other in binding[place + 1 :])
        cure = "" if later else each.cure
        yield from _wrapped(f"{each.what}: {each.meaning} {cure}".rstrip())


def _span(first: float, last: float, form: str) -> str:
    """Two numbers as `1.5-2.3`, or one where they read alike."""
    low, high = form.format(first), form.format(last)
    return low if low == high else f"{low.rstrip('%')}-{high}"


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 1_000.0 else f"{value:.3g}"
