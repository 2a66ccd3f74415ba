"""Figures of each engine and of what all actuators together could not make."""

import numpy as np
from jaxtyping import Float

from perilune.report.figures.axes import time_axis
from perilune.report.figures.contact_plots import LEG_COLOURS, LEG_DASHES
from perilune.report.figures.figure import Figure, Row, Words, line, stack
from perilune.report.record import Record, has, limit, since_pdi_s

_COLOURS = ("--blue", "--orange")
_DASHES = ("solid", "dash")


def engine_figures(record: Record) -> list[Figure]:
    """Thrust of each of several, gimbal angles where any has a gimbal, and what fell short."""
    several = record.extras.get("engines") or {}
    figures = [thrusts(record, several)] if several else []
    if limit(record, "gimbal_deg") != 0.0:
        figures.append(gimbals(record, several) if several else gimbal(record))
    return [*figures, shortfalls(record)]


def thrusts(record: Record, engines: dict[int, str]) -> Figure:
    """Thrust of each engine."""
    time_s = since_pdi_s(record)
    traces = _of_each(record, engines, "thrust_{}_n", time_s)
    return stack(
        Words(
            "engine-thrust",
            "Thrust of each engine",
            "True thrust. Differences between the engines are the attitude loop's, where it turns "
            "the lander by its throttles, and engines that differ.",
        ),
        time_axis(record),
        [Row("thrust, N", traces)],
    )


def gimbals(record: Record, engines: dict[int, str]) -> Figure:
    """The turn of each of several engines about both axes of its mount, between the stops."""
    time_s = since_pdi_s(record)
    rows = [
        Row(
            f"about {axis}, °",
            _of_each(record, engines, f"gimbal_{{}}_{axis}_deg", time_s),
            lines=_stops(record),
        )
        for axis in "xy"
    ]
    return stack(
        Words(
            "gimbal",
            "Gimbals",
            "True gimbal angle of each engine about the axes of its mount while it burns. The "
            "stops are those of the widest gimbal.",
        ),
        time_axis(record),
        rows,
    )


def gimbal(record: Record) -> Figure:
    """The engine's turn about both axes, between its stops."""
    time_s = since_pdi_s(record)
    lit = record["thrust_n"] > 0.0
    turns = tuple(
        line(time_s, np.where(lit, record[name], np.nan), f"about {axis}", colour, dash)
        for axis, colour, dash in zip("xy", _COLOURS, _DASHES, strict=False)
        if has(record, name := f"gimbal_{axis}_deg")
    )
    return stack(
        Words(
            "gimbal",
            "Gimbal",
            "True gimbal angle about the body axes while the engine burns. At a stop no control "
            "torque is left; a constant angle means that the centre of mass is off the thrust "
            "axis.",
        ),
        time_axis(record),
        [Row("turn, °", turns, lines=_stops(record))],
    )


_TORQUES = ("torque_short_x_n_m", "torque_short_y_n_m", "torque_short_z_n_m")


def shortfalls(record: Record) -> Figure:
    """What guidance and the attitude loop wanted less what the command makes."""
    time_s = since_pdi_s(record)
    braking = record["phase"] == 1
    thrust, *torques = (
        line(time_s[braking], record[name][braking], words, *look)
        for name, words, *look in (
            ("thrust_short_n", "thrust", "--blue", "solid"),
            ("torque_short_x_n_m", "about x", "--blue", "solid"),
            ("torque_short_y_n_m", "about y", "--orange", "dash"),
            ("torque_short_z_n_m", "about z", "--green", "dot"),
        )
    )
    return stack(
        Words(
            "shortfall",
            "Thrust and torque not available",
            "What guidance (thrust) and the attitude loop (torque) wanted, less what the command "
            "makes by the flight software's model of the lander. Zero: the actuators make all of "
            "it. Negative thrust: the engines are at their floor.",
        ),
        time_axis(record),
        [
            Row("thrust, N", (thrust,), span=_no_less_than_one(record, "thrust_short_n")),
            Row("torque, N m", tuple(torques), span=_no_less_than_one(record, *_TORQUES)),
        ],
    )


def _no_less_than_one(record: Record, *columns: str) -> tuple[float, float] | None:
    """From -1 to 1 where all is smaller in braking and after, such as rounding; else as it is."""
    braking = record["phase"] == 1
    small = all(np.all(np.abs(record[name][braking]) < 1.0) for name in columns)
    return (-1.0, 1.0) if small else None


def _of_each(
    record: Record, engines: dict[int, str], column: str, time_s: Float[np.ndarray, " n"]
) -> tuple[dict, ...]:
    """A line for each engine, while it burns."""

    def drawn(number: int, name: str, colour: str, dash: str) -> dict:
        burning = record[f"thrust_{number}_n"] > 0.0
        shown = np.where(burning, record[column.format(number)], np.nan)
        return line(time_s, shown, f"engine {name}", colour, dash)

    looks = zip(engines.items(), LEG_COLOURS, LEG_DASHES, strict=False)
    return tuple(drawn(*engine, *look) for engine, *look in looks)


def _stops(record: Record) -> tuple[tuple[float, str], ...]:
    most = limit(record, "gimbal_deg")
    return () if most is None else ((most, f"stop ±{most:g}°"), (-most, ""))
