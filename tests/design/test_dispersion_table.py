"""Which numbers a draw reaches, how faults and start are built from them, what is written down."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree
from pydantic import TypeAdapter

from perilune import load_mission
from perilune.design import design
from perilune.design.belief import START, start_covariance
from perilune.design.build_sensors import build_faults
from perilune.design.build_truth import build_start, build_truth, local_axes
from perilune.design.dispersion_table import rows_and_addresses
from perilune.design.inputs import inputs_of
from perilune.design.numbers import addresses, dispersable_parameters, numbers_of
from perilune.errors import InputError
from perilune.interfaces.sensor_kinds import KINDS
from perilune.interfaces.units import kind_of
from perilune.mission.dispersion_entry import Dispersion
from perilune.mission.dispersions import rows_of
from perilune.mission.parameters import design_time, leaves_of

FAULTS = ("altimeter-noisy", "altimeter-cuts-out")


@pytest.fixture(scope="module")
def hurt():
    mission = load_mission("athena", faults=FAULTS)
    return mission, design(mission).plan


@pytest.fixture(scope="module")
def book(hurt):
    """Path → index among the dials."""
    mission, plan = hurt
    return {
        path: index
        for path, (index, _) in addresses(
            dispersable_parameters(plan), tuple(mission.faults)
        ).items()
    }


@pytest.fixture(scope="module")
def moved(hurt, book):
    """Path → whether truth or the upload's settings change when the number at it does."""
    _, plan = hurt
    flat, shaped = ravel_pytree(dispersable_parameters(plan))

    def outcome(numbers):
        tree = shaped(numbers)
        truth = ravel_pytree(build_truth(tree["numbers"], plan.nominal_start))[0]
        return jnp.concatenate([truth, ravel_pytree(tree["onboard"])[0]])

    def nudged(index):
        """A direction flies as a unit vector: only its sign can show that one part of it counts."""
        other = jnp.where(jnp.isfinite(flat[index]), 1e-3 - 1.01 * flat[index], 100.0)
        return outcome(flat.at[index].set(other))

    still = outcome(flat)
    changed = jax.jit(lambda all_: jax.lax.map(lambda i: jnp.any(nudged(i) != still), all_))
    paths = list(book)
    found = np.asarray(changed(jnp.array([book[path] for path in paths])))
    return dict(zip(paths, found.tolist(), strict=True))


def told(path):
    return path.replace("lander.control.", "onboard.control.")


def test_every_number_of_a_mission_moves_the_flight_or_has_a_reason_why_it_cannot(
    hurt, book, moved
):
    """A key of a fault that does nothing does not fly, unless it is drawn: see below.

    Nor does what is of an instrument that the lander has not.
    """
    mission, _ = hurt
    lacking = {*KINDS} - {kind_of(label) for label in mission.lander.sensors}
    assert lacking == {"radar_altimeter"}
    paths = [
        path
        for path in leaves_of(mission)
        if (not path.startswith("faults.") or path in book) and lacking.isdisjoint(path.split("."))
    ]
    assert "faults.altimeter-noisy.altimeter.noise_factor" in paths
    free = [path for path in paths if design_time(path) is None]
    free.remove("lander.engine.direction.2")  # alone in its unit vector: its length says nothing
    stuck = [path for path in free if not moved.get(told(path))]
    assert not stuck, " ".join(stuck)
    assert len(free) > 180
    assert len(paths) - len(free) > 40


def test_what_is_drawn_of_a_fault_flies_though_its_file_leaves_it_alone():
    entry = {"path": "faults.altimeter-noisy.altimeter.bias", "distribution": "normal"}
    mission = load_mission("athena", faults=["altimeter-noisy"])
    assert "bias_m" not in numbers_of(mission).faults[0]["altimeter"]
    drawn = TypeAdapter(Dispersion).validate_python(entry | {"sigma": "1 m"})
    also = mission.model_copy(update={"dispersions": (*mission.dispersions, drawn)})
    assert numbers_of(also).faults[0]["altimeter"]["bias_m"] == 0.0


