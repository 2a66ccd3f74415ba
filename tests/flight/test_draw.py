"""What is drawn has the distribution told, from a stream of its own, and truth follows exactly."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from perilune import load_mission
from perilune.design import design, nominal
from perilune.design.inputs import inputs_of
from perilune.design.replaced_truth import plan_with_truth
from perilune.flight.draw import chance_of, disperse, draw, noise_of, sample
from perilune.mechanics.randomness import frame_bits, run_key, stream
from perilune.mission.dispersions import ROW_COUNT

RUN_COUNT = 4_000
EVERY_KIND = {
    "lander.mass.dry": ("normal", 'sigma = "3 kg"'),
    "lander.hull.stiffness": ("uniform", 'low = "300 kN/m", high = "600 kN/m"'),
    "lander.altimeter.dropout_fraction": ("normal", "sigma = 0.02"),
    "lander.legs.friction_factor": ("truncated-normal", "sigma = 0.15, low = 0.3, high = 0.6"),
    "lander.engine.lag": ("log-normal", "sigma_factor = 1.2"),
    "lander.legs.damping": ("choice", 'values = ["1 kN*s/m", "2 kN*s/m"], weights = [1, 3]'),
    "onboard.vehicle.max_thrust": ("normal", 'sigma = "20 N"'),
    "lander.control.damping_factor": ("uniform", "low = 0.7, high = 0.9"),
}


@pytest.fixture(scope="module")
def plan(athena_design):
    return athena_design.plan


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """(mission, plan) of an Athena with an entry of every kind."""
    from tests.mission.conftest import CATALOG

    entries = [
        f'    {{ path = "{path}", distribution = "{kind}", {rest} }},\n'
        for path, (kind, rest) in EVERY_KIND.items()
    ]
    text = (CATALOG / "missions" / "athena.toml").read_text(encoding="utf-8")
    path = tmp_path_factory.mktemp("mixed") / "mixed.toml"
    path.write_text(text.replace("dispersions = [", f"dispersions = [\n{''.join(entries)}", 1))
    mission = load_mission(path)
    return mission, design(mission).plan


@jax.jit
def many(dispersions):
    return jax.vmap(lambda run: sample(dispersions, run_key(0, run)))(jnp.arange(RUN_COUNT))


def columns(mission, plan):
    """Path → 4,000 draws."""
    names = [each.path for each in inputs_of(mission, plan)]
    return dict(zip(names, np.asarray(many(plan.dispersions)).T[: len(names)], strict=True))


@pytest.fixture(scope="module")
def drawn(mixed):
    """Of the mission with an entry of every kind."""
    return columns(*mixed)


def fits(values, law):
    """Kolmogorov and Smirnov's test; 1 in 1,000 true laws would fail it."""
    assert stats.kstest(values, law.cdf).pvalue > 1e-3


def test_a_normal_row_is_normal_about_its_value(drawn):
    fits(drawn["lander.mass.dry"], stats.norm(625.0, 3.0))
    fits(drawn["errors.camera.bias.1"], stats.norm(0.0, 50.0))


def test_a_normal_row_is_cut_where_a_file_would_not_be_believed(drawn):
    """Half a sigma above a bound of zero: the rest of the bell, as if drawn again."""
    found = drawn["lander.altimeter.dropout_fraction"]
    fits(found, stats.truncnorm(-0.5, (1.0 - 0.01) / 0.02, 0.01, 0.02))
    assert np.all(found >= 0.0)


def test_a_truncated_row_keeps_within_its_bounds(drawn):
    found = drawn["lander.legs.friction_factor"]
    fits(found, stats.truncnorm(-0.2 / 0.15, 0.1 / 0.15, 0.5, 0.15))
    assert 0.3 <= found.min() < found.max() <= 0.6


def test_a_uniform_row_is_uniform(drawn):
    fits(drawn["lander.hull.stiffness"], stats.uniform(3e5, 3e5))


def test_a_log_normal_row_multiplies_by_its_factor(drawn):
    fits(drawn["lander.engine.lag"], stats.lognorm(np.log(1.2), scale=0.15))


def test_a_choice_takes_each_value_as_often_as_its_weight(drawn):
    found = drawn["lander.legs.damping"]
    assert set(found) == {1_000.0, 2_000.0}
    rare = int(np.sum(found == 1_000.0))
    assert stats.binomtest(rare, RUN_COUNT, 0.25).pvalue > 1e-3


