"""Every step of a flight by the native compiler and by XLA, both from the same mark.

python -m tests.native.flight_frames [RUN…] compares runs of every mission and fault.
"""

import dataclasses
import importlib
import math
import sys
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune import load_mission
from perilune.campaign.run.batch import one_with_marks
from perilune.campaign.run.job import Job, Task, cores
from perilune.campaign.run.native_campaign import numbers_of
from perilune.campaign.run.native_flyer import NativeFlyer
from perilune.design import design
from perilune.flight import checkpointed_loop
from perilune.flight.carry import CheckPoint, Flight, begin
from perilune.flight.checkpointed_loop import packed, unpacked
from perilune.flight.compile_cache import COMPILER_OPTIONS, use_cache
from perilune.flight.draw import disperse
from perilune.flight.flight_phases import PHASES
from perilune.flight.fly import place_fixed_m
from perilune.flight.native_flight import NativeFlight
from perilune.mechanics.randomness import as_uniforms, run_key
from perilune.mission import list_missions
from perilune.mission.dispersions import ROW_COUNT
from perilune.mission.mission_files import catalog_names
from perilune.native.lane_program import trace
from perilune.onboard import port

ROOM_COUNT = 2_400
"""Frames that marks are kept of, for eight flights side by side."""
SEED = np.int64(0)
TOLERANCE = 1e-9
"""Relative: a covariance to its own diagonal, other numbers to the largest of the whole flight."""
POSITION_TOLERANCE_M = 25e-6
"""Decision 80."""
MOVES, KEEN = 3, 10.0
"""How often marks are moved by one unit of the last place, and how many times as far as XLA's own
results move then the two engines may lie apart: in that step, or in any of contact, where springs
are stiff and their compression is a difference of distances from the Moon's centre."""
COUNTED = {
    ".sensors['imu'].own.velocity_m_s": ".state.sensed_velocity_body_m_s",
    ".sensors['imu'].own.rotation_rad": ".state.sensed_rotation_body_rad",
    ".memory.shortfall.force_n": ".state.thrust_n",
}
"""Rests, of a count of quanta or of a thrust wanted less the one made. They are as uncertain as
what they are rests of: nothing by one engine may be a unit of the last place by the other.
"""
TIED = (CheckPoint.BRAKING_200_S, CheckPoint.BRAKING_400_S)
"""Times that end at a tick exactly, in decimal seconds, whose last digit decides whether they have
ended: the filter is then looked at one frame sooner or later, and nothing else changes."""
FLY, DRAW = (importlib.import_module(f"perilune.flight.{name}") for name in ("fly", "draw"))


class Field(NamedTuple):
    """One array of what a flight carries from step to step."""

    name: str
    shape: tuple[int, ...]
    is_float: bool
    columns: slice


class Marked(NamedTuple):
    """One run as the native engine flew it: what was drawn, and the marks of both phases."""

    run: int
    values: np.ndarray
    marks: tuple

    def rows(self):
        """The marks of all steps, those of contact after those of free flight."""
        return np.concatenate([each.row_values[: each.piece_count] for each in self.marks])


class Steps(NamedTuple):
    """All steps of a run: the marks, what XLA makes of each, and how far that moves by rounding."""

    fields: list[Field]
    marks: np.ndarray  # one more than steps
    after: np.ndarray
    own: np.ndarray

    def ours(self, name):
        """A field by the native engine, after each step."""
        (field,) = [each for each in self.fields if each.name == name]
        return self.marks[1:, field.columns]


def fields_of(plan):
    """The parts of a mark."""
    like = jax.eval_shape(begin, Flight(plan, run_key(0, 0), port))
    found, end = [], 0
    for path, leaf in jax.tree_util.tree_leaves_with_path(like):
        is_float = jnp.issubdtype(leaf.dtype, jnp.floating)
        columns = slice(end, end + leaf.size)
        found.append(Field(jax.tree_util.keystr(path), leaf.shape, is_float, columns))
        end = columns.stop
    return found


def in_double_precision(words):
    """`as_normals` in double precision."""
    inside = 2.0 * as_uniforms(words) - 1.0 + 2.0**-23
    return math.sqrt(2.0) * jax.lax.erf_inv(inside)