def test_every_setting_of_the_upload_has_an_address(hurt, book):
    _, plan = hurt
    for part in ("vehicle", "sensors", "filter", "plan", "control"):
        size = sum(np.size(leaf) for leaf in jax.tree.leaves(getattr(plan.upload, part)))
        assert len([path for path in book if path.startswith(f"onboard.{part}.")]) == size


def test_every_row_sits_on_the_number_that_its_path_names(hurt):
    mission, plan = hurt
    flat = np.asarray(ravel_pytree(dispersable_parameters(plan))[0])
    rows, places = rows_and_addresses(mission, plan)
    assert len(set(places)) == len(places) > 60
    for row, place in zip(rows, places, strict=True):
        assert flat[place] == row.leaf.value


def test_inputs_are_the_rows_with_columns_fit_for_sql(hurt):
    mission, plan = hurt
    inputs = inputs_of(mission)
    assert [each.path for each in inputs] == [row.path for row in rows_of(mission)]
    assert inputs == inputs_of(mission, plan)
    by_path = {each.path: each for each in inputs}
    assert by_path["lander.engine.max_thrust"].column == "input_lander_engine_max_thrust_n"
    loss = by_path["faults.altimeter-cuts-out.altimeter.lost_after"]
    assert loss.column == "input_faults_altimeter_cuts_out_altimeter_lost_after_s"
    assert (loss.unit, loss.nominal) == ("s", 3_900.0)
    assert loss.distribution == "uniform, 3550 s to 4260 s"
    gyro = by_path["errors.imu.gyro_bias.0"]
    assert gyro.column == "input_errors_imu_gyro_bias_0_rad_s"
    assert gyro.source.startswith("recalled: LN-200S")
    columns = [each.column for each in inputs]
    assert len(set(columns)) == len(columns)
    assert all(column.replace("_", "a").isalnum() and column.islower() for column in columns)


def test_a_row_of_the_upload_is_an_input_too(own_mission):
    entry = '{ path = "onboard.filter.gate_factor", distribution = "normal", sigma = 0.5 },'
    mission = load_mission(own_mission(("dispersions = [", "dispersions = [\n    " + entry)))
    (found,) = [each for each in inputs_of(mission) if each.path.startswith("onboard")]
    assert (found.column, found.nominal) == ("input_onboard_filter_gate_factor", 4.0)


def test_a_path_that_the_upload_does_not_have_is_answered_with_the_nearest(own_mission):
    entry = '{ path = "onboard.vehicle.max_thrst", distribution = "normal", sigma = "5 N" },'
    mission = load_mission(own_mission(("dispersions = [", "dispersions = [\n    " + entry)))
    with pytest.raises(InputError, match=r"did you mean `onboard\.vehicle\.max_thrust`"):
        design(mission)


def test_what_is_made_before_the_flight_on_board_cannot_be_drawn(own_mission):
    entry = '{ path = "onboard.chart.aim_height", distribution = "normal", sigma = "5 m" },'
    mission = load_mission(own_mission(("dispersions = [", "dispersions = [\n    " + entry)))
    with pytest.raises(InputError, match="it cannot be drawn, because the map and the field"):
        design(mission)


def test_faults_together_lose_a_sensor_at_the_earliest_and_multiply_noise():
    options = [
        "faults.altimeter-dead.with_velocimeter=true",
        "faults.altimeter-dead.altimeter.lost_after=9 s",
    ]
    faults = design(load_mission("athena", options, ["altimeter-dead", *FAULTS])).plan.faults

    def happening(label, effect, never):
        """The values of an effect that are not such that nothing ever happens."""
        values = [float(each[effect]) for each in faults[label] if effect in each]
        return sorted(value for value in values if value != never)

    assert happening("altimeter", "lost_after_s", np.inf) == [9.0, 3_900.0]
    assert happening("velocimeter", "lost_after_s", np.inf) == [9.0]
    assert happening("altimeter", "noise_factor", 1.0) == [100.0]


