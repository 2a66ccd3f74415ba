"""The light along a planned approach: its table, and what `check` says of it."""

import dataclasses
import math
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune import load_mission
from perilune.design import build_light, design, light_report
from perilune.design.phase_budget import rehearsed_steps
from perilune.design.sensor_coverage import coverage_of, light_below, sights_of
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.rotation import rotate
from perilune.truth.environment import illumination
from perilune.truth.environment.ephemeris import fixed_from_inertial
from perilune.truth.environment.horizon import distances_m
from perilune.truth.environment.lighting import KNOT_COUNT, GroundLight


@pytest.fixture(scope="module")
def steps(athena, athena_design):
    return rehearsed_steps(athena, athena_design)


@pytest.fixture(scope="module")
def sights(steps, athena_design):
    return sights_of(steps, athena_design.plan)


@pytest.fixture(scope="module")
def odysseus_design():
    return design(load_mission("odysseus"))


def track_of(plan, steps):
    """The rehearsed descent as a planned track."""
    falling = steps.falling
    turns = jax.vmap(lambda t_s: fixed_from_inertial(plan.world.sky, t_s))(falling.time_s)
    places_fixed_m = rotate(turns, falling.position_inertial_m)
    back = plan.world.sky.fixed_from_pa * jnp.array([1.0, -1.0, -1.0, -1.0])
    places_m = rotate(back[None], places_fixed_m)
    return SimpleNamespace(
        times_s=np.asarray(falling.time_s), places_pa_m=np.asarray(places_m)
    ), np.asarray(places_fixed_m)


def test_the_table_looks_down_from_where_the_flight_is_at_each_range(athena_design, steps):
    plan = athena_design.plan
    track, places_m = track_of(plan, steps)
    views = build_light.views_along(plan.world.sky, track, plan.world.terrain)
    site = places_m[-1] / np.linalg.norm(places_m[-1])
    toward = places_m / np.linalg.norm(places_m, axis=1)[:, None]
    range_m = MOON_RADIUS_M * np.arccos(np.clip(toward @ site, -1.0, 1.0))
    for knot in (8, 14, 18):
        nearest = np.argmin(np.abs(range_m - views.range_m[knot]))
        assert views.direction_fixed[knot] @ toward[nearest] > math.cos(1e-3)
        assert views.time_s[knot] == pytest.approx(track.times_s[nearest], abs=2.0)
        high_m = float(steps.falling.height_m[nearest])
        assert views.height_m[knot] == pytest.approx(high_m, abs=200.0)
    assert views.range_m.shape == (KNOT_COUNT,)
    assert (np.diff(views.range_m) > 0.0).all()


def test_low_sun_leaves_more_in_shadow_than_a_higher_one(athena_design, odysseus_design):
    """The Sun stands at 2.5 deg over Athena's site and at 10.5 deg over that of Odysseus."""
    lights = [each.plan.world.light for each in (athena_design, odysseus_design)]
    lit = [np.asarray(each.lit_fraction) for each in lights]
    near = np.asarray(athena_design.plan.world.light.range_m) < 20e3
    assert lit[0][near].mean() < lit[1][near].mean() - 0.2
    for each in lit:
        assert ((each >= 0.0) & (each <= 1.0)).all()


def view(plan, time_s, height_m):
    aim = plan.world.aim_fixed_m / jnp.linalg.norm(plan.world.aim_fixed_m)
    return build_light.Views(jnp.array(0.0), aim, jnp.asarray(height_m), jnp.asarray(time_s))


def test_a_march_of_finer_looks_finds_as_much_ground_lit(odysseus_design, monkeypatch):
    plan, fine_m = odysseus_design.plan, distances_m(1.0, 0.01, 2e5)
    key = jnp.asarray(build_light.KEY)
    ask = lambda: float(  # noqa: E731
        build_light.lit_fraction(
            plan.world.terrain,
            key,
            plan.world.sky,
            view(plan, odysseus_design.planned_landing_s, 500.0),
        )
    )
    coarse = ask()
    monkeypatch.setattr(build_light, "MARCH_M", fine_m)
    assert ask() == pytest.approx(coarse, abs=0.05)


