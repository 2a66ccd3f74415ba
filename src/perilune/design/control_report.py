"""The control loops of a lander as it is believed: their gains, and their margins one by one."""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from perilune.design.control_rule import (
    DAMPING_FACTOR,
    GRAVITY_M_S2,
    TICK_S,
    Actuation,
    ControlGains,
    actuations,
    hover_masses_kg,
    throttle_lag_s,
)
from perilune.design.descent_loops import (
    GAIN_FLOOR_DB,
    PHASE_FLOOR_DEG,
    SWAYING_FILLS,
    burning,
    drift_of,
    hover_loops,
    is_low,
    lander_gains,
    share_of_floor,
    swaying,
    with_slosh,
)
from perilune.design.loop_margins import (
    Attitude,
    Margins,
    attitude_loop,
    drift_loop,
    margins,
    sink_loop,
)
from perilune.design.slosh_report import SloshRow, growing, more_baffles, slosh_row
from perilune.design.slosh_report import lines_of as slosh_lines
from perilune.interfaces.clock import CLOCK_S, COAST_TICK_COUNT
from perilune.mechanics.mass_properties import MassModel
from perilune.mission import Mission
from perilune.mission.lander import Lander
from perilune.mission.value_location import place, shown
from perilune.onboard.control.attitude import FREQUENCY_TIMES_TICK
from perilune.onboard.upload import VehicleBelief

BY_ITSELF = "attitude by"
"""How rows of the attitude's loop begin, without drift and liquid."""
LOOPS_AROUND = "drift", "attitude within drift"
SLOSH_CASES = "hover", "full thrust"
COAST_TICK_S = CLOCK_S * COAST_TICK_COUNT


@dataclass(frozen=True, kw_only=True)
class LoopRow:
    """One loop at one mass."""

    loop: str
    case: str
    margins: Margins

    @property
    def is_low(self) -> bool:
        """Whether it is below the floor."""
        return is_low(self.margins)


@dataclass(frozen=True, kw_only=True)
class ControlReport:
    """Gains of a lander and the margins of its loops."""

    gains: ControlGains
    damping_factor: float
    rows: tuple[LoopRow, ...]
    slosh: tuple[SloshRow, ...] = ()
    rigid: tuple[LoopRow, ...] = ()  # where liquid sways: the same loops without it


def control_report(mission: Mission, vehicle: VehicleBelief) -> ControlReport:
    """Gains and margins of a mission's lander, by what its flight software believes of it."""
    lander, model = mission.lander, swaying(mission)
    gains = lander_gains(mission, vehicle)
    full_kg, *between_kg, landing_kg = hover_masses_kg(lander, vehicle, SWAYING_FILLS)[::-1]
    damping = lander.control.damping_factor
    every: list[LoopRow] = []
    slosh: list[SloshRow] = []
    rigid: list[LoopRow] = []
    for mass_kg in (full_kg, *([] if model is None else between_kg), landing_kg):
        hovering = hover_loops(lander, model, vehicle, gains, mass_kg)
        every += _around(gains, mass_kg, hovering)
        if model is not None:
            braking = mass_kg, float(vehicle.max_thrust_n)
            slosh += _of_slosh(lander, model, gains, braking, hovering)
            without = [dataclasses.replace(loop, slosh=None) for loop in hovering]
            rigid += _around(gains, mass_kg, without)
    kept = _ends_and_worst([share_of_floor(row.margins) for row in every], len(LOOPS_AROUND))
    least = (
        _ends_and_worst([-row.needed_factor for row in slosh], len(SLOSH_CASES)) if slosh else []
    )
    sink = sink_loop(gains.sink_gain_per_s, gains.slowing_per_s, throttle_lag_s(lander), TICK_S)
    return ControlReport(
        gains=gains,
        damping_factor=damping,
        rows=(
            *_attitude(gains, damping, actuations(lander, vehicle, landing_kg)),
            *(every[at] for at in kept),
            LoopRow(loop="rate of descent", case="", margins=margins(sink)),
        ),
        slosh=tuple(slosh[at] for at in least),
        rigid=tuple(rigid),
    )


def _ends_and_worst(spare: Sequence[float], loop_count: int) -> list[int]:
    """Which rows to keep of those of so many loops at each mass in turn.

    First and last mass, and for each loop the mass at which it has least to spare.
    """
    at = np.arange(len(spare)).reshape(-1, loop_count)
    worst = [min(column, key=spare.__getitem__) for column in at.T]
    return sorted({*at[0], *at[-1], *worst})


def _attitude(gains: ControlGains, damping: float, every: list[Actuation]) -> Iterator[LoopRow]:
    """The loop by itself, which is the same at every mass: torque is in units of the inertia."""
    lags_s = {each.by: each.lag_s for each in every} | {"nozzles": 0.0}
    for by, lag_s in lags_s.items():
        loop = burning(gains, damping, lag_s)
        yield LoopRow(loop=f"{BY_ITSELF} {by}", case="", margins=margins(attitude_loop(loop)))
    frequency = min(gains.attitude_frequency_rad_s, FREQUENCY_TIMES_TICK / COAST_TICK_S)
    loop = Attitude(
        frequency_rad_s=frequency,
        damping_factor=damping,
        lag_s=0.0,
        side_frequency_rad_s=math.inf,
        tick_s=COAST_TICK_S,
    )
    case = f"ticks of {COAST_TICK_S:g} s"
    yield LoopRow(loop=f"{BY_ITSELF} nozzles", case=case, margins=margins(attitude_loop(loop)))


