"""Where descent and contact begin in a record."""

import numpy as np

from perilune.report.record import record_of
from tests.report.figures.records import record


def test_descent_begins_at_its_ignition_and_not_at_the_deorbit_burns(result, telemetry, extras):
    flight = record_of(result, telemetry, extras)
    assert (flight.pdi_s, flight.contact_s) == (3600.0, 4320.0)


def test_without_events_descent_and_contact_are_read_off_the_phase():
    columns = {"time_s": np.arange(4.0), "phase": np.array([0, 1, 1, 2])}
    assert (record(columns).pdi_s, record(columns).contact_s) == (1.0, 3.0)
    assert record({"time_s": np.arange(2.0), "phase": np.zeros(2)}).contact_s is None
