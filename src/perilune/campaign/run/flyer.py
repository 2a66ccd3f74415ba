"""The compiled batch of one process, and the plan that it flies."""

import ctypes
import pickle
import time
from typing import Any

import numpy as np

from perilune.campaign.run.job import Flown, Job, Task


class Flyer:
    """Traces and compiles the batch of a job, then flies its tasks."""

    def __init__(self, job: Job) -> None:
        """Read the plan and trace; nothing is compiled yet."""
        from perilune.flight.compile_cache import use_cache

        use_cache(lambda _: None)
        self.compile_s = 0.0
        self._structure: Any = None
        self.take(job)

    @property
    def is_compiled(self) -> bool:
        """Whether the program is there; until `compile` it is traced only."""
        return self._compiled is not None

    def suits(self, job: Job) -> bool:
        """Whether this is the kind of flyer that a job needs."""
        return job.program is None

    def take(self, job: Job) -> None:
        """Fly this job from now on; a program compiled before is kept where the structure allows.

        Every number of a plan is an argument of the program, so that two plans of equal structure
        and equal shapes share one.
        """
        self._plan, self._seed = pickle.loads(job.plan), job.seed
        structure = _structure_of(self._plan, job.batch_size)
        if structure == self._structure:
            self.compile_s = 0.0
            return
        from perilune.campaign.run.batch import arguments, campaign_batch
        from perilune.mission.dispersions import ROW_COUNT

        blank = np.full((job.batch_size, ROW_COUNT), np.nan)
        self._traced: Any = campaign_batch().lower(*arguments(self._plan, self._seed, 0, blank))
        self._compiled: Any = None
        self._structure = structure

    def compile(self) -> None:
        """Compile, or fetch what another process has compiled."""
        start = time.perf_counter()
        self._compiled, self._traced = self._traced.compile(), None
        self.compile_s = time.perf_counter() - start
        _give_memory_back()

    def fly(self, task: Task) -> Flown:
        """(values, summary) of one batch, NumPy."""
        from perilune.campaign.run.batch import on_host

        return on_host(self._compiled(*self._arguments(task)))

    def fly_with_checkpoints(self, task: Task) -> tuple[Flown, Any]:
        """((values, summary), checkpoints of the task's lane) of one batch, NumPy."""
        import jax

        return jax.tree.map(np.asarray, self._compiled(*self._arguments(task)))

    def _arguments(self, task: Task) -> tuple[Any, ...]:
        from perilune.campaign.run.batch import arguments

        lane = 0 if task.lane is None else task.lane
        return arguments(self._plan, self._seed, task.first_run, task.points, lane)


def _structure_of(plan: Any, batch_size: int) -> Any:
    """What a compiled program depends on: structure, shapes and types, and the lanes."""
    import jax

    leaves, structure = jax.tree.flatten(plan)
    return batch_size, structure, [(leaf.shape, leaf.dtype) for leaf in leaves]


def _give_memory_back() -> None:
    """Hand the compiler's gigabyte back to the system, where the C library knows how (glibc)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
