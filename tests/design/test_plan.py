"""From a mission to its plan: masses, times, what nobody can fly, and what needs no data."""

import dataclasses
import math

import jax
import numpy as np
import pytest

from perilune import load_mission
from perilune.data.utc import utc_text
from perilune.design import design
from perilune.design.loads import loaded
from perilune.errors import InputError
from perilune.mechanics.time import after
from perilune.mission import data_files


def test_masses_follow_the_rocket_equation_from_separation(athena):
    load = loaded(athena, "truth")
    start_kg, propellant_kg = load.start_kg, load.propellant_kg
    assert start_kg == pytest.approx(2_120.0 * math.exp(-830.0 / (320.0 * 9.80665)))
    assert propellant_kg == pytest.approx(start_kg - 625.0 - 100.0 - 17.0)


def test_the_plan_starts_with_those_masses(athena, athena_design):
    start, vehicle = athena_design.plan.start, athena_design.plan.vehicle
    total_kg = float(vehicle.mass.dry_kg + start.propellant_kg + start.cold_gas_kg)
    assert total_kg == pytest.approx(loaded(athena, "belief").start_kg, rel=1e-12)


def test_the_landing_is_planned_for_the_missions_time(athena, athena_design):
    landing = after(athena_design.epoch, athena_design.planned_landing_s)
    assert utc_text(landing, decimals=0)[:19] == athena.landing_utc[:19]


def test_the_course_keeps_its_reserve_and_its_distance(athena, athena_design):
    course = athena_design.course
    assert course.peak_thrust_fraction <= athena.descent.peak_thrust_fraction
    assert course.least_clearance_m >= athena.descent.clearance_m


def test_the_sky_reaches_past_the_landing(athena_design):
    table = athena_design.plan.world.sky.pa_from_inertial
    end_s = float(table.start_s) + float(table.span_s) * table.coefficients.shape[0]
    assert end_s > athena_design.planned_landing_s + 600.0


@pytest.mark.parametrize(
    ("setting", "cure"),
    [
        ("lander.mass.payload=1100 kg", "masses.separation"),
        ("lander.engine.max_thrust=2.2 kN", "lander.engine.max_thrust"),
        ("descent.lead_time=10 s", "descent.lead_time"),
        ("descent.clearance=14 km", "descent.clearance"),
    ],
)
def test_what_cannot_be_flown_is_refused_with_its_cure(setting, cure):
    with pytest.raises(InputError) as raised:
        design(load_mission("athena", [setting]))
    sentence = str(raised.value)
    assert cure in sentence
    assert "\n" not in sentence


def test_a_gravity_file_that_is_not_there_is_named(monkeypatch, tmp_path):
    (tmp_path / "gravity").mkdir()
    (tmp_path / "terrain").mkdir()
    monkeypatch.setenv("PERILUNE_DATA", str(tmp_path))
    with pytest.raises(InputError, match=r"grgm660prim_150\.sha: .* No such file"):
        design(load_mission("athena", ["site.maps=[]"]))


@pytest.fixture(scope="module")
def bare_design():
    """Athena designed where there are no data at all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PERILUNE_DATA", raising=False)
        patch.setattr(data_files, "packaged_path", lambda: None)
        yield design(load_mission("athena"))


def test_without_data_it_flies_the_built_in_field_and_the_published_slope(athena, bare_design):
    assert "built-in" in bare_design.gravity_name
    assert bare_design.terrain.site_height_m == pytest.approx(athena.site.height_m, abs=1.0)
    assert bare_design.course.peak_thrust_fraction <= 0.9


def test_with_and_without_data_the_plan_has_the_same_structure(athena_design, bare_design):
    """So that one compiled flight serves both."""
    shapes = [
        [(leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(each.plan.upload)]
        for each in (athena_design, bare_design)
    ]
    fields = len(jax.tree.leaves(athena_design.plan.upload.chart.gravity))
    assert len(shapes[0]) == len(shapes[1])
    assert fields == 4
    assert shapes[0] == shapes[1]


def test_every_number_of_the_plan_is_a_strongly_typed_array(athena_design):
    """None is not-a-number but the figures that a phase leaves to the plan."""
    plan = athena_design.plan
    for leaf in jax.tree.leaves(plan):
        assert isinstance(leaf, jax.Array)
        assert not leaf.weak_type
    phases = dataclasses.replace(plan.upload.phases, figures={})
    upload = dataclasses.replace(plan.upload, phases=phases)
    for leaf in jax.tree.leaves(dataclasses.replace(plan, upload=upload)):
        assert np.all(~np.isnan(np.asarray(leaf, float)))
