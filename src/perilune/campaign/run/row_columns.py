"""A row of a flight: the names, the order and the units of its columns, null for what never was."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from jaxtyping import Float

from perilune.campaign.analysis.failure_modes import first_cause
from perilune.campaign.figure_names import FIGURES
from perilune.campaign.run.job import Flown
from perilune.campaign.statistics.innovation_consistency import PREFIX as NIS
from perilune.design.inputs import Input, inputs_of
from perilune.flight.carry import CONSISTENCY, CheckPoint
from perilune.flight.fly import FlightSummary
from perilune.flight.outcome import Outcome
from perilune.interfaces.events import Event
from perilune.mechanics.array_types import AnyArray
from perilune.verdict.judge import ORDER
from perilune.verdict.limits import (
    NEARLY,
    Limits,
    at_rest,
    clean_mask,
    crushed_and_struck,
    limits_of,
    measures,
    part_forces_n,
    touched,
)
from perilune.verdict.places import aim_of, rest_of

if TYPE_CHECKING:
    from perilune.design.prepared import Prepared
    from perilune.mission import Mission

PLACES = (
    "aim_true_latitude_deg",
    "aim_true_longitude_deg",
    "aim_map_latitude_deg",
    "aim_map_longitude_deg",
    "aim_radius_m",
    "map_error_east_m",
    "map_error_north_m",
    "rest_true_latitude_deg",
    "rest_true_longitude_deg",
    "rest_map_latitude_deg",
    "rest_map_longitude_deg",
)
INPUT_WORDS = ("path", "column", "unit", "nominal", "distribution", "kind", "source")


@dataclass(frozen=True)
class Judging:
    """What turns summaries into rows: the inputs drawn, and the limits."""

    inputs: tuple[Input, ...]
    limits: Limits

    @property
    def paths(self) -> tuple[str, ...]:
        """What is drawn, in the order of the draw's rows."""
        return tuple(each.path for each in self.inputs)


def judging_of(mission: "Mission", design: "Prepared") -> Judging:
    """What turns a mission's flights into rows."""
    return Judging(inputs_of(mission, design.plan), limits_of(mission))


def table_of(judging: Judging, first_run: int, flown: Flown, count: int) -> pa.Table:
    """The rows of the first `count` flights of a batch, one each, as a `pyarrow.Table`.

    `flown` is (values, summary) of `fly_batch`. Drawn inputs in SI, figures and margins in the
    unit their names end in; whatever did not happen is null, and so is every figure of a flight
    that turned to not-a-number.
    """
    values, summary = flown
    columns = {
        "run": np.arange(first_run, first_run + len(summary.outcome), dtype=np.int64),
        "clean": np.asarray(clean_mask(summary, judging.limits)),
        "outcome": [Outcome(int(each)).name for each in summary.outcome],
    }
    drawn = {each.column: values[:, row] for row, each in enumerate(judging.inputs)}
    broken = summary.outcome == int(Outcome.NUMERICAL_FAILURE)
    figures = (
        _figures(summary, judging)
        | _parts(summary, judging.limits)
        | _places(summary)
        | _events(summary)
    )
    figures |= _consistency(summary) | _innovations(summary) | _margins(summary, judging.limits)
    figures = {name: np.where(broken, np.nan, each) for name, each in figures.items()}
    arrays = {name: pa.array(each) for name, each in columns.items()}
    arrays |= {name: _with_nulls(each) for name, each in (drawn | figures).items()}
    table = pa.table(arrays).slice(0, count)
    return _described(_with_causes(table), judging.inputs)


