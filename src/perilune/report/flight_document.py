"""From a judged flight to the document of `result.json`."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from perilune.data.utc import utc_text
from perilune.interfaces.events import Event
from perilune.mechanics.time import Epoch
from perilune.report.result import result_document
from perilune.verdict import Verdict


def document_of(
    run: Mapping[str, Any],
    verdict: Verdict,
    summary: Any,
    epoch: Epoch,
    provenance: Mapping[str, Any],
) -> dict[str, Any]:
    """The document of `result.json`: of a `Verdict`, its `FlightSummary` and the flight's epoch.

    `run` has mission, seed, run, faults; times are seconds after `epoch` and become UTC.
    """
    return result_document(
        run=run,
        verdict={
            "outcome": verdict.outcome,
            "clean": verdict.clean,
            "aim": dataclasses.asdict(verdict.aim),
            "control": {
                "thrust_short_s": round(float(summary.thrust_short_s), 3),
                "torque_short_s": round(float(summary.torque_short_s), 3),
            },
        },
        touchdown=_touchdown(verdict.touchdown, epoch),
        criteria=[dataclasses.asdict(each) for each in verdict.criteria],
        events=events_of(summary, epoch),
        provenance=provenance,
    )


def events_of(summary: Any, epoch: Epoch) -> list[dict[str, Any]]:
    """What happened, in order of time: {name, utc, time_s}."""
    times_s = np.asarray(summary.event_time_s)
    happened = [event for event in Event if np.isfinite(times_s[event])]
    return [
        {
            "name": event.name.lower(),
            "utc": utc_text(epoch, float(times_s[event])),
            "time_s": round(float(times_s[event]), 3),
        }
        for event in sorted(happened, key=lambda event: times_s[event])
    ]


def _touchdown(touchdown: Any, epoch: Epoch) -> dict[str, Any] | None:
    if touchdown is None:
        return None
    figures = dataclasses.asdict(touchdown)
    return {"utc": utc_text(epoch, figures.pop("time_s")), **figures}