def test_rows_are_independent_but_for_their_groups(drawn):
    names = list(drawn)
    table = np.corrcoef(np.array(list(drawn.values())))
    told = np.eye(len(names))
    for one, other, value in (
        ("start.along_track", "start.radial_speed", -0.9),
        ("start.radial", "start.along_track_speed", -0.9),
        ("lander.engine.max_thrust", "lander.engine.min_thrust", 0.9),
    ):
        i, j = names.index(one), names.index(other)
        told[i, j] = told[j, i] = value
    # 2,000 pairs: the largest of so many standard normals stays below 5 but once in 900.
    away = np.arctanh(np.clip(table, -0.99, 0.99)) - np.arctanh(np.clip(told, -0.99, 0.99))
    assert np.max(np.abs(away)) * np.sqrt(RUN_COUNT - 3) < 5.0


def test_the_starts_drawn_are_spread_as_the_filter_believes(plan):
    """Whitened by the covariance uploaded, 4,000 starts: chi-square within 99.9 %."""

    @jax.jit
    def starts(runs):
        found = jax.vmap(lambda run: draw(plan, run_key(0, run)).start)(runs)
        return found.position_inertial_m, found.velocity_inertial_m_s

    place, speed = starts(jnp.arange(RUN_COUNT))
    told = plan.upload.filter
    off = np.concatenate(
        [place - told.start_position_inertial_m, speed - told.start_velocity_inertial_m_s], axis=1
    )
    covariance = np.asarray(told.start_covariance[:6, :6])
    scale = np.sqrt(np.diag(covariance))
    root = np.linalg.cholesky(covariance / np.outer(scale, scale))
    white = np.linalg.solve(root, (off / scale).T)
    low, high = stats.chi2.ppf([0.0005, 0.9995], 6 * RUN_COUNT)
    assert low < np.sum(white**2) < high


def test_a_row_more_or_less_changes_no_other(drawn, athena, plan):
    plain = columns(athena, plan)
    assert set(plain) < set(drawn)
    for path in set(plain) - set(EVERY_KIND):
        np.testing.assert_array_equal(plain[path], drawn[path])


def test_each_row_has_the_stream_that_its_path_names(athena, plan):
    names = [each.path for each in inputs_of(athena)]
    key, place = run_key(4, 2), names.index("errors.camera.bias.0")
    uniform = jax.random.uniform(stream(key, "errors.camera.bias.0", 0), (), jnp.float64)
    expected = 50.0 * stats.norm.ppf(float(uniform))
    assert float(sample(plan.dispersions, key)[place]) == pytest.approx(expected, rel=1e-9)


def test_points_stand_in_for_the_rows_own_uniforms_where_they_are_numbers(athena, plan):
    names = [each.path for each in inputs_of(athena)]
    own = np.asarray(sample(plan.dispersions, run_key(0, 3)))
    points = np.full(ROW_COUNT, np.nan)
    points[names.index("errors.map.height")] = stats.norm.cdf(1.5)
    points[names.index("lander.engine.lag")] = 0.5
    found = np.asarray(sample(plan.dispersions, run_key(0, 3), jnp.asarray(points)))
    assert found[names.index("errors.map.height")] == pytest.approx(3.0)
    assert found[names.index("lander.engine.lag")] == pytest.approx(0.15)
    same = np.isnan(points)
    np.testing.assert_array_equal(found[same], own[same])


@pytest.mark.parametrize("edge", [0.0, 1.0])
def test_the_very_ends_of_the_points_are_drawn_too(plan, edge):
    found = sample(plan.dispersions, run_key(0, 0), jnp.full(ROW_COUNT, edge))
    assert np.all(np.isfinite(found))


@pytest.mark.parametrize("run", [0, 5, 812])
def test_a_draw_changes_truth_and_leaves_the_belief_to_the_bit(plan, run):
    flown = draw(plan, run_key(3, run))
    believed, drawn = (jax.tree.leaves(each.upload) for each in (plan, flown))
    for before, after in zip(believed, drawn, strict=True):
        assert np.asarray(before).tobytes() == np.asarray(after).tobytes()
    assert not np.array_equal(flown.start.position_inertial_m, plan.start.position_inertial_m)
    assert np.all(np.asarray(flown.sensors["imu"].errors.gyro_bias_rad_s) != 0.0)
    assert float(flown.world.terrain.rise_m) != 0.0
    assert float(flown.vehicle.mass.dry_kg) != float(plan.vehicle.mass.dry_kg)


def test_a_row_that_names_the_upload_changes_it_and_no_truth(mixed):
    mission, plan = mixed
    names = [each.path for each in inputs_of(mission, plan)]
    values = np.asarray(sample(nominal(plan).dispersions, run_key(0, 0))).copy()
    values[names.index("onboard.vehicle.max_thrust")] = 3_900.0
    values[names.index("lander.control.damping_factor")] = 0.75
    flown = disperse(plan, jnp.asarray(values))
    assert float(flown.upload.vehicle.max_thrust_n) == 3_900.0
    assert float(flown.upload.control.damping_factor) == 0.75
    for told, kept in zip(
        jax.tree.leaves(plan.vehicle), jax.tree.leaves(flown.vehicle), strict=True
    ):
        np.testing.assert_allclose(told, kept, rtol=1e-14)