def _figures(summary: FlightSummary, judging: Judging) -> dict[str, Float[AnyArray, " lane"]]:
    """By `FIGURES`: at first contact, at rest, at the end."""
    values = {name: value for name, (value, _, _) in measures(summary, judging.limits).items()}
    figures = values | {
        "contact_s": summary.event_time_s[:, Event.CONTACT],
        "tilt_at_contact_deg": np.degrees(summary.contact.tilt_rad),
        "peak_leg_load_n": np.where(
            touched(summary), np.max(_leg_loads_n(summary), axis=-1), np.nan
        ),
        "propellant_kg": summary.propellant_kg,
        "cold_gas_kg": summary.cold_gas_kg,
        "peak_thrust_fraction": summary.peak_thrust_fraction,
        "thrust_short_s": summary.thrust_short_s,
        "torque_short_s": summary.torque_short_s,
        "height_error_100_m": summary.height_error_100_m,
    }
    figures |= _rest_of(summary) | crushed_and_struck(summary)
    return {name: figures[name] for name in FIGURES}


def _parts(summary: FlightSummary, limits: Limits) -> dict[str, Float[AnyArray, " lane"]]:
    forces_n = part_forces_n(summary, limits)
    return {f"part_{name.replace('-', '_')}_n": each for name, each in forces_n.items()}


def _leg_loads_n(summary: FlightSummary) -> Float[AnyArray, "lane leg"]:
    return summary.peak_force_n[:, : summary.leg_count]


def _places(summary: FlightSummary) -> dict[str, Float[AnyArray, " lane"]]:
    """By `PLACES`: the aim point and the place of rest, truly and on the map."""
    every = aim_of(summary) | _rest_of(summary)
    return {name: every[name] for name in PLACES}


def _rest_of(summary: FlightSummary) -> dict[str, Float[AnyArray, " lane"]]:
    rested = at_rest(summary)
    return {name: np.where(rested, each, np.nan) for name, each in rest_of(summary).items()}


def _events(summary: FlightSummary) -> dict[str, Float[AnyArray, " lane"]]:
    return {f"event_{e.name.lower()}_s": summary.event_time_s[:, e] for e in Event}


def _consistency(summary: FlightSummary) -> dict[str, Float[AnyArray, " lane"]]:
    return {
        f"nees_{point.name.lower()}_{group}": summary.consistency[:, point, index]
        for point in CheckPoint
        for index, group in enumerate(CONSISTENCY)
    }


def _innovations(summary: FlightSummary) -> dict[str, Float[AnyArray, " lane"]]:
    """Mean over the flight of each unit's squared innovations over their variances."""
    squares, counts = summary.innovations[..., 0], summary.innovations[..., 1]
    means = np.where(counts > 0.0, squares / np.maximum(counts, 1.0), np.nan)
    names = [f"{NIS}{label.replace('-', '_').replace('.', '_')}" for label in summary.compared]
    return {name: means[:, index] for index, name in enumerate(names)}


def _margins(summary: FlightSummary, limits: Limits) -> dict[str, Float[AnyArray, " lane"]]:
    """How far inside each limit, negative where it is not met.

    `at_rest` must be 1. A leg that used all of its stroke, to rounding, is outside, as `judge`
    has it.
    """
    rows = measures(summary, limits)
    inside = {name: limit - value for name, (value, limit, _) in rows.items()}
    inside["at_rest"] = -inside["at_rest"]
    stroke_m, most_m, _ = rows["leg_stroke_m"]
    inside["leg_stroke_m"] = NEARLY * most_m - stroke_m
    return {f"margin_{name}": inside[name] for name in ORDER}


def _with_nulls(values: Float[AnyArray, " lane"]) -> pa.Array:
    values = np.asarray(values, dtype=np.float64)
    return pa.array(values, mask=~np.isfinite(values))


def _with_causes(table: pa.Table) -> pa.Table:
    return table.add_column(3, "first_cause", pa.array(first_cause(table), pa.string()))


def _described(table: pa.Table, inputs: Sequence[Input]) -> pa.Table:
    """Each drawn input's column with what it is: path, unit, source, distribution, nominal."""
    about = {each.column: each for each in inputs}
    fields = [
        field.with_metadata(_words(about[field.name])) if field.name in about else field
        for field in table.schema
    ]
    return table.cast(pa.schema(fields))


def _words(one: Input) -> dict[str, str]:
    return {name: str(getattr(one, name)) for name in INPUT_WORDS if name != "column"}
