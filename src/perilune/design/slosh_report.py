"""What the control loops make of the liquid that sways: the damping of its modes, loop closed.

At each fill from full to that of a landing: in a hover with the loops of vertical descent closed,
and at full thrust with that of attitude; about the axis that is worse off.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex, Float

from perilune.design.linear_slosh import LinearSlosh
from perilune.design.loop_margins import STATE_COUNT, Attitude, Drift, attitude_loop
from perilune.mission import Mission
from perilune.mission.value_location import place, shown

MOST_BAFFLE_FACTOR = 0.5
"""Damping ratio up to which it is looked for what baffles must do."""
HALVINGS = 20
SLOWEST_RAD_S = 0.05
"""Of a pole that swings."""
LEAST_SHARE = 0.25
"""The least part of the liquid in a mode, by participation, for it to count as the liquid's."""
MORE_FACTOR = 0.01
"""Of damping, by which the tank that binds is found."""
NEARLY_FACTOR = 1e-6
"""A mode that the loops do not touch has no damping to rounding."""


@dataclass(frozen=True, kw_only=True)
class SloshRow:
    """The mode that is damped least, in one case."""

    case: str
    tank: str
    frequency_rad_s: float
    alone_factor: float  # damping ratio of that tank by itself
    damping_factor: float  # of the mode with the loops closed; below zero it grows
    needed_factor: float  # damping ratio of every tank, walls and baffles, for it not to grow

    @property
    def grows(self) -> bool:
        """Whether it swings up."""
        return self.damping_factor < -NEARLY_FACTOR


def slosh_row(case: str, loops: list[Attitude], drift: Drift | None) -> SloshRow:
    """Of the loops about both axes, in which liquid sways."""
    found = [
        (*_least_damped(each, drift), each, each.slosh) for each in loops if each.slosh is not None
    ]
    damping, pole, loop, slosh = min(found, key=lambda row: row[0])
    tank = _binding(loop, slosh, drift)
    return SloshRow(
        case=case,
        tank=slosh.names[tank],
        frequency_rad_s=abs(pole),
        alone_factor=float(slosh.damping_factor[tank]),
        damping_factor=damping,
        needed_factor=max(_needed_factor(each, drift) for each in loops),
    )


def _least_damped(loop: Attitude, drift: Drift | None) -> tuple[float, complex]:
    """(damping ratio, pole in rad/s) of the worst of the modes that the liquid takes part in."""
    poles, share = closed_modes(loop, drift)
    swings = np.flatnonzero(poles.imag > SLOWEST_RAD_S)
    modes = swings[share[swings] >= min(LEAST_SHARE, np.max(share[swings]))]
    damping = -poles[modes].real / np.abs(poles[modes])
    return float(np.min(damping)), complex(poles[modes[int(np.argmin(damping))]])


def _binding(loop: Attitude, slosh: LinearSlosh, drift: Drift | None) -> int:
    """The tank whose damping helps the worst mode most; of like tanks the first."""
    helped = [
        _damped(loop, slosh, slosh.damping_factor + MORE_FACTOR * row, drift)
        for row in np.eye(slosh.count)
    ]
    most = max(helped)
    return next(at for at, each in enumerate(helped) if each >= most - NEARLY_FACTOR)


def _damped(
    loop: Attitude, slosh: LinearSlosh, damping_factor: Float[np.ndarray, " K"], drift: Drift | None
) -> float:
    """The least damping ratio of its modes with other damping in its tanks."""
    damped = dataclasses.replace(slosh, damping_factor=damping_factor)
    return _least_damped(dataclasses.replace(loop, slosh=damped), drift)[0]


def closed_modes(
    loop: Attitude, drift: Drift | None
) -> tuple[Complex[np.ndarray, " n"], Float[np.ndarray, " n"]]:
    """Poles (1/s) of the loop as it flies, and the liquid's part in each.

    By participation factors (Perez-Arriaga, Verghese and Schweppe, IEEE Trans. PAS-101, 1982).
    """
    opened = attitude_loop(loop, drift)
    values, shapes = np.linalg.eig(opened.a - np.outer(opened.b, opened.c))
    part = np.abs(shapes * np.linalg.pinv(shapes).T)
    alive = np.abs(values) > np.finfo(float).tiny
    poles = np.log(np.where(alive, values, 1.0).astype(complex)) / loop.tick_s
    return poles, np.sum(part[STATE_COUNT:], axis=0)


def _needed_factor(loop: Attitude, drift: Drift | None) -> float:
    """The least damping ratio of every tank at which no mode grows; infinite if none."""
    slosh = loop.slosh
    assert slosh is not None, "only what sways is damped"

    def grows(damping_factor: float) -> bool:
        same = np.full(slosh.count, damping_factor)
        return _damped(loop, slosh, same, drift) < -NEARLY_FACTOR

    low, high = 0.0, MOST_BAFFLE_FACTOR
    if not grows(low):
        return 0.0
    if grows(high):
        return float("inf")
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if grows(middle) else (low, middle)
    return high


def lines_of(rows: tuple[SloshRow, ...]) -> Iterator[str]:
    """What `check` prints of them; nothing where nothing sways."""
    if not rows:
        return
    worst = max(rows, key=lambda row: row.needed_factor)
    yield (
        "slosh, loops closed: the mode that is damped least, the tank whose damping helps it "
        "most and that tank's alone, and the ratio that every tank needs for it not to grow:"
    )
    yield f"  {'case':<22}{'tank':<15}{'at':>12}{'alone':>8}{'closed':>9}{'needs':>8}"
    for row in rows:
        yield (
            f"  {row.case:<22}{row.tank:<15}{row.frequency_rad_s:>6.2f} rad/s"
            f"{row.alone_factor:>8.2%}{row.damping_factor:>9.2%}{row.needed_factor:>8.2%}"
        )
        if row.grows:
            yield "    grows"
    if worst.needed_factor > 0.0:
        yield f"  {worst.tank} binds, at {worst.case}."


def growing(mission: Mission, rows: tuple[SloshRow, ...]) -> tuple[str, ...]:
    """A note where a mode grows: the worst of them, the cure."""
    bad = [row for row in rows if row.grows]
    if not bad:
        return ()
    worst = max(bad, key=lambda row: row.needed_factor)
    return (
        f"The liquid of tank `{worst.tank}` swings up with the control loops closed ({worst.case}: "
        f"damping ratio {worst.damping_factor:.1%} at {worst.frequency_rad_s:.2f} rad/s). Baffles "
        f"must bring every tank to {worst.needed_factor:.1%}. {more_baffles(mission, tuple(bad))}",
    )


def more_baffles(mission: Mission, rows: tuple[SloshRow, ...]) -> str:
    """The cure, by the key of the tank that binds."""
    worst = max(rows, key=lambda row: row.needed_factor)
    names = [tank.name for tank in mission.lander.tanks]
    key = f"lander.tanks.{names.index(worst.tank)}.slosh.baffle_damping_factor"
    return (
        f"Raise {place(mission, key)}, which is {shown(mission, key)}, and those of the other "
        "tanks."
    )
