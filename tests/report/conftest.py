"""A made-up flight with the shape of a real one: enough for the report, evidence of nothing."""

import numpy as np
import pytest

from perilune.report.flight_parquet import telemetry_table
from perilune.report.result import result_document
from perilune.telemetry.channels import CHANNELS

PDI_S, CONTACT_S, END_S = 3600.0, 4320.0, 4330.0
SITE = {"latitude_deg": -84.7906, "longitude_deg": 29.1957}


def _clock():
    coast = np.arange(0.0, PDI_S, 1.0)
    powered = np.arange(PDI_S, END_S, 0.1)
    return np.concatenate([coast, powered])


def _blank(count):
    flags = ("_valid", "_used")
    return {
        name: np.zeros(count, dtype=bool) if name.endswith(flags) else np.zeros(count)
        for name in CHANNELS
    }


def _descent(columns, time_s):
    """Braking from 15 km and 1.7 km/s on smooth curves, a step in the ground, a slow end."""
    left = np.clip((CONTACT_S - time_s) / (CONTACT_S - PDI_S), 0.0, 1.0)
    coasting = time_s < PDI_S
    height_m = np.where(
        left < 0.08, 500.0 * left, 40.0 + 11_000.0 * np.maximum(left - 0.08, 0.0) ** 1.5
    )
    ground_m = np.where(left * 590 < 60.0, 5300.0, -200.0 + 900.0 * np.sin(40 * left))
    altitude_m = np.where(
        coasting, 15e3 + 85e3 * np.cos(np.pi * time_s / PDI_S / 2), height_m + ground_m
    )
    columns["altitude_m"] = altitude_m
    columns["height_m"] = np.maximum(altitude_m - ground_m, 0.0)
    columns["estimated_height_m"] = columns["height_m"] * 1.004
    columns["vertical_speed_m_s"] = np.where(left > 0, 0.9 + 60 * left * (1 - left), 0.0)
    columns["horizontal_speed_m_s"] = 1690.0 * left**1.2 + 0.1 * (left > 0)
    columns["range_m"] = 590e3 * left**2 + 38.0
    columns["tilt_deg"] = 80.0 * left**0.4 * (left > 0.02) + 2.3
    columns["true_latitude_deg"] = SITE["latitude_deg"] + 590.0 / 30.3 * left**2
    columns["true_longitude_deg"] = np.full_like(left, SITE["longitude_deg"] + 0.02)
    return left


def _vehicle(columns, time_s, left, rng):
    powered = (time_s >= PDI_S) & (time_s < CONTACT_S)
    columns["throttle"] = np.where(powered, 0.45 + 0.45 * (left > 0.08), 0.0)
    columns["thrust_n"] = columns["throttle"] * 4000.0 * 1.01
    columns["propellant_kg"] = 145.0 + 740.0 * left
    columns["cold_gas_kg"] = 12.0 + 5.0 * left
    columns["mass_kg"] = 725.0 + columns["propellant_kg"] + columns["cold_gas_kg"]
    for axis in "xyz":
        columns[f"true_rate_{axis}_deg_s"] = 0.4 * rng.standard_normal(time_s.size)
    for leg in range(1, 7):
        settled = 0.02 * leg * (1 - np.exp(-np.maximum(time_s - CONTACT_S, 0.0)))
        columns[f"leg_stroke_{leg}_m"] = settled
        columns[f"pad_sinkage_{leg}_m"] = 0.1 * settled
        columns[f"leg_load_{leg}_n"] = 4000.0 * (time_s > CONTACT_S)
    energy = 900.0 * np.exp(-np.maximum(time_s - CONTACT_S, 0.0))
    columns["total_energy_j"] = np.where(time_s < CONTACT_S, np.nan, energy)


def _belief(columns, left, rng):
    for what, parts, unit, size in (
        ("position", ("along", "cross", "radial"), "m", 300.0),
        ("velocity", ("along", "cross", "radial"), "m_s", 0.3),
        ("attitude", ("x", "y", "z"), "deg", 0.02),
        ("height", ("over_ground",), "m", 40.0),
    ):
        for part in parts:
            sigma = size * (0.02 + left)
            walk = np.cumsum(rng.standard_normal(left.size))
            columns[f"{what}_sigma_{part}_{unit}"] = sigma
            columns[f"{what}_error_{part}_{unit}"] = sigma * walk / np.abs(walk).max()


def _sensors(columns, height_m, rng):
    for stem, unit, size, every in (
        ("altimeter_canted", "m", 30.0, 1),
        ("altimeter_axial", "m", 3.0, 1),
        ("velocimeter_1", "m_s", 0.3, 2),
        ("velocimeter_2", "m_s", 0.3, 2),
        ("velocimeter_3", "m_s", 0.3, 2),
        ("camera_along", "m", 150.0, 50),
        ("camera_cross", "m", 150.0, 50),
        ("camera_up", "m", 300.0, 50),
        ("star_tracker_cross_1", "deg", 0.02, 10),
        ("star_tracker_cross_2", "deg", 0.02, 10),
        ("star_tracker_roll", "deg", 0.02, 10),
    ):
        reads = (np.arange(height_m.size) % every == 0) & (height_m < 12_000) & (height_m > 0)
        innovation = size * rng.standard_normal(height_m.size)
        gate = np.full(height_m.size, 2.9 * size)
        columns[f"{stem}_innovation_{unit}"] = np.where(reads, innovation, np.nan)
        columns[f"{stem}_gate_{unit}"] = np.where(reads, gate, np.nan)
        shared = next((name for name in ("camera", "star_tracker") if stem.startswith(name)), None)
        base = shared or stem
        columns[f"{base}_valid"] = reads
        if f"{base}_used" in CHANNELS:
            columns[f"{base}_used"] = reads & (np.abs(innovation) < gate)


