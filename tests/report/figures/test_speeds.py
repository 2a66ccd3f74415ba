"""The corridor of full thrust, against closed forms."""

import numpy as np
import pytest

from perilune.report.figures.speeds import (
    MOON_GM_M3_S2,
    MOON_RADIUS_M,
    descent_rate,
    stopping_rate_m_s,
)
from perilune.report.record import record_of
from tests.report.figures.records import record


def test_falling_at_the_corridors_edge_full_thrust_reaches_the_limit_at_the_ground():
    """Stepped down with full thrust from the edge of the corridor, against its closed form."""
    height_m, mass_kg, thrust_n, limit_m_s = 150.0, 900.0, 4000.0, 2.0
    one = {"time_s": 0.0, "phase": 1, "altitude_m": 5000.0, "height_m": height_m}
    one |= {"mass_kg": mass_kg, "horizontal_speed_m_s": 0.0}
    extras = {"limits": {"full_thrust_n": thrust_n, "vertical_speed_m_s": limit_m_s}}
    columns = {name: np.array([value]) for name, value in one.items()}
    rate_m_s = stopping_rate_m_s(record(columns, extras))[0]
    step_s, gravity_m_s2 = 1e-3, MOON_GM_M3_S2 / (MOON_RADIUS_M + 5000.0) ** 2
    while height_m > 0.0:
        slower_m_s = rate_m_s + (gravity_m_s2 - thrust_n / mass_kg) * step_s
        height_m -= 0.5 * (rate_m_s + slower_m_s) * step_s
        rate_m_s = slower_m_s
    assert rate_m_s == pytest.approx(limit_m_s, abs=0.01)


def test_orbital_speed_needs_no_thrust_to_stay_up():
    """In a circular orbit v²/r takes all of gravity, so any thrust at all brakes with all of it."""
    radius_m = MOON_RADIUS_M + 15e3
    one = {"time_s": 0.0, "phase": 1, "altitude_m": 15e3, "height_m": 10e3, "mass_kg": 1000.0}
    one["horizontal_speed_m_s"] = np.sqrt(MOON_GM_M3_S2 / radius_m)
    columns = {name: np.array([value]) for name, value in one.items()}
    rate_m_s = stopping_rate_m_s(record(columns, {"limits": {"full_thrust_n": 4000.0}}))[0]
    assert rate_m_s == pytest.approx(np.sqrt(2 * 4.0 * 10e3), rel=1e-12)


def test_the_corridor_is_drawn_only_where_the_thrust_is_known(result, telemetry, extras):
    def names(more):
        return [
            each["name"] for each in descent_rate(record_of(result, telemetry, more)).body["data"]
        ]

    assert "full thrust suffices" in names(extras)
    assert names({}) == ["descent rate"]
