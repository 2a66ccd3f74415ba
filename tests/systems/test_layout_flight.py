"""A lander of another layout, from lunar orbit to rest through the command line.

Four throttled engines without a gimbal, two altimeters, two inertial units and five legs, as files
in a folder; nothing is drawn.
"""

import json
import re

import numpy as np
import pyarrow.parquet as pq
import pytest

from perilune.app import cli, options
from perilune.campaign.statistics.columns import numbers_if_any
from tests.compiling import with_little_effort
from validation import landers

STANDARD_GRAVITY_M_S2 = 9.80665


@pytest.fixture(scope="module")
def flown(data_folder, tmp_path_factory):
    """(result, telemetry, page)."""
    assert data_folder
    folder = tmp_path_factory.mktemp("layout")
    mission = landers.write_mission(
        folder,
        engine=landers.four_throttled(),
        altimeter=landers.two_of("altimeter", mount=["-0.6 m", "0 m", "1.0 m"]),
        imu=landers.two_of("imu"),
        legs=landers.five_legs(),
    )
    out = folder / "flown"
    with with_little_effort():
        assert cli.run(["fly", str(mission), "--nominal", "--out", str(out)]) == options.DONE
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    telemetry = pq.read_table(out / "telemetry.parquet")
    return result, telemetry, (out / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def columns(flown):
    return {name: numbers_if_any(flown[1], name) for name in flown[1].column_names}


def test_it_lands_cleanly_on_its_five_legs(flown):
    result, telemetry, _ = flown
    assert result["outcome"] == "LANDED"
    assert result["clean"], result["criteria"]
    legs = [name for name in telemetry.column_names if name.startswith("leg_stroke_")]
    assert len(legs) == 5


def test_its_flight_is_known_to_the_native_compiler(flown):
    assert flown[0]["provenance"]["engine"] == "native"


def test_its_engines_add_up_to_its_thrust_and_burn_what_is_gone_from_its_tanks(columns):
    """Four of one specific impulse: all propellant is the time integral of thrust over exhaust."""
    each_n = np.stack([columns[f"thrust_{number}_n"] for number in range(1, 5)])
    np.testing.assert_allclose(each_n.sum(axis=0), columns["thrust_n"], atol=1e-6)
    braking = columns["phase"] == 1
    time_s, thrust_n = columns["time_s"][braking], columns["thrust_n"][braking]
    burnt_kg = np.trapezoid(thrust_n, time_s) / (320.0 * STANDARD_GRAVITY_M_S2)
    tanks_kg = columns["propellant_kg"][braking]
    assert tanks_kg[0] - tanks_kg[-1] == pytest.approx(burnt_kg, rel=2e-3)


def test_its_throttles_turn_it_where_it_has_no_gimbal(columns):
    """From the gate the thrust axis swings up by tens of degrees, by differences of the throttles;
    the cold gas that is left for roll is not spent on it."""
    throttles = np.stack([columns[f"throttle_{number}"] for number in range(1, 5)])
    braking = columns["phase"] == 1
    assert np.max(np.ptp(throttles[:, braking], axis=0)) > 0.1
    gas_kg = columns["cold_gas_kg"][braking]
    assert gas_kg[0] - gas_kg[-1] < 1.0


def test_both_altimeters_are_heard_and_agree_to_their_noise(columns):
    """Read at one place, but for their mounts 1.2 m apart: ranges differ by noise and slope."""
    for unit in ("left", "right"):
        assert np.nansum(columns[f"altimeter_{unit}_axial_used"]) > 50
    low = columns["height_m"] < 500.0
    left, right = (columns[f"altimeter_{unit}_axial_range_m"][low] for unit in ("left", "right"))
    assert np.nanmedian(np.abs(left - right)) < 3.0 * 0.5 * 2.0**0.5


def test_its_page_names_every_engine_and_every_unit_and_counts_what_fell_short(flown):
    _, telemetry, page = flown
    places = set(re.findall(r'<div class=plot id="([\w-]+)"', page))
    assert {"engine-thrust", "shortfall"} <= places
    assert {"innovation-altimeter_left", "innovation-altimeter_right"} <= places
    assert "gimbal" not in places
    about = json.loads(telemetry.schema.metadata[b"perilune"])
    assert about["engines"] == {"1": "a", "2": "b", "3": "c", "4": "d"}
    assert all(f"engine {name}" in page for name in "abcd")
    assert "Control authority" in page


def test_the_time_short_of_thrust_is_that_of_its_telemetry(flown, columns):
    """Ticks of 0.1 s in which the force wanted was off by more than 48 N, 1 % of full thrust."""
    braking = columns["phase"] == 1
    short = np.abs(columns["thrust_short_n"][braking]) > 48.0
    assert flown[0]["control"]["thrust_short_s"] == pytest.approx(0.1 * short.sum(), abs=0.11)
