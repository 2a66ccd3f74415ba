"""Counts of clean flights over the unbroken prefix of batches, from which the decision is taken."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple


class Counted(NamedTuple):
    """A batch that is kept."""

    clean: int
    size: int


class Reached(NamedTuple):
    """The unbroken prefix after one of its batches."""

    runs: int
    clean: int


@dataclass(kw_only=True)
class Tally:
    """What has been flown of a campaign so far, and whether its prefix has decided."""

    most: int
    judge_prefix: Callable[[int, int], str] | None = None
    """(clean, runs) → "met", "refuted" or "undecided"; None where nothing is required."""
    batches: dict[int, Counted] = field(init=False, default_factory=dict)
    """By first run."""
    prefix: list[Reached] = field(init=False, default_factory=list)
    """After each batch, up to the deciding one."""
    verdict: str = field(init=False, default="none")
    flown: int = field(init=False, default=0)
    """Runs kept, in the prefix or beyond it."""
    flown_clean: int = field(init=False, default=0)

    def add(self, first_run: int, clean: int, size: int) -> None:
        """Count a batch, and take the decision where the prefix allows it."""
        self.batches[first_run] = Counted(clean, size)
        self.flown, self.flown_clean = self.flown + size, self.flown_clean + clean
        while not self.is_decided and self.reached in self.batches:
            runs, before = self.prefix[-1] if self.prefix else (0, 0)
            more, count = self.batches[runs]
            self.prefix.append(Reached(runs + count, before + more))
            if self.judge_prefix is not None:
                self.verdict = self.judge_prefix(before + more, runs + count)

    @property
    def reached(self) -> int:
        """Runs of the unbroken prefix."""
        return self.prefix[-1][0] if self.prefix else 0

    @property
    def clean(self) -> int:
        """Clean runs of the unbroken prefix."""
        return self.prefix[-1][1] if self.prefix else 0

    @property
    def is_decided(self) -> bool:
        """Whether no further flight can matter."""
        return self.verdict in ("met", "refuted")

    @property
    def is_complete(self) -> bool:
        """Whether all that is needed has been flown."""
        return self.is_decided or self.reached >= self.most

    @property
    def beyond(self) -> list[int]:
        """First runs of batches flown past the deciding one."""
        return [first for first in self.batches if first >= self.reached] if self.is_decided else []