def test_a_flight_without_a_fault_has_room_for_one_of_a_standing_effect(athena):
    """So that the catalog's faults compile nothing anew; what stands there never happens."""
    room = build_faults(numbers_of(athena))
    for name in FAULTS:
        noisy = build_faults(numbers_of(load_mission("athena", faults=[name])))
        assert jax.tree.structure(noisy) == jax.tree.structure(room)
    assert set(room) == {"altimeter", "velocimeter"}
    for label, effects in room.items():
        for each in effects:
            assert float(each["lost_after_s"]) == np.inf, label
            assert float(each.get("noise_factor", 1.0)) == 1.0


def test_a_flight_has_as_many_faults_as_it_is_given(athena):
    fault = load_mission("athena", faults=FAULTS).faults["altimeter-noisy"]
    crowd = athena.model_copy(update={"faults": {f"fault-{index}": fault for index in range(6)}})
    assert len(build_faults(numbers_of(crowd))["altimeter"]) == 6


def test_the_start_moves_along_across_and_up_of_the_orbit(athena_design):
    plan = athena_design.plan
    numbers, nominal_start = plan.numbers, plan.nominal_start
    place, speed = np.asarray(plan.start.position_inertial_m), plan.start.velocity_inertial_m_s
    along = np.asarray(speed / np.linalg.norm(speed))
    up = place / np.linalg.norm(place)
    for name, axis in (
        ("along_track", along),
        ("cross_track", np.cross(up, along)),
        ("radial", up),
    ):
        away = _set(numbers, f"{name}_m", 100.0)
        off_m = np.asarray(build_start(away, nominal_start).position_inertial_m) - place
        np.testing.assert_allclose(off_m, 100.0 * axis, atol=1e-2)
        faster = _set(numbers, f"{name}_speed_m_s", 2.0)
        off_m_s = build_start(faster, nominal_start).velocity_inertial_m_s - speed
        np.testing.assert_allclose(off_m_s, 2.0 * axis, atol=2e-4)


def _set(numbers, name, value):
    start = numbers.start.model_copy(update={name: jnp.asarray(value)})
    return dataclasses.replace(numbers, start=start)


def test_a_heavier_dry_lander_of_the_same_mass_at_separation_has_less_propellant(athena_design):
    plan = athena_design.plan
    lander = plan.numbers.lander
    mass = lander.mass.model_copy(update={"dry_kg": lander.mass.dry_kg + 5.0})
    heavier = dataclasses.replace(plan.numbers, lander=lander.model_copy(update={"mass": mass}))
    start = build_start(heavier, plan.nominal_start)
    assert float(plan.start.propellant_kg - start.propellant_kg) == pytest.approx(5.0)


def test_the_filter_starts_with_the_covariance_that_is_drawn(athena, athena_design):
    rows, axes = rows_of(athena), np.asarray(local_axes(athena_design.plan.nominal_start))
    covariance = start_covariance(rows, athena.navigation, axes)
    turn = np.kron(np.eye(3), axes)
    local = turn @ covariance @ turn.T
    sigma = np.sqrt(np.diag(local))
    at = {name: place for place, name in enumerate(START)}
    np.testing.assert_allclose(sigma[:6], [300.0, 300.0, 150.0, 0.14, 0.28, 0.28], rtol=1e-9)
    np.testing.assert_allclose(np.degrees(sigma[6:]), 0.02, rtol=1e-9)
    correlation = local / np.outer(sigma, sigma)
    assert correlation[at["radial"], at["along_track_speed"]] == pytest.approx(-0.9)
    assert correlation[at["along_track"], at["radial_speed"]] == pytest.approx(-0.9)
    assert correlation[at["cross_track"], at["cross_track_speed"]] == pytest.approx(0.0, abs=1e-9)


def test_without_rows_for_the_start_the_filter_is_told_the_missions_sigmas(athena, athena_design):
    axes = np.asarray(local_axes(athena_design.plan.nominal_start))
    covariance = start_covariance([], athena.navigation, axes)
    turn = np.kron(np.eye(3), axes)
    sigma = np.sqrt(np.diag(turn @ covariance @ turn.T))
    np.testing.assert_allclose(sigma[:3], [300.0, 300.0, 150.0], rtol=1e-9)