def _around(gains: ControlGains, mass_kg: float, loops: list[Attitude]) -> Iterator[LoopRow]:
    """Drift in vertical descent, and the attitude inside it, about the axis that is worse off."""
    drift, case = drift_of(gains), f"{mass_kg:.0f} kg"
    for name, close in zip(LOOPS_AROUND, (drift_loop, attitude_loop), strict=True):
        worst = min((margins(close(each, drift)) for each in loops), key=_phase_margin_deg)
        yield LoopRow(loop=name, case=case, margins=worst)


def _of_slosh(
    lander: Lander,
    model: MassModel,
    gains: ControlGains,
    mass_and_thrust: tuple[float, float],
    hovering: list[Attitude],
) -> Iterator[SloshRow]:
    """In a hover, and at full thrust with the attitude's loop alone."""
    mass_kg, thrust_n = mass_and_thrust
    faster = math.sqrt(thrust_n / (mass_kg * GRAVITY_M_S2))
    braking = [
        dataclasses.replace(each, side_frequency_rad_s=faster * each.side_frequency_rad_s)
        for each in hovering
    ]
    full = with_slosh(lander, model, braking, mass_kg, thrust_n)
    cases = (hovering, drift_of(gains)), (full, None)
    for name, (loops, drift) in zip(SLOSH_CASES, cases, strict=True):
        yield slosh_row(f"{mass_kg:.0f} kg, {name}", loops, drift)


def _phase_margin_deg(of: Margins) -> float:
    return of.phase_margin_deg


def below_the_floor(mission: Mission, report: ControlReport) -> tuple[str, ...]:
    """A note where loops have less than the floor: how many, the worst of them, the cure.

    At the damping ratio that the rule is for no rigid vehicle has less: that is the cure where
    loops without slosh have, else baffles.
    """
    low = sorted((row for row in report.rows if row.is_low), key=_phase_of_row_deg)
    stiff = [row for row in low if row.loop.startswith(BY_ITSELF)]
    stiff += [row for row in report.rigid if row.is_low]
    grows = () if stiff else growing(mission, report.slosh)
    if grows or not low:
        return grows
    path, worst = "lander.control.damping_factor", (stiff or low)[0]
    cure = f"Bring {place(mission, path)}, which is {shown(mission, path)}, nearer to "
    cure += f"{DAMPING_FACTOR:g}."
    if report.slosh and not stiff:
        cure = more_baffles(mission, report.slosh)
    return (
        f"{len(low)} of {len(report.rows)} control loops have less than {GAIN_FLOOR_DB:g} dB or "
        f"{PHASE_FLOOR_DEG:g} deg of margin and may swing; {worst.loop}"
        f"{worst.case and f', {worst.case},'} has {_in_words(worst.margins)}. {cure}",
    )


def _phase_of_row_deg(row: LoopRow) -> float:
    return row.margins.phase_margin_deg


def _in_words(of: Margins) -> str:
    gain_db = min(of.gain_margin_db, of.gain_reduction_db)
    return f"{gain_db:.1f} dB and {of.phase_margin_deg:.0f} deg"


def lines_of(report: ControlReport) -> tuple[str, ...]:
    """What `check` prints of it."""
    gains = report.gains
    slowed = f" ({gains.drift_factor:.0%} of a rigid lander's)" if gains.drift_factor < 1.0 else ""
    lines = [
        f"control: attitude {gains.attitude_frequency_rad_s:.3g} rad/s at a damping ratio of "
        f"{report.damping_factor:g}, limited by {gains.limited_by}; rate of descent "
        f"{gains.sink_gain_per_s:.3g} /s, slowing {gains.slowing_per_s:.3g} /s, drift "
        f"{gains.drift_gain_per_s:.3g} /s{slowed}, position {gains.position_gain_per_s:.3g} /s.",
        f"margins, at least {GAIN_FLOOR_DB:g} dB and {PHASE_FLOOR_DEG:g} deg:",
        f"  {'loop':<22}{'':<15}{'more gain':>10}{'less gain':>10}{'phase':>9}{'at':>12}",
    ]
    for row in report.rows:
        lines += [_line(row), *(["    below the floor"] if row.is_low else [])]
    return (*lines, *slosh_lines(report.slosh))


def _line(row: LoopRow) -> str:
    of = row.margins
    ends = [f"{end:.1f} dB" if end < float("inf") else "any" for end in _ends(of)]
    return (
        f"  {row.loop:<22}{row.case:<15}{ends[0]:>10}{ends[1]:>10}"
        f"{of.phase_margin_deg:>5.0f} deg{of.crossover_rad_s:>6.2f} rad/s"
    )


def _ends(of: Margins) -> tuple[float, float]:
    return of.gain_margin_db, of.gain_reduction_db
