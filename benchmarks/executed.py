"""Floating-point operations that the native engine's program executes: each basic block of its
text has a counter put into it, and what the counters say is multiplied by what the block holds.

Counted are additions, subtractions, multiplications, divisions and square roots of any float width,
one each, and fused multiply-adds, two each, in every lane that an instruction works on, whether its
result is kept or not. The native compiler has written all else in these: a sine, a minimum or a
remainder is no instruction of its own there. Comparing, choosing, turning a sign, rounding to whole
numbers, converting, whole numbers, loads and stores count nothing.
"""

import functools
import pickle
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from benchmarks.own_process import cores
from perilune.native.arena_layout import Arena, Layout, Place
from perilune.native.machine_program import LaneProgram
from perilune.native.object_cache import Compiled
from perilune.native.processor import all_machine_code, this_processor
from perilune.native.storage import ALIGNMENT
from perilune.native.translation import Translation

INSTRUCTION = re.compile(
    r" = (?:(?P<code>fadd|fsub|fmul|fdiv|frem)|call) (?:<(?P<lanes>\d+) x )?(?:double|float)>? "
    r"(?:@llvm\.(?P<name>\w+)\.)?"
)
OPERATIONS = {"fadd": 1, "fsub": 1, "fmul": 1, "fdiv": 1, "frem": 1, "sqrt": 1, "fma": 2}
TERMINATORS = ("  br ", "  ret ")
COUNTER_BYTES = 8
Worth = Callable[[str, int, str], Any]
"""What a line of a function counts: a number, or an array of them."""


def operations(line: str) -> int:
    """Floating-point operations of one instruction of LLVM's language, all lanes together."""
    found = INSTRUCTION.search(line)
    if found is None:
        return 0
    return OPERATIONS.get(found["code"] or found["name"], 0) * int(found["lanes"] or 1)


def operations_there(_name: str, _number: int, line: str) -> int:
    """The same of a line of a function, by its name and number."""
    return operations(line)


def with_counters(
    program: Translation, worth: Worth = operations_there
) -> tuple[Translation, list[Any]]:
    """The program with a counter in each basic block, and what its lines are worth together.

    The counters are in the arena, after all else, and the last of the program's results.
    """
    begin = -(-program.layout.arena_bytes // ALIGNMENT) * ALIGNMENT
    each: list[Any] = []
    functions = [
        (name, _counting(text, begin, each, functools.partial(worth, name)))
        for name, text in program.functions
    ]
    return replace(program, functions=functions, layout=_longer(program.layout, begin, each)), each


def _longer(layout: Layout, begin: int, each: Sequence[Any]) -> Layout:
    counters = Place(begin, (len(each),), np.dtype(np.int64).str, False)
    size = begin + COUNTER_BYTES * len(each)
    return replace(layout, arena_bytes=size, results=(*layout.results, counters))


def _counting(text: str, begin: int, each: list[Any], worth: Callable[[int, str], Any]) -> str:
    """The text of a function, each of its blocks counted before it ends; `each` grows by them."""
    lines, inside = [], 0
    for number, line in enumerate(text.splitlines()):
        inside = inside + worth(number, line)
        if line.startswith(TERMINATORS):
            lines += _one_more(len(each), begin)
            each.append(inside)
            inside = 0
        lines.append(line)
    return "\n".join(lines)


def _one_more(number: int, begin: int) -> list[str]:
    name, byte = f"%count{number}", begin + COUNTER_BYTES * number
    return [
        f"  {name} = getelementptr i8, ptr %arena, i64 {byte}",
        f"  {name}before = load i64, ptr {name}",
        f"  {name}after = add i64 {name}before, 1",
        f"  store i64 {name}after, ptr {name}",
    ]


def executed(
    program: Translation,
    calls: Iterable[Sequence[Any]],
    parts: int = 1,
    worth: Worth = operations_there,
) -> Any:
    """Operations of a program called once with each of `calls`, the values of all its inputs.

    What varies has a leading axis of lanes. The program is compiled here in `parts` processes.
    """
    counting, each = with_counters(program, worth)
    objects = all_machine_code(counting.parts(parts), this_processor())
    machine, arena = LaneProgram(Compiled(counting.layout, objects)), Arena(counting.layout)
    for values in calls:
        for number, value in enumerate(values):
            arena.put(number, value)
        machine.run(arena)
    times = arena.results()[-1]  # never reset: of all calls together
    return sum(int(count) * inside for count, inside in zip(times, each, strict=True))


def operations_a_flight(mission: str, flights: int) -> float:
    """Operations of a flight as the native engine flies it, mean of runs 0 to `flights`.

    Lanes whose flight has ended, or that a branch is not for, work along and are counted.
    """
    from benchmarks.program import SEED, plan_of
    from perilune.campaign.run.native_campaign import campaign_flight, numbers_of
    from perilune.mission.dispersions import ROW_COUNT
    from perilune.native.lane_program import translated

    plan = plan_of(mission)
    flight = campaign_flight(plan)
    lanes, program = flight.lanes, translated(flight.traced, flight.lanes)
    numbers, blank = pickle.loads(numbers_of(plan, SEED)), np.full((lanes, ROW_COUNT), np.nan)
    calls = ([*numbers, first + np.arange(lanes), blank] for first in range(0, flights, lanes))
    whole = -(-flights // lanes) * lanes
    return executed(program, calls, len(cores())) / whole
