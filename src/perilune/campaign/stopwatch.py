"""How fast a campaign goes, and how far it has come: for the eye, and for `timing`."""

import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Standing:
    """How far a campaign has come."""

    flown: int
    most: int
    clean: int
    lo: float
    hi: float
    rate_per_s: float | None
    left_s: float | None


@dataclass
class Stopwatch:
    """Instants of one session; the rate is counted from when the first program was compiled."""

    started: float = field(default_factory=time.monotonic)
    ready: float | None = None
    ended: float | None = None
    before: int = 0
    counted_from: int = 0
    flown: int = 0
    facts: dict = field(default_factory=dict)

    def begin(self, flown):
        """Note how many were flown before this session."""
        self.before = self.counted_from = self.flown = flown

    def note(self, name, value):
        """Keep a fact; "compile_s" also means that from now on all time is flying time."""
        self.facts[name] = value
        if name == "compile_s":
            self.ready, self.counted_from = time.monotonic(), self.flown
            self.facts["ready_s"] = round(self.ready - self.started, 3)

    def end(self, flown):
        """Note when the last flight was done."""
        self.ended, self.flown = time.monotonic(), flown

    @property
    def rate_per_s(self):
        """Flights a second since the program was there, or None."""
        span_s = (self.ended or time.monotonic()) - self.ready if self.ready else 0.0
        counted = self.flown - self.counted_from
        return counted / span_s if span_s > 0.0 and counted > 0 else None

    def standing(self, tally, confidence):
        """The `Standing` of a campaign under way, by the interval for a fixed number of runs."""
        from perilune.campaign.interval import clopper_pearson

        self.flown = flown = tally.flown
        clean = tally.flown_clean
        rate_per_s = self.rate_per_s
        left_s = (tally.most - flown) / rate_per_s if rate_per_s else None
        lo, hi = map(float, clopper_pearson(clean, flown, confidence))
        return Standing(flown, tally.most, clean, lo, hi, rate_per_s, left_s)

    def timing(self):
        """What `campaign.json` says of this session."""
        rate = self.rate_per_s
        return {
            "wall_s": round((self.ended or time.monotonic()) - self.started, 3),
            "flown": self.flown - self.before,
            "resumed_from": self.before,
            "flights_per_s": None if rate is None else round(rate, 3),
            "compile_s": None,
            "ready_s": None,
            "workers": None,
            "lost_workers": 0,
            **self.facts,
        }
