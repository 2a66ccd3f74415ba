"""Where the time of a compiled program goes and what it computes, from a trace of itself."""

import collections
from pathlib import PurePath

from benchmarks import hlo
from benchmarks.traced import executions

COPIES = "copies that the compiler put in"
LAWS = "mechanics"  # called by all: what it does is its caller's
HARD_FACTOR = 20  # operations that the processor works for a sine


def counted(program, counts):
    """(operations, of them transcendental, runs of an instruction) in what a trace saw."""
    total = collections.Counter()
    for name, times in executions(program, counts).items():
        if times:
            plain, hard = hlo.computation_operations(program, name)
            total.update({"all": times * plain, "hard": times * hard})
    seen = sum(counts[name] for name in _workers(program, counts))
    return total["all"], total["hard"], seen


def seconds_by_part(program, seen):
    """Part → s, of what a trace saw; the tracing's own share is taken off each run.

    What tracing costs, with what starting an instruction costs, is taken to be the time of the
    quickest instruction seen. A fused instruction's time is shared among its parts by their
    operations.
    """
    spent = collections.Counter()
    workers = _workers(program, seen.counts)
    floor_s = min((seen.each_s[name] for name in workers), default=0.0)
    for name, (inside, instruction) in workers.items():
        took_s = seen.counts[name] * (seen.each_s[name] - floor_s)
        for part, share in _shares(program, instruction, inside).items():
            spent[part] += share * took_s
    return dict(spent)


def _workers(program, counts):
    """Instructions that were seen and hold no others that were: name → (computation, itself)."""
    found = {}
    for inside in program.computations.values():
        for name, each in inside.items():
            held = each.called if each.opcode in hlo.CONTROL else ()
            shown = any(
                inner in counts for callee in held for inner in program.computations[callee]
            )
            if name in counts and not shown:
                found[name] = (inside, each)
    return found


def _shares(program, instruction, inside):
    """Part → share of an instruction's work, adding up to one."""
    work = collections.Counter()
    for each, around in _pieces(program, instruction, inside):
        plain, hard = hlo.operations(program, each, around)
        work[part_of(program, each)] += plain + (HARD_FACTOR - 1) * hard
    whole = sum(work.values())
    if not whole:
        return {part_of(program, instruction): 1.0}
    return {part: amount / whole for part, amount in work.items() if amount}


def _pieces(program, instruction, inside):
    """The instructions that a fusion or a called computation is made of."""
    if instruction.opcode == "fusion" or instruction.opcode in hlo.CONTROL:
        for name in instruction.called:
            around = program.computations[name]
            for each in around.values():
                yield from _pieces(program, each, around)
    else:
        yield instruction, inside


def part_of(program, instruction):
    """The module of ours that asked for an instruction: the innermost that is no law."""
    ours = [_module(file) for file, _ in hlo.stack(program, instruction)]
    ours = [module for module in ours if module]
    rooms = [module for module in ours if not module.startswith(LAWS)]
    return (rooms or ours or [COPIES])[0]


def _module(file):
    """`truth/dynamics/free_flight` of a path into our package, or None."""
    above, found, module = PurePath(file).with_suffix("").as_posix().rpartition("/perilune/")
    return module if found and above.endswith("src") else None
