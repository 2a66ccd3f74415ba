"""When a fault was on, by its table, the flight's events and its heights; and the lines for it."""

import numpy as np
import pytest

from perilune.report.fault_spans import fault_spans

TIME_S = np.arange(0.0, 101.0)
HEIGHT_M = 1000.0 - 10.0 * TIME_S
EVENTS = [{"name": "IGNITION", "time_s": 20.0}, {"name": "ENGINE_CUTOFF", "time_s": 90.0}]


def span(**changes):
    table = {"after_event": "start", "after_s": 0.0, "below_height_m": None, "duration_s": None}
    row = {"fault": "one", "signal": "altimeter"} | table | changes
    ((fault, signal, begins_s, ends_s),) = fault_spans([row], EVENTS, TIME_S, HEIGHT_M)
    assert (fault, signal) == ("one", "altimeter")
    return begins_s, ends_s


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (0.0, None)),
        ({"after_s": 5.0, "duration_s": 2.0}, (5.0, 7.0)),
        ({"after_event": "ignition", "after_s": 5.0}, (25.0, None)),
        ({"after_event": "engine-cutoff", "duration_s": 20.0}, (90.0, None)),
        ({"after_event": "gate"}, (None, None)),
        ({"after_s": 101.0}, (None, None)),
        ({"below_height_m": 495.0, "duration_s": 3.0}, (51.0, 54.0)),
        ({"below_height_m": 900.0, "after_event": "ignition"}, (20.0, None)),
        ({"below_height_m": 1e-3, "after_s": 200.0}, (None, None)),
    ],
)
def test_a_fault_is_on_from_its_event_time_and_height_for_its_duration(changes, expected):
    assert span(**changes) == expected
