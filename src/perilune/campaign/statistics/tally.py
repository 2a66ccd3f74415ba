"""Counts clean flights over the unbroken prefix of batches, where alone a decision is taken."""

from dataclasses import dataclass, field


@dataclass
class Tally:
    """What has been flown of a campaign so far, and whether its prefix has decided."""

    most: int
    judge_prefix: object = None
    """(clean, runs) → "met", "refuted" or "undecided"; None where nothing is required."""
    batches: dict = field(default_factory=dict)
    """First run → (clean, size) of every batch that is kept."""
    prefix: list = field(default_factory=list)
    """(runs, clean) after each batch of the unbroken prefix, up to the deciding one."""
    verdict: str = "none"
    flown: int = 0
    """Runs kept, in the prefix or beyond it."""
    flown_clean: int = 0

    def add(self, first_run, clean, size):
        """Count a batch, and take the decision where the prefix allows it."""
        self.batches[first_run] = (clean, size)
        self.flown, self.flown_clean = self.flown + size, self.flown_clean + clean
        while not self.is_decided and self.reached in self.batches:
            runs, before = self.prefix[-1] if self.prefix else (0, 0)
            more, count = self.batches[runs]
            self.prefix.append((runs + count, before + more))
            if self.judge_prefix is not None:
                self.verdict = self.judge_prefix(before + more, runs + count)

    @property
    def reached(self):
        """Runs of the unbroken prefix."""
        return self.prefix[-1][0] if self.prefix else 0

    @property
    def clean(self):
        """Clean runs of the unbroken prefix."""
        return self.prefix[-1][1] if self.prefix else 0

    @property
    def is_decided(self):
        """Whether no further flight can matter."""
        return self.verdict in ("met", "refuted")

    @property
    def is_complete(self):
        """Whether all that is needed has been flown."""
        return self.is_decided or self.reached >= self.most

    @property
    def beyond(self):
        """First runs of batches flown past the deciding one."""
        return [first for first in self.batches if first >= self.reached] if self.is_decided else []
