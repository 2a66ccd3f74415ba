"""Bodies and steps that mechanics forbids are refused with the bound; everything real is not."""

import dataclasses
import math
import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from perilune import load_mission
from perilune.interfaces.quantities import at_least, at_most
from perilune.mission.centers_of_mass import centers_of_mass_m
from perilune.mission.consistency_checks import contradictions
from perilune.mission.dispersion_bounds import drawn_too_far, ends
from perilune.mission.dispersions import rows_of
from perilune.mission.distributions import Kind, Row
from perilune.mission.number_at import with_number
from perilune.mission.parameters import leaves_of
from perilune.mission.physics import impossibilities
from tests.mission.checked import check


@pytest.fixture(autouse=True)
def no_data(monkeypatch):
    monkeypatch.delenv("PERILUNE_DATA", raising=False)


ATHENA = load_mission("athena")


def with_mass(mission, **values):
    mass = mission.lander.mass.model_copy(update=values)
    lander = mission.lander.model_copy(update={"mass": mass})
    return mission.model_copy(update={"lander": lander})


@pytest.mark.parametrize("name", ["athena", "odysseus"])
def test_the_catalog_is_possible_and_so_is_all_that_it_draws(name):
    mission = load_mission(name)
    assert impossibilities(mission) == []
    assert drawn_too_far(mission) == []


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        (
            'lander.mass.dry_inertia=["1 kg*m**2", "1 kg*m**2", "100 kg*m**2"]',
            "no moment above the sum of the other two, as no body has, but 100 kg*m**2 is above 2",
        ),
        (
            'lander.mass.dry_inertia=["1e-9 kg*m**2", "1e-9 kg*m**2", "1e-9 kg*m**2"]',
            "must lie between 4.468 and 6055 kg*m**2",
        ),
        (
            'lander.mass.dry_inertia=["9e3 kg*m**2", "9e3 kg*m**2", "9e3 kg*m**2"]',
            "must lie between 4.468 and 6055 kg*m**2",
        ),
        (
            'lander.mass.dry_center_of_mass=["1 m", "0 m", "1.75 m"]',
            "must lie within the hull, 0.785 m about the axis and 0.85 m to 4.3 m high",
        ),
        ('lander.mass.dry_center_of_mass=["0 m", "0 m", "5 m"]', "must lie within the hull"),
        ("lander.tanks.0.bottom_height=0.1 m", "must be within the hull, which begins at 0.85 m"),
        ("lander.legs.stiffness=1e15 N/m", "must be at most 14170000 N/m, the stiffest spring"),
        ("lander.hull.stiffness=1e9 N/m", "must be at most 22560000 N/m, the stiffest spring"),
        ("lander.legs.damping=5e5 N*s/m", "must be at most 28250 N*s/m, above which"),
        ("lander.hull.damping=5e5 N*s/m", "`lander.hull.damping` must be at most"),
        ("lander.legs.stiffness=1 kN/m", "or the empty lander sinks onto its bell"),
        ("lander.engine.pivot_height=3 m", "at least 0.05 m below the centre of mass"),
        ("lander.engine.max_thrust=1 MN", "saturates the accelerometers of the empty lander"),
        ("lander.thrusters.thrust=0.1 N", "must be at least 0.2846 N to reach"),
        ("lander.thrusters.thrust=1 MN", "or one shortest pulse turns the lander about z faster"),
        ("lander.control.rate_limit=2000 deg/s", "must be below what saturates the gyros, 1000"),
        ('lander.altimeter.mount=["9 m", "0 m", "1 m"]', "must be on the lander, up to 2.3 m from"),
        ("lander.engine.lag=1e6 s", "must be at most 2 s"),
        ("lander.thrusters.min_pulse=1e6 s", "must be at most 0.1 s"),
        ("lander.camera.period=1e-6 s", "must be at least 0.2 s"),
        ("lander.control.attitude_frequency=20 rad/s", "must be at most"),
        ("lander.engine.min_thrust=0 N", "must be above 0 N"),
        ("lander.star_tracker.cross_axis=0 rad", "must be above 0 deg"),
        ("lander.velocimeter.noise=-1 m/s", "must be above 0 m/s"),
        ("lander.star_tracker.rate_limit=0.05 deg/s", "must be above 0.05094 deg/s, at which"),
        ("lander.hull.stiffness=1 kN/m", "must be at least 5118 N/m, or the empty lander on"),
        ("lander.engine.pivot_height=0.3 m", "below `lander.engine.pivot_height`, which is 0.3 m"),
        ("lander.limits.horizontal_speed=11 m/s", "must be below `lander.limits.crash_speed`"),
        ("lander.altimeter.noise=500 km", "must be at most 1000 m"),
        ("lander.limits.crash_speed=1 km/s", "must be at most 20 m/s"),
        ("descent.gate_height=20 km", "must be below the altitude of ignition, 9694 m over"),
        ("descent.final_descent_rate=4 m/s", "must be at most `descent.descent_rate`, 3 m/s"),
        ('errors.imu.gyro_scale_fraction=[-2.0, 0, 0]', "must be at least -0.5"),
        ("errors.altimeter.scale_fraction=-1.0", "must be at least -0.5"),
        ("start.radial=2000 km", "must be at most 100000 m"),
        ("dispersions.15.sigma=1 rad/s", "`sigma` must be at most 11.459"),
        ("dispersions.2.sigma_fraction=0.5", "can be drawn as far as 0 kg*m**2, where"),
        ("dispersions.11.sigma_fraction=20", "can be drawn as far as 16200000 N/m, where"),
    ],
)  # fmt: skip
def test_what_physics_or_the_step_forbids_is_refused_with_its_bound(setting, said):
    """4.47 is 725 kg (0.0785 m)^2; 6056 is 725 kg (2.3^2 + 1.75^2) m^2, to the pads.

    0.285 N is 5 deg/s 900 kg m^2 / (2.29 m 120 s).
    """
    found = check("athena", [setting])
    assert any(said in each for each in found), found