def test_a_map_in_the_wrong_place_and_of_another_place_turn_the_ground_by_as_much(plan):
    """35 m of both, 800 m east and 2 km south of the heights alone; the aim goes with images."""
    sets = [
        "errors.map.north=35 m",
        "errors.map.heights_east=800 m",
        "errors.map.heights_north=-2 km",
    ]
    world = plan_with_truth(plan, load_mission("athena", sets)).world
    east, north, _ = np.asarray(plan.nominal_start.site_from_fixed)
    aim_m = plan.nominal_start.aim_fixed_m
    for turn, moved_m in (
        (world.terrain.turn_fixed_rad, 35.0 * north),
        (world.terrain.heights_turn_fixed_rad, 800.0 * east + (35.0 - 2_000.0) * north),
    ):
        np.testing.assert_allclose(np.cross(turn, aim_m), moved_m, atol=1e-6)
    np.testing.assert_allclose(world.aim_fixed_m, aim_m + 35.0 * north, atol=1e-6)


def test_truth_drawn_to_a_value_is_truth_designed_for_it(athena, plan):
    """What `--set` builds from a file, a draw of the same values builds inside the flight."""
    wanted = {
        "lander.mass.dry": "631 kg",
        "lander.engine.lag": "0.2 s",
        "lander.legs.crush_force": "4300 N",
        "errors.map.north": "35 m",
        "errors.map.height": "-3 m",
        "errors.altimeter.bias": "0.4 m",
        "start.radial": "200 m",
    }
    set_to = load_mission("athena", [f"{path}={value}" for path, value in wanted.items()])
    theirs, inputs = design(set_to).plan, inputs_of(athena)
    values = np.asarray(sample(nominal(plan).dispersions, run_key(0, 0))).copy()
    for index, each in enumerate(inputs_of(set_to)):
        if each.path in wanted:
            assert inputs[index].path == each.path
            values[index] = each.nominal
    ours = disperse(plan, jnp.asarray(values))
    for part in ("vehicle", "sensors", "faults"):
        for a, b in zip(
            jax.tree.leaves(getattr(ours, part)),
            jax.tree.leaves(getattr(theirs, part)),
            strict=True,
        ):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15)
    assert float(ours.start.propellant_kg) == pytest.approx(float(theirs.start.propellant_kg))
    np.testing.assert_allclose(ours.world.aim_fixed_m, theirs.world.aim_fixed_m, atol=1e-6)
    turn = theirs.world.terrain.turn_fixed_rad
    np.testing.assert_allclose(ours.world.terrain.turn_fixed_rad, turn, atol=1e-18)
    up = plan.start.position_inertial_m / np.linalg.norm(plan.start.position_inertial_m)
    raised = ours.start.position_inertial_m - plan.start.position_inertial_m
    np.testing.assert_allclose(raised, 200.0 * up, atol=1e-6)


@pytest.mark.parametrize("run", [0, 1, 99])
def test_nominal_leaves_nothing_to_draw(plan, run):
    still = nominal(plan)
    flown = jax.jit(draw)(still, run_key(0, run))
    for told, drawn_to in zip(jax.tree.leaves(still), jax.tree.leaves(flown), strict=True):
        np.testing.assert_allclose(drawn_to, told, rtol=1e-15, atol=1e-15)
    words = frame_bits(run_key(0, run), 12, {"altimeter": (8,)})["altimeter"]
    assert not np.any(noise_of(still, words))
    assert np.all(chance_of(still, words) == 1.0)
    assert np.any(noise_of(plan, words))


def test_another_missions_list_compiles_nothing(plan, mixed):
    program = jax.jit(draw)
    odysseus = design(load_mission("odysseus")).plan
    for each in (plan, mixed[1], odysseus):
        program(each, run_key(0, 0))
    assert program._cache_size() == 1


def test_a_loss_that_is_drawn_comes_when_it_is_drawn():
    mission = load_mission("athena", faults=["altimeter-cuts-out"])
    plan = design(mission).plan
    times = jax.jit(
        jax.vmap(lambda run: draw(plan, run_key(0, run)).faults["altimeter"][0]["lost_after_s"])
    )(jnp.arange(RUN_COUNT))
    fits(np.asarray(times), stats.uniform(3_550.0, 710.0))
    never = dataclasses.replace(plan, dispersions=nominal(plan).dispersions)
    lost_s = draw(never, run_key(0, 1)).faults["altimeter"][0]["lost_after_s"]
    assert float(lost_s) == 3_900.0
