"""Machine code of a campaign's flight in one process, and the numbers that it flies."""

import pickle
from typing import Any

import numpy as np

from perilune.campaign.run.job import Job, Task
from perilune.native.arena_layout import Arena
from perilune.native.machine_program import LaneProgram


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
        assert job.program is not None, "a job for the native engine has its machine code"
        self.compile_s = job.compile_s
        if self._program is None or list(job.program.objects) != self._objects:
            self._program, self._objects = LaneProgram(job.program), list(job.program.objects)
            self._arena = Arena(self._program.layout)
        numbers = pickle.loads(job.plan)
        for number, leaf in enumerate(numbers):
            self._arena.put(number, leaf)
        self._shared = len(numbers)

    def compile(self) -> None:
        """Nothing is left to be compiled."""

    def fly(self, task: Task) -> list[np.ndarray]:
        """The results of a task's flights, leaf by leaf, each with a leading axis of flights.

        The last group of lanes is filled up with flights that nobody asked for.
        """
        assert self._program is not None
        lanes, count = self._program.layout.lanes, len(task.points)
        groups = []
        for first in range(0, count, lanes):
            rows = np.minimum(np.arange(first, first + lanes), count - 1)
            self._arena.put(self._shared, rows + task.first_run)
            self._arena.put(self._shared + 1, task.points[rows])
            self._program.run(self._arena)
            groups.append([each[: count - first] for each in self._arena.results()])
        return [np.concatenate(each) for each in zip(*groups, strict=True)]

    def fly_with_checkpoints(self, task: Task) -> list[np.ndarray]:
        """The same: whether marks are among the results is up to the machine code."""
        return self.fly(task)