def test_a_value_out_of_its_range_is_told_why():
    (said,) = check("athena", ["lander.thrusters.min_pulse=1 s"])
    assert said.endswith(": a pulse lasts at most a tick, so none would be fired.")


points = arrays.arrays(float, (8, 3), elements=st.floats(-1.0, 1.0))


@given(points, st.lists(st.floats(1.0, 200.0), min_size=8, max_size=8))
def test_every_cloud_of_masses_inside_a_hull_is_a_possible_body(places, masses_kg):
    """Moments about the centre of mass of eight masses, by their definition."""
    athena = ATHENA
    hull = athena.lander.hull
    places = places * np.array([0.5 * hull.radius_m, 0.5 * hull.radius_m, 1.5])
    masses = np.asarray(masses_kg)
    places = places - masses @ places / masses.sum()
    square = masses @ places**2
    moments = square.sum() - square
    assume(moments.min() > 0.02 * masses.sum() * hull.radius_m**2)
    body = with_mass(
        athena,
        dry_kg=masses.sum() - athena.lander.mass.payload_kg,
        dry_inertia_kg_m2=tuple(moments),
    )
    assert not any("dry_inertia" in said for said in impossibilities(body))


def test_the_centre_of_mass_is_between_that_of_the_dry_body_and_of_the_load(athena):
    empty, *_, full = centers_of_mass_m(athena)
    assert empty == pytest.approx(athena.lander.mass.dry_center_of_mass_m)
    oxygen, methane = athena.lander.tanks
    load_kg = athena.masses.separation_kg - 742.0
    levels = [
        each.propellant_fraction * load_kg / (each.density_kg_m3 * math.pi * each.radius_m**2)
        for each in (oxygen, methane)
    ]
    liquids = [
        each.propellant_fraction * (each.bottom_height_m + 0.5 * level)
        for each, level in zip((oxygen, methane), levels, strict=True)
    ]
    whole = (742.0 * 1.75 + load_kg * sum(liquids)) / athena.masses.separation_kg
    assert full[2] == pytest.approx(whole)


def test_a_row_put_into_a_mission_changes_that_number_alone(athena):
    rows = {row.path: row for row in rows_of(athena)}
    moved = with_number(athena, rows["lander.mass.dry_inertia.1"].leaf, 901.0)
    assert moved.lander.mass.dry_inertia_kg_m2 == (900.0, 901.0, 450.0)
    moved = with_number(athena, rows["lander.engine.max_thrust"].leaf, 4_100.0)
    assert moved.lander.engine.max_thrust_n == 4_100.0
    same = moved.lander.engine.model_copy(update={"max_thrust_n": 4_000.0})
    assert same == athena.lander.engine


def test_a_bounded_draw_ends_at_its_bounds_and_a_free_one_at_four_sigma(athena):
    rows = {row.path: row for row in rows_of(athena)}
    assert ends(rows["lander.legs.friction_factor"]) == [0.3, 1.0]
    assert ends(rows["lander.mass.dry"]) == pytest.approx([613.0, 637.0])
    slow, fast = ends(rows["lander.engine.lag"])
    assert slow * fast == pytest.approx(0.15**2)
    assert ends(dataclasses.replace(rows["lander.mass.dry"], scale=1e3))[0] == 0.0


BOUND = re.compile(r"(?:at most|at least|between|and|below|above|the Moon,) ([\d.e+]+)")
WITHOUT_DRAWS = ATHENA.model_copy(update={"dispersions": ()})
BOUNDED = (
    ("lander.legs.damping", 1e6),
    ("lander.legs.stiffness", 1e9),
    ("lander.legs.stiffness", 1.0),
    ("lander.hull.damping", 1e6),
    ("lander.hull.stiffness", 1e10),
    ("lander.hull.stiffness", 1.0),
    ("lander.thrusters.thrust", 1e-3),
    ("lander.thrusters.thrust", 1e5),
    ("lander.engine.max_thrust", 1e6),
    ("lander.engine.max_thrust", 900.0),
    ("lander.mass.dry_inertia.0", 1.0),
)
"""Numbers that a law bounds, SI, each far out on one side."""


@pytest.mark.parametrize(("path", "wrong"), BOUNDED)
def test_the_bound_that_a_law_prints_keeps_the_law(path, wrong):
    """A user who types what the sentence offers is not refused by the same sentence."""
    row = Row(leaf=leaves_of(ATHENA)[path], kind=Kind.UNIFORM)

    def about_it(value):
        key = path.removesuffix(".0")
        told = contradictions(with_number(WITHOUT_DRAWS, row.leaf, value))
        return [each for each in told if f"`{key}` must" in each]

    said = about_it(wrong)[0]
    offered = [float(each) for each in BOUND.findall(said)]
    assert offered
    nearest = min(offered, key=lambda each: abs(math.log(each / wrong)))
    assert about_it(nearest) == []


@given(st.floats(1e-12, 1e12), st.integers(1, 6))
def test_a_printed_bound_is_inside_and_within_a_digit(value, digits):
    below, above = float(at_most(value, digits)), float(at_least(value, digits))
    step = 10.0 ** (math.floor(math.log10(value)) - digits + 1)
    assert value - 1.0001 * step <= below <= value <= above <= value + 1.0001 * step
