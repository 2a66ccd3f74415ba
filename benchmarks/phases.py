"""Which phase of a flight the time goes to: a batch flown in pieces, each timed, some traced."""

import collections
import importlib
import itertools
from dataclasses import dataclass, field
from unittest import mock

from benchmarks import hlo
from benchmarks.inside import counted, seconds_by_part
from benchmarks.stopwatch import cpu_seconds, seconds_of
from benchmarks.traced import traced

COAST, POWERED, CONTACT = "orbit, deorbit burn and coast", "powered descent", "contact"
PIECE = 20  # steps flown between looks, as in the flight
TRACED_EVERY = 8  # pieces; and the first and the third of each phase, as contact has few


@dataclass
class Phase:
    """What was seen of one phase: pieces flown and their time, and what the traced ones did."""

    pieces: int = 0
    seconds: float = 0.0
    traced: int = 0
    operations: float = 0.0
    hard: float = 0.0
    runs: int = 0
    parts: collections.Counter = field(default_factory=collections.Counter)


def drawn(plan, keys):
    """Every lane's plan: (leaves with a lane axis, leaves that all share, how to join them).

    What no draw touches, the terrain first of all, is held once, as in the flight.
    """
    import jax

    from perilune.flight import draw

    tree = jax.tree.structure(jax.eval_shape(draw, plan, keys[0]))
    touched = touched_by_last(lambda plan, key: jax.tree.leaves(draw(plan, key)), plan, keys[0])

    def one(plan, key):
        leaves = jax.tree.leaves(draw(plan, key))
        return tuple(
            [leaf for leaf, own in zip(leaves, touched, strict=True) if own is mine]
            for mine in (True, False)
        )

    own, shared = jax.jit(jax.vmap(one, in_axes=(None, 0), out_axes=(0, None)))(plan, keys)

    def join(own, shared):
        own, shared = iter(own), iter(shared)
        return jax.tree.unflatten(tree, [next(own) if mine else next(shared) for mine in touched])

    return own, shared, join


def touched_by_last(function, *arguments):
    """For each result of `function`, a list of arrays, whether the last argument can change it."""
    import jax
    from jax.extend.core import Literal

    jaxpr = jax.make_jaxpr(function)(*arguments).jaxpr
    touched = set(jaxpr.invars[-len(jax.tree.leaves(arguments[-1])) :])

    def is_touched(atom):
        return not isinstance(atom, Literal) and atom in touched

    for equation in jaxpr.eqns:
        if any(is_touched(atom) for atom in equation.invars):
            touched.update(equation.outvars)
    return [is_touched(atom) for atom in jaxpr.outvars]


class ReachedError(Exception):
    """Carries a flight's state out of `fly`, from the place that a bench wants it from."""


def step_of_phase(index, plan, key, handed):
    """(step, first carry) of one loop of `fly`, whatever that loop is made of.

    `handed` is the carry with which earlier loops are taken to have ended; None for the first.
    """
    module = importlib.import_module("perilune.flight.fly")
    calls = itertools.count()

    def run(step, carry, *_):
        if next(calls) < index:
            return handed, None
        raise ReachedError(step, carry)

    with mock.patch.object(module, "run", run):
        try:
            module.fly(plan, key)
        except ReachedError as reached:
            return reached.args
    raise LookupError(f"`fly` must have a loop number {index}, but ended before it.")


def first_carries(plan, lanes):
    """Keys, drawn plans as `drawn` gives them, and first carries of runs 0 to `lanes`."""
    import jax

    from benchmarks.program import SEED
    from perilune.mechanics.randomness import run_key

    keys = jax.vmap(lambda run: run_key(SEED, run))(jax.numpy.arange(lanes))
    own, shared, join = drawn(plan, keys)

    def lane(own, shared, key):
        return step_of_phase(0, join(own, shared), key, None)[1]

    first = jax.jit(jax.vmap(lane, in_axes=(0, None, 0)))(own, shared, keys)
    return keys, (own, shared, join), first


