"""How fast a campaign goes, and how far it has come: for display, and for `timing`."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from perilune.campaign.statistics.tally import Tally


class Watch(Protocol):
    """What receives a campaign's progress: each stage in words, and the counts so far."""

    def say(self, words: str) -> None:
        """Receive a stage or a note, in words."""

    def progress(self, standing: "Standing") -> None:
        """Receive the counts so far, after each batch."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How far a campaign has come."""

    flown: int
    most: int
    clean: int
    lo: float
    hi: float
    rate_per_s: float | None
    left_s: float | None


@dataclass(kw_only=True)
class Stopwatch:
    """Instants of one session; the rate is counted from when the first program was compiled."""

    started_s: float = field(default_factory=time.monotonic)
    ready_s: float | None = None
    ended_s: float | None = None
    before_count: int = 0
    from_count: int = 0
    flown_count: int = 0
    facts: dict = field(default_factory=dict)

    def begin(self, flown: int) -> None:
        """Note how many were flown before this session."""
        self.before_count = self.from_count = self.flown_count = flown

    def note(self, name: str, value: Any) -> None:
        """Keep a fact; "compile_s" also means that from now on all time is flying time."""
        self.facts[name] = value
        if name == "compile_s":
            self.ready_s, self.from_count = time.monotonic(), self.flown_count
            self.facts["ready_s"] = round(self.ready_s - self.started_s, 3)

    def end(self, flown: int) -> None:
        """Note when the last flight was done."""
        self.ended_s, self.flown_count = time.monotonic(), flown

    @property
    def rate_per_s(self) -> float | None:
        """Flights a second since the program was there, or None."""
        span_s = (self.ended_s or time.monotonic()) - self.ready_s if self.ready_s else 0.0
        counted = self.flown_count - self.from_count
        return counted / span_s if span_s > 0.0 and counted > 0 else None

    def standing(self, tally: Tally, interval: Sequence[float]) -> Standing:
        """The `Standing` of a campaign under way, with the (lo, hi) that its tally leads to."""
        self.flown_count = flown = tally.flown
        clean = tally.flown_clean
        rate_per_s = self.rate_per_s
        left_s = (tally.most - flown) / rate_per_s if rate_per_s else None
        lo, hi = map(float, interval)
        return Standing(
            flown=flown,
            most=tally.most,
            clean=clean,
            lo=lo,
            hi=hi,
            rate_per_s=rate_per_s,
            left_s=left_s,
        )

    def timing(self) -> dict[str, Any]:
        """What `campaign.json` says of this session."""
        rate = self.rate_per_s
        return {
            "wall_s": round((self.ended_s or time.monotonic()) - self.started_s, 3),
            "flown": self.flown_count - self.before_count,
            "resumed_from": self.before_count,
            "flights_per_s": None if rate is None else round(rate, 3),
            "compile_s": None,
            "ready_s": None,
            "workers": None,
            "lost_workers": 0,
            **self.facts,
        }


@dataclass(frozen=True)
class Session:
    """One session of a campaign: who watches it, and its time."""

    watch: Watch
    stopwatch: Stopwatch
