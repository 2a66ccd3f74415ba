"""What a campaign writes down of each flight's draw: one input a row of the dispersions."""

from dataclasses import dataclass

from perilune.design.dispersion_table import rows_and_addresses
from perilune.design.flight_plan import FlightPlan
from perilune.mechanics.si_units import BY_SUFFIX, suffix_of
from perilune.mission.dispersion_entry import ALEATORY, EPISTEMIC
from perilune.mission.dispersions import ONBOARD, rows_of
from perilune.mission.mission import Mission
from perilune.mission.parameters import Leaf


@dataclass(frozen=True, kw_only=True)
class Input:
    """One drawn number: where it is, what its column is called, how it is drawn and why so."""

    path: str
    column: str
    unit: str
    nominal: float
    distribution: str
    source: str
    kind: str = ALEATORY

    @property
    def is_epistemic(self) -> bool:
        """Whether it has one value, which nobody knows."""
        return self.kind == EPISTEMIC


def inputs_of(mission: Mission, plan: FlightPlan | None = None) -> tuple[Input, ...]:
    """The mission's inputs, in the order of the rows that `flight.draw.sample` gives.

    `plan` is needed only where something of the upload is drawn, and made where it is not given.
    """
    true = mission.in_truth
    if not any(path.startswith(ONBOARD) for entry in mission.dispersions for path in entry.drawn):
        rows = rows_of(true)
    else:
        from perilune.design.plan import plan as planned

        rows, _ = rows_and_addresses(true, plan or planned(mission))
    return tuple(
        Input(
            path=row.path,
            column=_column(row.leaf),
            unit=row.leaf.unit,
            nominal=row.leaf.value,
            distribution=row.words,
            source=row.source,
            kind=EPISTEMIC if row.is_epistemic else ALEATORY,
        )
        for row in rows
    )


def _column(leaf: Leaf) -> str:
    """`input_lander_engine_max_thrust_n`, `input_errors_imu_gyro_bias_0_rad_s`."""
    plain = leaf.path.replace(".", "_").replace("-", "_")
    suffix = suffix_of(leaf.name)
    unit = f"_{suffix}" if suffix and BY_SUFFIX[suffix].pint else ""
    return f"input_{plain}{unit}"
