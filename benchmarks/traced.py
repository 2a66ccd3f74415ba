"""What a compiled program did, instruction by instruction: how often and how long, from a trace."""

import collections
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Traced:
    """Instruction name → how often it ran, and its usual time, s: the median, as a neighbour on
    the machine makes some runs long."""

    counts: dict
    each_s: dict


def traced(work):
    """Run `work()`, which must wait for its results, and return what was seen of it."""
    import jax
    from jax.profiler import ProfileData

    options = jax.profiler.ProfileOptions()
    options.python_tracer_level = 0
    with tempfile.TemporaryDirectory(prefix="perilune-trace-") as folder:
        with jax.profiler.trace(folder, profiler_options=options):
            work()
        file = next(Path(folder).rglob("*.xplane.pb"))
        planes = ProfileData.from_file(str(file)).planes
        return _summed(event for plane in planes for line in plane.lines for event in line.events)


def _summed(events):
    seen = collections.defaultdict(list)
    for event in events:
        seen[event.name].append(event.duration_ns)
    each_s = {name: 1e-9 * statistics.median(times) for name, times in seen.items()}
    return Traced({name: len(times) for name, times in seen.items()}, each_s)


def executions(program, counts, calls=1):
    """Computation name → how often it ran while the program was called `calls` times.

    From the trace, where a computation's instructions show there; a trace may lose a few, so the
    instruction seen most often counts. Small loops run as one instruction and show nothing of
    their inside: these come from the number of turns that XLA states. Raises ValueError where
    neither tells.
    """
    times = dict.fromkeys(program.computations, 0)
    times[program.entry] = calls
    for name in reversed(program.computations):  # callers first
        for each in program.computations[name].values():
            for callee, turns in _called(each):
                shown = _shown(program.computations[callee], counts)
                if not shown and times[name] and turns is None:
                    raise ValueError(f"How often `{each.name}` in `{name}` turns is told nowhere.")
                times[callee] = shown or times[callee] + times[name] * (turns or 0)
    return times


def _called(instruction):
    """(computation, turns a run) of a loop, a branch or a call; None where the trace must tell.

    A branch that shows nothing was not taken: its work is never empty.
    """
    turns = {"while": instruction.trip_count, "call": 1, "conditional": 0}
    if instruction.opcode not in turns:
        return []
    return [(name, turns[instruction.opcode]) for name in instruction.called]


def _shown(computation, counts):
    return max((counts.get(name, 0) for name in computation), default=0)
