"""Drawn flights that divert and hover, with sensors: where they land and how still they hold."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from scipy import stats

import perilune
from perilune import load_mission
from perilune.design import design
from perilune.design.feasible import OFF_TARGET_M
from perilune.flight.fly import FlightSummary
from perilune.flight.outcome import Outcome
from perilune.mechanics.randomness import run_key
from perilune.telemetry.flight_columns import telemetry_columns

RUNS = range(6)
EAST_M, NORTH_M, HOVER_S = 80.0, -60.0, 20.0
TARGET = f'target_east = "{EAST_M} m"\ntarget_north = "{NORTH_M} m"\n'
APPROACH, DESCENT = (
    f'name = "{name}"\nlaw = "{law}"\n'
    for name, law in (("approach", "approach"), ("descent", "vertical_descent"))
)
HOVER = f"""{TARGET}name = "hover"
law = "vertical_descent"
engine = true
attitude = "thrust"
altimeter_beam = "axial"
descent_rate = "0 m/s"
ends = {{ duration = "{HOVER_S} s" }}

[[descent.phases]]
"""


class Flown(NamedTuple):
    """One flight: where it came to rest from the site, and what it did in each phase."""

    rest_m: np.ndarray  # east and north, on the map
    summary: FlightSummary
    columns: dict[str, np.ndarray]


@pytest.fixture(scope="module")
def fly(athena_design, compiled_flight):
    """(plan, run) → `Flown`. The plan without a divert aims at the site itself."""
    site = athena_design.plan.nominal_start

    def flown(plan, run):
        summary, samples = compiled_flight(plan, run_key(0, run))
        off_m = site.site_from_fixed @ (summary.places.rest_map_fixed_m - site.aim_fixed_m)
        return Flown(np.asarray(off_m[:2]), summary, telemetry_columns(plan, samples))

    return flown


IN_FULL_LIGHT = [
    "lander.optical_velocity=none",
    "lander.camera.dropout_fraction=0",
    "lander.camera.dark_sun=-5 deg",
    "lander.camera.full_sun=0.1 deg",
    "lander.camera.full_lit_fraction=0.001",
    "lander.camera.wrong_fraction=0",
    "lander.camera.wrong_in_shadow_fraction=0",
]
"""Whether a fix comes is else chance by the light below, and not the same at another place."""


@pytest.fixture(scope="module")
def diverting(data_folder, tmp_path_factory):
    """Athena with another place to land and a hover on its way down, designed."""
    assert data_folder
    text = (Path(perilune.__file__).parent / "catalog" / "missions" / "athena.toml").read_text()
    assert text.count(APPROACH) == text.count(DESCENT) == 1
    text = text.replace(APPROACH, APPROACH + TARGET).replace(DESCENT, HOVER + DESCENT + TARGET)
    path = tmp_path_factory.mktemp("divert") / "divert.toml"
    path.write_text(text, encoding="utf-8")
    mission = load_mission(path, IN_FULL_LIGHT)
    return mission, design(mission).plan


@pytest.fixture(scope="module")
def diverted(fly, diverting):
    """Its drawn runs of seed 0, compiled once."""
    return [fly(diverting[1], run) for run in RUNS]


@pytest.fixture(scope="module")
def hovers(diverting, diverted):
    """Of each, the rows of its hover."""
    place = [phase.name for phase in diverting[0].descent.phases].index("hover")
    inside = [(each.columns["mode"] == place) for each in diverted]
    return [
        {name: column[rows] for name, column in each.columns.items()}
        for rows, each in zip(inside, diverted, strict=True)
    ]


def test_every_flight_lands(diverted):
    assert {int(each.summary.outcome) for each in diverted} == {int(Outcome.LANDED)}


def test_they_land_aside_by_the_divert_of_where_they_land_without(fly, diverted):
    """Run by run, so that what navigation is wrong by, some tens of metres, cancels but for the
    noise of other places and times. In the mean within `OFF_TARGET_M`, which is what a planned
    descent may be off its target before `perilune check` has a note."""
    plan = design(load_mission("athena", IN_FULL_LIGHT)).plan
    straight = [fly(plan, run) for run in RUNS]
    moved_m = np.array([a.rest_m - b.rest_m for a, b in zip(diverted, straight, strict=True)])
    off_m = np.mean(moved_m, axis=0) - [EAST_M, NORTH_M]
    assert np.hypot(*off_m) < OFF_TARGET_M, moved_m
    scatter_m = np.std([each.rest_m for each in straight], axis=0)
    assert np.all(np.std(moved_m, axis=0) < 0.25 * scatter_m), "the same draws in both"


def test_their_miss_counts_from_the_target_of_the_last_phase(diverted):
    """In the plane of the site here, along the sphere there: apart by 2 cm of map error at most,
    and by a ten-thousandth for the map's turn."""
    for each in diverted:
        off_m = np.hypot(*(each.rest_m - [EAST_M, NORTH_M]))
        assert float(each.summary.miss_m) == pytest.approx(off_m, rel=1e-3, abs=0.05)
        assert each.columns["range_m"][-1] == pytest.approx(off_m, rel=1e-3, abs=0.05)
        from_aim_m = [each.columns[f"from_aim_{way}_m"][-1] for way in ("east", "north")]
        np.testing.assert_allclose(from_aim_m, each.rest_m - [EAST_M, NORTH_M], atol=0.1)


def test_a_hover_lasts_its_time(hovers):
    """From its first tick to the one in which its time is up, of 0.1 s each."""
    for each in hovers:
        assert np.ptp(each["time_s"]) == pytest.approx(HOVER_S, abs=0.2)


def test_a_hover_holds_its_altitude_as_well_as_the_sensors_know_the_rate(diverting, hovers):
    """It has stopped after 8 time constants of the loop, from 3 to 5 m/s to 2 mm/s. Then its rate
    is off by what navigation is, and the altitude by as much times the time: within 4 sigmas of
    the filter's rate in each flight, and all together as that many normal numbers are."""
    settled_s = 8.0 / float(diverting[1].upload.descent_gains.sink_gain_per_s)
    off = []
    for each in hovers:
        late = each["time_s"] > each["time_s"][0] + settled_s
        time_s, altitude_m = each["time_s"][late], each["altitude_m"][late]
        assert np.ptp(time_s) > 0.4 * HOVER_S
        sigma_m = np.nanmax(each["velocity_sigma_radial_m_s"][late]) * np.ptp(time_s)
        assert np.ptp(altitude_m) < 4.0 * sigma_m
        off.append((altitude_m[-1] - altitude_m[0]) / sigma_m)
    assert abs(np.mean(off)) < 3.0 / np.sqrt(len(off)), off
    assert np.sum(np.square(off)) < stats.chi2.ppf(0.999, len(off)), off
