"""From when to when each fault of a flight was on, from its table, the events and the heights."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float


class FaultSpan(NamedTuple):
    """One fault of one signal; None where it did not begin, or did not end before the flight."""

    fault: str
    signal: str
    begins_s: float | None
    ends_s: float | None


def fault_spans(
    faults: Sequence[Mapping],
    events: Sequence[Mapping],
    time_s: Float[np.ndarray, " row"],
    height_m: Float[np.ndarray, " row"],
) -> list[FaultSpan]:
    """The spans of `extras["faults"]`, after the start; heights as telemetry has them.

    A fault below a height asks for that of the centre of mass at the end of a cycle, telemetry's is
    that of the footpads: a span may begin some seconds late where the lander comes down slowly.
    """
    times_s = {event["name"].casefold().replace("_", "-"): event["time_s"] for event in events}
    return [_span(each, {"start": 0.0} | times_s, time_s, height_m) for each in faults]


def _span(
    fault: Mapping,
    times_s: Mapping[str, float],
    time_s: Float[np.ndarray, " row"],
    height_m: Float[np.ndarray, " row"],
) -> FaultSpan:
    name, signal = fault["fault"], fault["signal"]
    event_s = times_s.get(fault["after_event"])
    begins_s = None if event_s is None else event_s + fault["after_s"]
    if begins_s is not None and fault["below_height_m"] is not None:
        low = (time_s >= begins_s) & (height_m < fault["below_height_m"])
        begins_s = float(time_s[np.argmax(low)]) if low.any() else None
    last_s = float(time_s[-1])
    if begins_s is None or begins_s > last_s:
        return FaultSpan(name, signal, None, None)
    lasts_s = fault["duration_s"]
    ends_s = None if lasts_s is None or begins_s + lasts_s > last_s else begins_s + lasts_s
    return FaultSpan(name, signal, begins_s, ends_s)
