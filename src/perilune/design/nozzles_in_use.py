"""Which nozzles turn the lander in each phase, as the upload states it."""

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Float

from perilune.design.nozzle_allocation import NozzleTables, nozzle_tables
from perilune.design.typed_arrays import of_numbers
from perilune.interfaces.descent_phase import LANDED, Phase
from perilune.mechanics.array_types import AnyArray
from perilune.mission.command_units import nozzles_named
from perilune.mission.lander import Lander
from perilune.onboard.phase_table import NozzlesInUse, PhaseTable
from perilune.onboard.upload import VehicleBelief
from perilune.truth.actuators.nozzles import Nozzles


class Turning(NamedTuple):
    """Row by row of the phases, and of being landed."""

    authority_n_m: Float[np.ndarray, "p 3"]  # both ways about each axis
    in_use: NozzlesInUse | None  # None where every phase turns by all


def nozzles_in_use(
    lander: Lander, phases: Sequence[Phase], nozzles: Nozzles, center_body_m: Float[AnyArray, "3"]
) -> Turning:
    """What turns the lander in each phase, about the empty vehicle's centre of mass."""
    rows = [tables_of(lander, each, nozzles, center_body_m) for each in (*phases, LANDED)]
    authority_n_m = np.stack([row.authority_n_m() for row in rows])
    if not any(phase.nozzles for phase in phases):
        return Turning(authority_n_m, None)
    return Turning(
        authority_n_m,
        of_numbers(
            NozzlesInUse,
            nozzle_torque_n_m=np.stack([row.torque_n_m for row in rows]),
            multiplier_per_torque=np.stack([row.multiplier_per_torque for row in rows]),
            nozzle_per_axis=np.stack([row.per_axis for row in rows]),
        ),
    )


def tables_of(
    lander: Lander, phase: Phase, nozzles: Nozzles, center_body_m: Float[AnyArray, "3"]
) -> NozzleTables:
    """Of the nozzles that turn it in a phase; the others have no torque."""
    if not phase.nozzles:
        return nozzle_tables(nozzles, center_body_m)
    used = np.array(nozzles_named(lander, phase.nozzles), float)
    force_n = used[:, None] * np.asarray(nozzles.force_n)
    return nozzle_tables(eqx.tree_at(lambda each: each.force_n, nozzles, force_n), center_body_m)


def weakest_turned(vehicle: VehicleBelief, phases: PhaseTable) -> VehicleBelief:
    """The vehicle with the nozzles of that powered phase which turns it least about x or y."""
    table = phases.nozzles
    if table is None:
        return vehicle
    across = np.asarray(table.nozzle_per_axis)[:, [0, 1, 3, 4]]
    most = np.where(np.asarray(phases.engine_on), np.max(across, axis=(1, 2)), 0.0)
    row = jax.tree.map(lambda each: each[int(np.argmax(most))], table)
    return dataclasses.replace(
        vehicle,
        nozzle_torque_n_m=row.nozzle_torque_n_m,
        multiplier_per_torque=row.multiplier_per_torque,
        nozzle_per_axis=row.nozzle_per_axis,
    )