def test_level_ground_is_lit_whole_by_day_and_dark_by_night(athena_design):
    plan = athena_design.plan
    level = dataclasses.replace(plan.world.terrain.map, coefficients_m=jnp.zeros(10**6))
    terrain = dataclasses.replace(
        plan.world.terrain,
        map=level,
        surface=jax.tree.map(jnp.zeros_like, plan.world.terrain.surface),
    )
    night = dataclasses.replace(
        plan.world.sky,
        sun=jax.tree.map(lambda leaf: leaf, plan.world.sky.sun),
        fixed_from_pa=jnp.array([0.0, 1.0, 0.0, 0.0]),  # the far side up
    )
    key = jnp.asarray(build_light.KEY)
    found = [
        float(build_light.lit_fraction(terrain, key, sky, view(plan, 4e3, 1e3)))
        for sky in (plan.world.sky, night)
    ]
    assert found == pytest.approx([1.0, 0.0])


def test_without_a_sensor_that_sees_by_the_sun_no_light_is_tabulated():
    designed = design(
        load_mission("athena", ["lander.camera=none", "lander.optical_velocity=none"])
    )
    assert designed.plan.world.light is None
    seen = light_report.lightings(designed.plan, jnp.zeros(1), jnp.array([[0.0, 0.0, 1.8e6]]))
    assert seen.lit_fraction.tolist() == [1.0]


def test_sun_and_earth_stand_over_the_site_where_they_do_over_a_sphere(athena, athena_design):
    found = light_report.site_light(athena_design.plan, athena_design.planned_landing_s)
    place = athena.site.latitude_rad, athena.site.longitude_rad
    sky, time_s = athena_design.plan.world.sky, athena_design.planned_landing_s
    for disc, asked in (
        (found.sun, illumination.sun_elevation_azimuth_rad),
        (found.earth, illumination.earth_elevation_azimuth_rad),
    ):
        elevation_rad, azimuth_rad = asked(sky, time_s, *place)
        # The site is 5 km above the sphere.
        assert disc.elevation_rad == pytest.approx(float(elevation_rad), abs=2e-5)
        assert disc.azimuth_rad == pytest.approx(float(azimuth_rad), abs=2e-5)
        assert disc.above_fraction == 1.0
    assert math.degrees(found.sun.elevation_rad) == pytest.approx(2.5, abs=0.1)


def test_the_light_below_each_phase_is_that_of_its_rows(steps, sights, athena_design):
    lights = light_below(steps, sights, athena_design.plan)
    assert [each.name for each in lights] == ["braking", "approach", "descent"]
    braking = steps.is_in(4)
    assert braking.any()
    lit = np.asarray(sights.lighting.lit_fraction)[braking]
    assert lights[0].lit_fraction == pytest.approx((lit.min(), lit.mean()))
    sun_rad = np.asarray(sights.lighting.sun_elevation_rad)[braking]
    assert lights[0].sun_elevation_rad == pytest.approx((sun_rad[0], sun_rad[-1]))
    words = light_report.phase_words(lights)
    assert f"braking {math.degrees(sun_rad[0]):.1f} to {math.degrees(sun_rad[-1]):.1f} deg" in words


def test_the_camera_of_a_dark_approach_is_said_to_see_nothing(steps, sights):
    seen = {each.label: each for each in coverage_of(steps, sights)}
    dark = sights.lighting._replace(lit_fraction=0.0 * sights.lighting.lit_fraction)
    blind = coverage_of(steps, dataclasses.replace(sights, lighting=dark))
    assert seen["camera"].first_height_m is not None
    assert {each.label: each for each in blind}["camera"].first_height_m is None


def test_the_words_say_how_high_the_sun_stands_and_how_much_of_its_disc_is_above_the_ground():
    disc = light_report.Disc(
        elevation_rad=math.radians(2.5),
        azimuth_rad=math.radians(66.0),
        horizon_rad=math.radians(2.4),
        above_fraction=0.7,
    )
    words = light_report.site_words(light_report.SiteLight(disc, disc))
    assert "Sun at 2.5 deg towards azimuth 66 deg" in words
    assert "stands at 2.4 deg: 70% of its disc" in words


def test_a_table_is_read_evenly_between_its_ranges(athena_design):
    light = athena_design.plan.world.light
    assert isinstance(light, GroundLight)
    assert float(light.range_m[0]) == 0.0
