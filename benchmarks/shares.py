"""What the surface, each sensor and the filter cost: shares of the instructions of a native flight.

Counted, not timed, so that the figures are the same on any machine with as wide a vector: each
basic block counts how often it runs (`executed.py`), and each of its instructions is laid to the
modules that asked for it, through the functions that called it. A sensor's share holds the ground
that it looks at; how much of it that is, is told beside it.
"""

import pickle
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

import numpy as np

from benchmarks.executed import executed
from benchmarks.own_process import cores
from perilune.interfaces.sensor_kinds import KINDS
from perilune.native.program import Block, copied
from perilune.native.translation import ENTRY, Translation, prepared, with_sources

Stack = tuple[str, ...]
"""Modules of ours that asked for an instruction, the innermost first: `onboard/computer`."""

NO_WORK = re.compile(r"(%\S+ = (phi|getelementptr|insertelement|shufflevector)|br|ret)\b")
CALL = re.compile(r"call void @(\w+)\(")
SURFACE = ("surface", "craters", "roughness", "map_warp", "rocks")
GROUPS = (
    *((f"{kind}, with the ground it sees", rf"truth/sensors/{kind}$") for kind in KINDS),
    ("filter", r"onboard/navigation/"),
    ("guidance and control", r"onboard/(guidance|control|phases)/"),
    ("contact", r"flight/(contact_phase|handover)$|truth/dynamics/(contact|ground_force)$"),
    ("free flight", r"truth/(dynamics|actuators)/"),
    ("ground below the vehicle", r"truth/environment/terrain$|flight/ground_view$"),
    ("gravity", r"(gravitation|held_gravity|gravity)$"),
    ("random numbers", r"mechanics/randomness$|flight/draw$"),
)
"""A row, and which modules make an instruction its own; the first that fits has it."""
REST = "all else"
OF_SURFACE = re.compile(rf"truth/environment/({'|'.join(SURFACE)})$")


def instruction_shares(mission: str, flights: int) -> list[dict[str, Any]]:
    """Rows of the table: group, its share of all instructions, and that of the surface in it."""
    from benchmarks.program import SEED, plan_of
    from perilune.campaign.run.native_campaign import campaign_flight, numbers_of
    from perilune.mission.dispersions import ROW_COUNT

    plan = plan_of(mission)
    flight = campaign_flight(plan)
    numbers, blank = (
        pickle.loads(numbers_of(plan, SEED)),
        np.full((flight.lanes, ROW_COUNT), np.nan),
    )
    calls = (
        [*numbers, first + np.arange(flight.lanes), blank]
        for first in range(0, flights, flight.lanes)
    )
    return shares(flight.traced.block, flight.traced.varying, flight.lanes, calls)


def shares(block: Block, varying: Sequence[bool], lanes: int, calls: Any) -> list[dict[str, Any]]:
    """The rows for a traced program, called once with each of `calls`."""
    program, sources = with_sources(prepared(copied(block), varying), lanes)
    counts = executed(program, calls, len(cores()), _worth(program, sources))
    whole = counts.sum()
    names = [name for name, _ in GROUPS] + [REST]
    rows = [
        {"group": name, "share": float(sum(both) / whole), "surface_share": float(both[1] / whole)}
        for name, both in zip(names, counts.reshape(-1, 2), strict=True)
    ]
    surface = {"group": "surface, asked by all", "share": float(counts[1::2].sum() / whole)}
    return [surface | {"surface_share": surface["share"]}, *(row for row in rows if row["share"])]


def _worth(
    program: Translation, sources: Mapping[str, Sequence[tuple[int, Any]]]
) -> Callable[[str, int, str], Any]:
    """What a line is worth: one, at the place of its group and of whether the surface asked."""
    stacks = stacks_of(program, sources)
    places = {stack: _place(stack) for stack in {each for of in stacks.values() for each in of}}
    one = np.eye(2 * (len(GROUPS) + 1), dtype=np.int64)

    def worth(name: str, number: int, line: str) -> Any:
        if not line.startswith("  ") or NO_WORK.match(line.strip()):
            return 0
        return one[places[stacks[name][number]]]

    return worth


def stacks_of(
    program: Translation, sources: Mapping[str, Sequence[tuple[int, Any]]]
) -> dict[str, list[Stack]]:
    """By function, who asked for each line: its own stack, then that of its function's call.

    What JAX itself asked for is laid to who asked for the line before.
    """
    texts = dict(program.functions)
    found: dict[str, list[Stack]] = {}

    def follow(name: str, above: Stack) -> None:
        marks, own, lines = dict(sources[name]), (), texts[name].splitlines()
        found[name] = []
        for number, line in enumerate(lines):
            own = (_modules(marks[number]) if number in marks else ()) or own
            found[name].append(own + above)
            if called := CALL.search(line):
                follow(called[1], own + above)

    follow(ENTRY, ())
    return found


def _modules(source: Any) -> Stack:
    """Ours in a stack as JAX keeps it, without neighbours that are the same."""
    frames = source.traceback.frames if source.traceback else ()
    named = [PurePath(each.file_name).with_suffix("").as_posix() for each in frames]
    ours = [each.rpartition("/perilune/")[2] for each in named if "/perilune/" in each]
    return tuple(each for each, last in zip(ours, [None, *ours], strict=False) if each != last)


def _place(stack: Stack) -> int:
    """Where an instruction counts: twice its group, and one more if the surface asked for it."""
    fits = (n for n, (_, which) in enumerate(GROUPS) if any(re.search(which, m) for m in stack))
    return 2 * next(fits, len(GROUPS)) + any(OF_SURFACE.search(each) for each in stack)