class Engines:
    """Both engines, for plans of one structure.

    The flight is the campaigns', but that it leaves a mark before each step and not before every
    tenth, and that its noise is made in double precision: in single precision, a unit of the last
    place, by which the engines' inverse error functions may differ, is a relative 6e-8.
    """

    def __init__(self, plan):
        """Trace both."""
        phases = [dataclasses.replace(PHASES[0], room_count=ROOM_COUNT), PHASES[1]]
        lane = jnp.asarray(0, jnp.int64), jnp.full(ROW_COUNT, jnp.nan)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(checkpointed_loop, "PIECE", 1)
            patch.setattr(FLY, "PHASES", phases)
            patch.setattr(DRAW, "as_normals", in_double_precision)
            self.native = NativeFlight(trace(_marked, (plan, jnp.asarray(SEED)), lane))
        self.by_xla = jax.jit(_following, compiler_options=COMPILER_OPTIONS)

    def fly(self, plan, run):
        """One run by the native engine, `Marked`."""
        program = self.native.compiled(len(cores()))
        job = Job(plan=numbers_of(plan, SEED), seed=0, batch_size=1, code="", program=program)
        flown = NativeFlyer(job).fly(Task(run, np.full((1, ROW_COUNT), np.nan)))
        (values, _), marks = jax.tree.map(lambda rows: rows[0], self.native.shaped(flown))
        assert marks[0].piece_count < ROOM_COUNT
        return Marked(run, values, marks)

    def follow(self, plan, flown):
        """What XLA makes of each mark in one step, but for the last, which has no next mark."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(DRAW, "as_normals", in_double_precision)
            after = self.by_xla(plan, SEED, np.int64(flown.run), flown.values, flown.marks)
        counts = [int(each.piece_count) for each in flown.marks]
        rows = [np.asarray(each)[:count] for each, count in zip(after, counts, strict=True)]
        return np.concatenate(rows)[:-1]

    def both(self, plan, run):
        """One run by both: `Steps`."""
        fields, flown = fields_of(plan), self.fly(plan, run)
        after = self.follow(plan, flown)
        moved = [
            apart(self.follow(plan, nudged(flown, fields, seed)), after) for seed in range(MOVES)
        ]
        own = np.max(moved, axis=0)
        contact = slice(int(flown.marks[0].piece_count), None)
        own[contact] = np.max(own[contact], axis=0)
        return Steps(fields, flown.rows(), after, own)


def too_far_apart(steps):
    """What lies further apart than `TOLERANCE` and `KEEN` allow: a line for each field."""
    lines = [_beyond(field, steps) for field in steps.fields]
    return [line for line in lines if line]


def nudged(flown, fields, seed):
    """The same marks with each number that is not whole moved to the next, up or down."""
    rng = np.random.default_rng(seed)
    is_float = np.concatenate([np.full(math.prod(each.shape), each.is_float) for each in fields])

    def moved(mark):
        rows = mark.row_values
        aside = np.nextafter(rows, rng.choice([-np.inf, np.inf], rows.shape))
        stays = ~is_float | ~np.isfinite(rows) | (rows == 0.0)
        return dataclasses.replace(mark, row_values=np.where(stays, rows, aside))

    return flown._replace(marks=tuple(map(moved, flown.marks)))


def apart(one, other):
    """The distance of numbers: none between equal ones or two that are none, else infinite."""
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    with np.errstate(invalid="ignore"):
        distance = np.where(same, 0.0, np.abs(one - other))
    return np.where(np.isnan(distance), np.inf, distance)


def _beyond(field, steps):
    """A line on one field where it is too far apart in any step; None where it never is."""
    ours, own = steps.marks[1:, field.columns], steps.own[:, field.columns]
    distance = apart(steps.after[:, field.columns], ours)
    if field.name.endswith("checks.consistency"):
        distance = _without_ties(distance, field)
    allowed = np.zeros_like(distance)
    if field.is_float:
        keen = KEEN * np.max(own, axis=1, keepdims=True, initial=0.0)
        allowed = np.maximum(_scale(field, steps) * TOLERANCE, keen)
    wrong = np.any(distance > allowed, axis=1)
    if not wrong.any():
        return None
    step = int(np.argmax(np.max(distance - allowed, axis=1)))
    return (
        f"{field.name}: {wrong.sum()} steps, most in {step}: "
        f"{distance[step].max():.2g}, where XLA itself moves by {own[step].max():.2g}"
    )


def _without_ties(distance, field):
    """The distances, but for those of a look at the filter that only one engine has had."""
    by_point = distance.reshape(-1, *field.shape).copy()
    tied = by_point[:, list(TIED)]
    by_point[:, list(TIED)] = np.where(np.isinf(tied), 0.0, tied)
    return by_point.reshape(distance.shape)


def _scale(field, steps):
    """What a field's differences are relative to, by step or for all steps."""
    rows = steps.ours(COUNTED.get(field.name, field.name))
    if field.name.endswith("position_inertial_m"):
        return POSITION_TOLERANCE_M / TOLERANCE
    if field.name.endswith("inertial_from_body"):
        return 1.0
    if field.name.endswith("covariance"):
        sigma = np.sqrt(np.abs(np.einsum("nii->ni", rows.reshape(-1, *field.shape))))
        return (sigma[:, :, None] * sigma[:, None, :]).reshape(rows.shape)
    return np.max(np.abs(rows), initial=0.0, where=np.isfinite(rows))


def _marked(plan, seed, run, points):
    return one_with_marks(plan, seed, run, points, jnp.asarray(0, jnp.int64))


def _following(plan, seed, run, values, marks):
    drawn = disperse(plan, values)
    flight = Flight(drawn, run_key(seed, run), port)
    like = jax.eval_shape(begin, flight)
    return [
        _after(phase, flight, like, passed) for phase, passed in zip(PHASES, marks, strict=True)
    ]


def _after(phase, flight, like, passed):
    rows = passed.row_values
    here = place_fixed_m(flight.plan, unpacked(rows[0], like))
    step = jax.jit(phase.steps(flight, here, False))

    def after(row):
        return packed(step(unpacked(row, like))[0])

    begun = jnp.arange(len(rows)) < passed.piece_count
    return jax.lax.map(
        lambda each: jax.lax.cond(each[0], after, lambda row: row, each[1]), (begun, rows)
    )


def compare_all(runs):
    """Print how every mission and fault compares in these runs; how many differ."""
    use_cache(print)
    engines, differing = None, 0
    for mission, _, _ in list_missions(None):
        for faults in ((), *((each,) for each in catalog_names("fault", None))):
            plan = design(load_mission(mission, faults=faults)).plan
            engines = engines or Engines(plan)
            for run in runs:
                steps = engines.both(plan, run)
                lines, count = too_far_apart(steps), len(steps.after)
                differing += bool(lines)
                print(
                    "+".join((mission, *faults)), f"run {run}: {count} steps compared", flush=True
                )
                print(*(f"  {line}" for line in lines), sep="\n", end="\n" * bool(lines))
    return differing


if __name__ == "__main__":
    sys.exit(compare_all([int(each) for each in sys.argv[1:]] or [0]))