@pytest.fixture(scope="session")
def columns():
    rng = np.random.default_rng(7)
    time_s = _clock()
    columns = _blank(time_s.size)
    columns["time_s"] = time_s
    columns["phase"] = (time_s >= PDI_S).astype(int) + (time_s >= CONTACT_S)
    left = _descent(columns, time_s)
    _vehicle(columns, time_s, left, rng)
    _belief(columns, left, rng)
    _sensors(columns, columns["height_m"], rng)
    return columns


@pytest.fixture(scope="session")
def telemetry(columns):
    return telemetry_table(columns, {"mission": "athena", "modes": {0: "coast"}})


def _utc(time_s):
    stamp = np.datetime64("2025-03-06T16:20:00.000") + np.timedelta64(round(1000 * time_s), "ms")
    return f"{stamp}Z"


CRITERIA = (
    ("vertical_speed_m_s", 0.9, 2.0, 1.1, True),
    ("horizontal_speed_m_s", 0.1, 1.0, 0.9, True),
    ("tilt_deg", 2.3, 10.0, 7.7, True),
    ("body_rate_deg_s", 0.4, 2.0, 1.6, True),
    ("leg_stroke_m", 0.12, 0.3, 0.18, True),
    ("broken_legs_count", 0.0, 0.0, 0.0, True),
    ("hull_contact_count", 0.0, 0.0, 0.0, True),
    ("miss_m", 312.0, 200.0, -112.0, False),
)
EVENTS = (
    ("start", 0.0),
    ("deorbit_ignition", 60.0),
    ("ignition", PDI_S),
    ("gate", 4262.0),
    ("vertical_descent", 4282.0),
    ("contact", CONTACT_S),
    ("engine_cutoff", 4320.1),
    ("end", 4328.0),
)


@pytest.fixture
def arguments():
    """The arguments of `result_document` for a clean landing that misses its aim point."""
    names = ("name", "value", "limit", "margin", "met")
    return {
        "run": {
            "mission": "athena",
            "lander": "Nova-C",
            "seed": 0,
            "run": 3,
            "faults": ["altimeter-noisy"],
        },
        "verdict": {
            "outcome": "LANDED",
            "clean": True,
            "aim": {
                "aim_true_latitude_deg": -84.789,
                "aim_true_longitude_deg": 29.21,
                "aim_map_latitude_deg": SITE["latitude_deg"],
                "aim_map_longitude_deg": SITE["longitude_deg"],
                "aim_radius_m": 1_737_400.0,
                "map_error_east_m": 40.0,
                "map_error_north_m": 50.0,
            },
            "control": {"thrust_short_s": 2.4, "torque_short_s": 0.3},
        },
        "touchdown": {
            "utc": _utc(CONTACT_S),
            "vertical_speed_m_s": 0.9,
            "horizontal_speed_m_s": 0.1,
            "tilt_at_contact_deg": 2.0,
            "tilt_deg": 2.3,
            "rest_true_latitude_deg": -84.79,
            "rest_true_longitude_deg": 29.2,
            "rest_map_latitude_deg": -84.791,
            "rest_map_longitude_deg": 29.3,
            "miss_m": 312.0,
            "miss_east_m": -312.0,
            "miss_north_m": 0.0,
            "propellant_kg": 145.0,
            "peak_leg_load_n": 4000.0,
            "secondary_stroke_m": 0.0,
            "pad_sinkage_m": 0.03,
            "bell_clearance_m": 0.52,
            "parts_n": {},
            **dict.fromkeys(("strike_n", "strike_x_m", "strike_y_m", "strike_z_m")),
        },
        "criteria": [dict(zip(names, each, strict=True)) for each in CRITERIA],
        "events": [{"name": n, "utc": _utc(t), "time_s": t} for n, t in EVENTS],
        "provenance": {"version": "0.1.0", "hashes": {"mission": "ab" * 32}, "host": "here"},
    }


@pytest.fixture
def result(arguments):
    return result_document(**arguments)


@pytest.fixture(scope="session")
def extras():
    km = np.linspace(-20.0, 20.0, 160)
    rolling_m = 300.0 * np.sin(km / 3.0)[None, :] * np.cos(km / 4.0)[:, None]
    return {
        "title": "Athena at Mons Mouton",
        "summary": "A made-up flight, for the tests of the report only.",
        "site": SITE,
        "modes": {0: "coast"},
        "map": {"x_km": km, "y_km": km, "height_m": rolling_m, "title": "Mons Mouton, 20 km"},
        "terrain": [
            {"piece": "site", "kind": "measured", "file": "map.npz", "spacing_m": 474.0},
            {"piece": "below 474 m", "kind": "made up", "file": None, "spacing_m": None},
        ],
        "sources": {
            "lander.legs.stroke_m": {"value": 0.3, "tag": "[assumed: from published sizes]"},
            "lander.engine.max_thrust_n": {"value": 4000.0, "tag": "[sourced: press kit]"},
        },
        "limits": {
            "vertical_speed_m_s": 2.0,
            "horizontal_speed_m_s": 1.0,
            "tilt_deg": 10.0,
            "body_rate_deg_s": 2.0,
            "leg_stroke_m": 0.3,
            "miss_m": 200.0,
            "full_thrust_n": 4000.0,
            "gimbal_deg": 6.0,
            "crush_force_n": 4000.0,
            "planned_thrust_fraction": 0.9,
        },
        "throttle_floor": 0.25,
    }
