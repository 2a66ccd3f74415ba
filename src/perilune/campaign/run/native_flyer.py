"""Machine code of a campaign's flight in one process, and the numbers that it flies."""

import pickle
import threading
import zlib
from typing import Any

import numpy as np
from jaxtyping import Shaped

from perilune.campaign.run.job import Job, Task
from perilune.native.arena_layout import Arena
from perilune.native.machine_program import LaneProgram
from perilune.native.object_cache import Compiled


class NativeFlyer:
    """Flies tasks in groups of as many lanes as its machine code has; needs no JAX."""

    is_compiled = True

    def __init__(self, job: Job) -> None:
        """Load the machine code and the plan's numbers."""
        self.compile_s = 0.0
        self._program: LaneProgram | None = None
        self._objects: Any = None
        self.take(job)

    def suits(self, job: Job) -> bool:
        """Whether this is the kind of flyer that a job needs."""
        return job.program is not None

    def take(self, job: Job) -> None:
        """Fly this job from now on; machine code that is loaded already stays."""
        self.compile_s = job.compile_s
        program = job.program if isinstance(job.program, Compiled) else _made_here(job.program)
        if self._program is None or list(program.objects) != self._objects:
            self._program, self._objects = LaneProgram(program), list(program.objects)
        self._numbers = pickle.loads(job.plan)
        self._arenas = threading.local()

    def compile(self) -> None:
        """Nothing is left to be compiled."""

    def fly(self, task: Task) -> list[Shaped[np.ndarray, "flight ..."]]:
        """The results of a task's flights, leaf by leaf, each with a leading axis of flights.

        The last group of lanes is filled up with flights that nobody asked for.
        """
        assert self._program is not None
        lanes, count, arena = self._program.layout.lanes, len(task.points), self._arena()
        shared = len(self._numbers)
        groups = []
        for first in range(0, count, lanes):
            rows = np.minimum(np.arange(first, first + lanes), count - 1)
            arena.put(shared, rows + task.first_run)
            arena.put(shared + 1, task.points[rows])
            self._program.run(arena)
            groups.append([each[: count - first] for each in arena.results()])
        return [np.concatenate(each) for each in zip(*groups, strict=True)]

    def _arena(self) -> Arena:
        """The memory of this thread, with the plan's numbers in it."""
        if not hasattr(self._arenas, "own"):
            assert self._program is not None
            self._arenas.own = Arena(self._program.layout)
            for number, leaf in enumerate(self._numbers):
                self._arenas.own.put(number, leaf)
        return self._arenas.own


def _made_here(text: bytes | None) -> Compiled:
    """Machine code for this processor, made here: another sent the packed text."""
    assert text is not None, "a job for the native engine has its program"
    from perilune.flight.compile_cache import machine_code_folder
    from perilune.native.lane_program import compiled_text

    return compiled_text(pickle.loads(zlib.decompress(text)), machine_code_folder())