def piece_program(index, plans, keys, carry):
    """Compiled: carries to the carries `PIECE` steps later in loop `index` of the flight, which
    `carry` has reached. Returns what was compiled, and a function of carries alone."""
    import jax

    from perilune.flight.compile_cache import COMPILER_OPTIONS

    own, shared, join = plans

    def lane(own, shared, key, handed, now):
        step, _ = step_of_phase(index, join(own, shared), key, handed)
        return jax.lax.scan(lambda each, _: (step(each)[0], None), now, None, PIECE)[0]

    mapped = jax.jit(jax.vmap(lane, in_axes=(0, None, 0, 0, 0)))
    made = mapped.lower(own, shared, keys, carry, carry).compile(compiler_options=COMPILER_OPTIONS)
    return made, lambda now: jax.block_until_ready(made(own, shared, keys, carry, now))


def phases(plan, lanes):
    """Fly runs 0 to `lanes` in pieces: rows (phases) and rows (parts), per flight.

    A phase's row: steps flown by the slowest lane, processor seconds of the whole batch,
    operations a flight, of them transcendental, and instructions run by the batch. A part's row:
    milliseconds a flight in each phase, adding up to the phase's untraced time.
    """
    keys, plans, carry = first_carries(plan, lanes)
    found = {name: Phase() for name in (COAST, POWERED, CONTACT)}
    for index, name_of in enumerate((lambda now: _free_name(plan, now), lambda _: CONTACT)):
        made, piece = piece_program(index, plans, keys, carry)
        carry = _fly(piece, hlo.read(made.as_text()), carry, (name_of, found))
    return [_row(name, each, lanes, PIECE) for name, each in found.items()], _parts(found, lanes)


def _fly(piece, program, carry, told):
    """Pieces until no lane's clock moves; the last carry."""
    name_of, found = told
    while True:
        phase = found[name_of(carry)]
        if phase.pieces % TRACED_EVERY == 0 or phase.pieces == 2:
            _look_inside(phase, program, lambda now=carry: piece(now))
        after, seconds = seconds_of(lambda now=carry: piece(now), cpu_seconds)
        phase.pieces, phase.seconds = phase.pieces + 1, phase.seconds + seconds
        if bool((after.clock == carry.clock).all()):
            return after
        carry = after


def _look_inside(phase, program, work):
    seen = traced(work)
    operations, hard, runs = counted(program, seen.counts)
    phase.traced += 1
    phase.operations += operations
    phase.hard += hard
    phase.runs += runs
    phase.parts.update(seconds_by_part(program, seen))


def _row(name, phase, lanes, piece):
    """One row of the table of phases; what was counted in traced pieces stands for all."""
    scale = phase.pieces / max(phase.traced, 1)
    return {
        "phase": name,
        "steps": phase.pieces * piece,
        "seconds": phase.seconds,
        "operations_a_flight": scale * phase.operations / lanes,
        "transcendental_a_flight": scale * phase.hard / lanes,
        "instructions": int(scale * phase.runs),
        "traced_pieces": phase.traced,
    }


def _parts(found, lanes):
    """Rows of parts, the costliest first."""
    spent = {name: _scaled(phase, lanes) for name, phase in found.items()}
    names = {part for parts in spent.values() for part in parts}
    rows = [
        {
            "part": part,
            "milliseconds_a_flight": [parts.get(part, 0.0) for parts in spent.values()],
        }
        for part in names
    ]
    return sorted(rows, key=lambda row: -sum(row["milliseconds_a_flight"]))


def _scaled(phase, lanes):
    """Part → milliseconds a flight, of one phase."""
    whole = sum(phase.parts.values())
    each = 1e3 * phase.seconds / lanes / whole if whole else 0.0
    return {part: each * seconds for part, seconds in phase.parts.items()}


def _free_name(plan, carry):
    """The phase most lanes are in."""
    braking = carry.phase >= plan.ignition_phase
    return POWERED if int(braking.sum()) * 2 > len(braking) else COAST
