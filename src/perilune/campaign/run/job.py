"""What a process needs to fly batches of a campaign: the job, sent once, and tasks of it."""

import hashlib
import os
import pickle
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float64, PyTree

from perilune.native.object_cache import Compiled


@dataclass(frozen=True, kw_only=True)
class Job:
    """What every worker receives first: the plan as bytes, the seed, the lanes of a batch."""

    plan: bytes = field(repr=False)
    seed: int
    batch_size: int
    code: str
    libraries: tuple[tuple[str, str], ...] = ()
    """(name, version) of those that decide a row; workers of a cluster must have the same."""
    compiler: tuple[tuple[str, str], ...] = ()
    """(variable, value) of the environment that decides a row's bits; the same goes for these."""
    program: Compiled | bytes | None = field(default=None, repr=False)
    """Of the native engine, whose numbers `plan` then holds: its machine code, or its packed text
    for processors of any make; None where XLA flies."""
    compile_s: float = 0.0
    """How long the machine code took to make, or to find."""

    @property
    def digest(self) -> str:
        """Names the job by what is flown."""
        return hashlib.sha256(self.plan + repr(self).encode()).hexdigest()[:16]


class Task(NamedTuple):
    """One aligned batch; `lane` is the one whose checkpoints are kept, where one is wanted."""

    first_run: int
    points: Float64[np.ndarray, "lanes rows"]
    lane: int | None = None


Flown = tuple[Any, Any]
"""(values, summary) of one batch as NumPy, every leaf with a leading axis of lanes."""


def packed(plan: PyTree) -> bytes:
    """A plan as bytes another process can read: a pickle of NumPy leaves."""
    import jax

    return pickle.dumps(jax.tree.map(np.asarray, plan), protocol=5)


def cores() -> list[int]:
    """Numbers of the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def pin(core: int) -> None:
    """Keep this process on one core; before jax is imported, so that it sees one."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
