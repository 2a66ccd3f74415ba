"""A flight plan with another truth: what is believed, and all that is designed of it, stays."""

import dataclasses

import jax

from perilune.design.build_truth import build_truth, put_truth
from perilune.design.dispersion_table import build_dispersions
from perilune.design.flight_plan import FlightPlan
from perilune.design.loads import loaded
from perilune.design.numbers import numbers_of, to_arrays
from perilune.design.plan_hash import plan_sha256
from perilune.design.prepared import Prepared
from perilune.design.provenance import files_behind, hashes_of
from perilune.design.typed_arrays import as_arrays
from perilune.mission import Mission
from perilune.mission.sides import TRUTH

_truth = jax.jit(build_truth)


def with_truth(prepared: Prepared, mission: Mission) -> Prepared:
    """What `prepare` gives of a mission that differs from the prepared one in truth alone.

    Nothing is designed again. Raises InputError where truth cannot be loaded so.
    """
    plan = plan_with_truth(prepared.plan, mission)
    return dataclasses.replace(
        prepared,
        mission=mission,
        plan=plan,
        plan_sha256=plan_sha256(plan),
        files=hashes_of(files_behind(mission)),
        plan_file=None,
    )


def plan_with_truth(plan: FlightPlan, mission: Mission) -> FlightPlan:
    """The plan with the truth of a mission."""
    true = loaded(mission, TRUTH)
    numbers = to_arrays(numbers_of(true.mission))
    kept_fraction = as_arrays({"kept": true.kept_fraction})["kept"]
    nominal_start = dataclasses.replace(plan.nominal_start, kept_fraction=kept_fraction)
    placed = dataclasses.replace(plan, numbers=numbers, nominal_start=nominal_start)
    placed = as_arrays(put_truth(placed, _truth(numbers, nominal_start)))
    return dataclasses.replace(placed, dispersions=build_dispersions(true.mission, placed))
