"""The samples of a flight as telemetry: its rows, its nulls, its numbers beside one another."""

import dataclasses
import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.flight.ground_view import PAD_FOOTPRINT_M
from perilune.interfaces.events import Event
from perilune.interfaces.telemetry import SHOWN
from perilune.mechanics import rotation
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.mass_properties import mass_properties
from perilune.onboard.guidance.view import moon_orientation
from perilune.onboard.navigation.estimate import first_estimate
from perilune.onboard.navigation.ground import height_over_ground_m, height_variance_m2
from perilune.report.figures.speeds import MOON_GM_M3_S2
from perilune.report.flight_parquet import telemetry_table
from perilune.telemetry.channels import CHANNELS
from perilune.telemetry.flight_columns import telemetry_columns
from perilune.telemetry.height_columns import covariances
from perilune.telemetry.samples import rows_of
from perilune.truth.dynamics.ground_clearance import ground_relative_state
from perilune.truth.environment.ephemeris import fixed_from_inertial, spin_inertial_rad_s
from perilune.truth.environment.terrain import clearance_m
from tests.standard_phases import StandardPhase as Mode


@pytest.fixture(scope="module")
def columns(athena_flight):
    plan, _, samples = athena_flight
    return telemetry_columns(plan, samples)


@pytest.fixture(scope="module")
def nominal_columns(athena_nominal_flight):
    """Where sizes are asserted, and not laws: nothing of this flight is drawn."""
    plan, _, samples = athena_nominal_flight
    return telemetry_columns(plan, samples)


@pytest.fixture(scope="module")
def rows(athena_flight):
    return rows_of(athena_flight[2])


def known(column):
    return np.isfinite(column)


def test_the_columns_are_exactly_those_the_report_declares(columns):
    others = re.compile(
        r"(thrust_\d+_n|throttle_\d+|gimbal_\d+_[xy]_deg|(leg_(load|stroke)|pad_sinkage)_[78]_.*"
        r"|radar_altimeter_.*)"
    )
    declared = {name for name in CHANNELS if not others.fullmatch(name)}
    assert set(columns) == declared, "one engine, six legs and no radar altimeter"
    table = telemetry_table(columns, {})
    assert table.num_rows == len(columns["time_s"])


def test_the_mass_believed_stands_where_cycles_end_and_begins_as_uploaded(
    columns, rows, athena_flight
):
    believed_kg, ends = columns["estimated_mass_kg"], rows.cycles.row_count
    assert set(np.flatnonzero(known(believed_kg))) == {*ends[known(rows.believed_kg)]}
    np.testing.assert_array_equal(believed_kg[ends], rows.believed_kg)
    start_kg = float(athena_flight[0].upload.vehicle.start_mass_kg)
    assert believed_kg[ends[0]] == pytest.approx(start_kg, rel=1e-6)


def test_a_row_is_a_tick_long_in_the_coast_and_a_step_of_a_millisecond_in_contact(columns):
    steps, mode, phase = np.diff(columns["time_s"]), columns["mode"][1:], columns["phase"][1:]
    assert columns["time_s"][0] == pytest.approx(0.1)
    assert set(np.round(steps[phase < 2], 6)) == {0.1, 2.5}
    assert set(mode[steps > 1.0]) <= {Mode.COAST, Mode.ALIGN}
    assert np.mean(steps[mode == Mode.COAST] > 1.0) > 0.9
    assert np.allclose(steps[(mode >= Mode.BRAKING) & (phase < 2)], 0.1)
    assert np.allclose(steps[phase == 2], 1e-3)


def test_the_last_row_is_the_end_of_the_flight(columns, athena_flight):
    assert columns["time_s"][-1] == pytest.approx(athena_flight[1].event_time_s[Event.END])


def test_the_row_of_first_contact_is_what_the_summary_says_of_it(columns, athena_flight):
    _, summary, _ = athena_flight
    row = np.searchsorted(columns["time_s"], summary.event_time_s[Event.CONTACT] - 1e-5)
    contact, turn = summary.contact, [columns[f"true_rate_{axis}_deg_s"][row] for axis in "xyz"]
    assert columns["time_s"][row] == pytest.approx(summary.event_time_s[Event.CONTACT], abs=1e-6)
    for name in ("vertical_speed_m_s", "horizontal_speed_m_s"):
        assert columns[name][row] == pytest.approx(float(getattr(contact, name)), abs=1e-6)
    assert columns["tilt_deg"][row] == pytest.approx(np.degrees(contact.tilt_rad), abs=1e-3)
    assert np.linalg.norm(turn) == pytest.approx(np.degrees(contact.body_rate_rad_s), abs=1e-6)
    assert columns["tilt_deg"][-1] == pytest.approx(np.degrees(summary.rest.tilt_rad), abs=1e-9)
    assert columns["range_m"][-1] == pytest.approx(summary.miss_m, abs=1e-6)


def test_peaks_of_the_summary_are_the_largest_values_of_the_telemetry(columns, athena_flight):
    _, summary, _ = athena_flight
    for leg in range(summary.leg_count):
        load_n, stroke_m = columns[f"leg_load_{leg + 1}_n"], columns[f"leg_stroke_{leg + 1}_m"]
        assert np.nanmax(load_n) == pytest.approx(summary.peak_force_n[leg], rel=1e-12)
        assert np.nanmax(stroke_m) == pytest.approx(
            summary.legs.stroke_m[leg, 0, 0], rel=1e-12, abs=1e-15
        )
    body_n = summary.peak_force_n[summary.leg_count :]
    assert np.nanmax(columns["hull_load_n"]) == np.max(body_n[: -summary.bell_count])
    assert np.nanmax(columns["bell_load_n"]) == np.max(body_n[-summary.bell_count :])
    weight_n = columns["mass_kg"][-1] * MOON_GM_M3_S2 / MOON_RADIUS_M**2
    assert np.max(summary.peak_force_n) > weight_n / len(summary.peak_force_n)  # it came to rest


def test_what_is_computed_for_all_rows_is_the_law_of_one(athena_flight, rows, columns):
    plan = athena_flight[0]
    one = jax.jit(
        lambda state, t_s: (
            ground_relative_state(state, spin_inertial_rad_s(plan.world.sky, t_s)),
            rotation.rotate(fixed_from_inertial(plan.world.sky, t_s), state.position_inertial_m),
            mass_properties(rows.vehicle.mass, state.tank_kg),
        )
    )
    chosen = np.linspace(0, len(rows.time_s) - 1, 7).astype(int)
    every = mass_properties(rows.vehicle.mass, rows.state.tank_kg, xp=np)
    for row in chosen:
        state = jax.tree.map(lambda leaf, at=row: leaf[at], rows.state)
        true, place, heavy = one(state, rows.time_s[row])
        assert columns["vertical_speed_m_s"][row] == pytest.approx(
            float(true.vertical_speed_m_s), abs=1e-9
        )
        assert columns["horizontal_speed_m_s"][row] == pytest.approx(
            float(true.horizontal_speed_m_s), abs=1e-9
        )
        assert np.radians(columns["tilt_deg"][row]) == pytest.approx(float(true.tilt_rad), abs=1e-9)
        above_m = float(np.linalg.norm(place)) - MOON_RADIUS_M
        assert columns["altitude_m"][row] == pytest.approx(above_m, abs=1e-6)
        assert np.allclose(every.center_body_m[row], heavy.center_body_m, atol=1e-12)
        assert np.allclose(every.inertia_kg_m2[row], heavy.inertia_kg_m2, rtol=1e-12, atol=1e-9)
        assert columns["mass_kg"][row] == pytest.approx(float(heavy.mass_kg))


def test_the_height_is_that_of_the_lowest_footpad_over_the_terrain(athena_flight, rows, columns):
    plan = athena_flight[0]
    terrain = dataclasses.replace(
        plan.world.terrain,
        turn_fixed_rad=rows.ground.turn_fixed_rad,
        heights_turn_fixed_rad=rows.ground.heights_turn_fixed_rad,
        rise_m=rows.ground.rise_m,
        warp=rows.ground.warp,
        surface=rows.ground.surface,
    )
    key = jnp.asarray(rows.ground.surface_key)
    terrain = jax.tree.map(jnp.asarray, terrain)
    high_m = jax.jit(lambda place: clearance_m(terrain, place, key, PAD_FOOTPRINT_M))
    feet = rows.vehicle.contact.position_body_m[: rows.vehicle.contact.leg_count]
    for row in (0, rows.free_count // 2, rows.free_count - 1):
        state = jax.tree.map(lambda leaf, at=row: leaf[at], rows.state)
        center = mass_properties(rows.vehicle.mass, state.tank_kg)
        arms = rotation.rotate(state.inertial_from_body[None], feet - center.center_body_m)
        fixed = fixed_from_inertial(plan.world.sky, rows.time_s[row])
        places = rotation.rotate(fixed[None], state.position_inertial_m + arms)
        lowest_m = min(float(high_m(place)) for place in places)
        assert columns["height_m"][row] == pytest.approx(lowest_m, abs=1e-6)


def test_a_footpad_stands_on_the_ground_at_the_end(nominal_columns):
    """Over the map alone: the ground right below is that of the pads, but for its slope."""
    sunk_m = np.mean([nominal_columns[f"pad_sinkage_{leg}_m"][-1] for leg in range(1, 7)])
    assert abs(nominal_columns["height_m"][-1] + sunk_m) < 0.03
    assert sunk_m > 0.0


def test_height_over_ground_and_its_sigma_are_the_flight_softwares_own(
    athena_flight, rows, columns
):
    """The law for all rows at once against the compiled law of one, after some cycles."""
    upload = athena_flight[0].upload
    foot_m = float(upload.vehicle.foot_below_center_m)

    @jax.jit
    def one(estimate, time_s):
        fixed = moon_orientation(upload.chart, time_s).fixed_from_inertial
        height_m = height_over_ground_m(upload, estimate, fixed)
        return height_m - foot_m, height_variance_m2(upload, estimate, fixed)

    at, covariance = covariances(athena_flight[0], rows)
    for place in np.linspace(1, len(at) - 1, 7).astype(int):
        row, whole = at[place], np.zeros(upload.filter.start_covariance.shape)
        whole[:SHOWN, :SHOWN] = covariance[place]
        believed = {
            field.name: getattr(rows.estimate, field.name)[row]
            for field in dataclasses.fields(rows.estimate)
        }
        estimate = dataclasses.replace(first_estimate(upload), **believed, covariance=whole)
        height_m, variance_m2 = one(estimate, rows.time_s[row])
        assert columns["estimated_height_m"][row] == pytest.approx(float(height_m), abs=1e-6)
        sigma_m = columns["height_sigma_over_ground_m"][row]
        assert sigma_m == pytest.approx(float(np.sqrt(variance_m2)), rel=1e-4)


def test_the_error_of_height_near_the_end_is_what_the_summary_says_at_100_m(
    athena_nominal_flight, nominal_columns
):
    """A frame of six ticks after the first under 100 m; readings move it by 0.06 m."""
    error_m = nominal_columns["height_error_over_ground_m"]
    true_m = nominal_columns["estimated_height_m"] - error_m
    late = np.flatnonzero((true_m < 100.0) & (nominal_columns["mode"] >= Mode.BRAKING))[:8]
    assert np.min(np.abs(error_m[late] - athena_nominal_flight[1].height_error_100_m)) < 0.1


def test_mass_only_falls_and_is_the_sum_of_its_parts(columns):
    assert np.all(np.diff(columns["mass_kg"]) <= 1e-9)
    dry = columns["mass_kg"] - columns["propellant_kg"] - columns["cold_gas_kg"]
    assert np.ptp(dry) < 1e-9


def test_errors_are_the_difference_of_the_columns_they_stand_beside(columns):
    apart = [columns[f"estimated_position_{a}_m"] - columns[f"true_position_{a}_m"] for a in "xyz"]
    local = [columns[f"position_error_{a}_m"] for a in ("along", "cross", "radial")]
    assert np.allclose(np.linalg.norm(apart, axis=0), np.linalg.norm(local, axis=0), equal_nan=True)
    up = np.stack([columns[f"true_position_{axis}_m"] for axis in "xyz"])
    radial = np.sum(apart * up, axis=0) / np.linalg.norm(up, axis=0)
    assert np.allclose(radial, local[2], equal_nan=True, atol=1e-9)


def test_the_first_sigmas_are_those_the_mission_gives(columns, athena):
    navigation = athena.navigation
    first = [columns[f"position_sigma_{axis}_m"][0] for axis in ("along", "cross", "radial")]
    given = [navigation.along_track_m, navigation.cross_track_m, navigation.radial_m]
    assert first == pytest.approx(given, rel=2e-3)  # the track turns by its slope to the meridian
    degrees = [columns[f"attitude_sigma_{axis}_deg"][0] for axis in "xyz"]
    assert np.radians(degrees) == pytest.approx([navigation.attitude_rad] * 3)


def test_ranging_sensors_read_every_second_tick_and_the_star_tracker_every_sixth(columns):
    cycles, frames = known(columns["camera_valid"]), known(columns["star_tracker_valid"])
    free = known(columns["estimated_height_m"])
    assert np.flatnonzero(cycles).tolist() == list(range(1, free.sum(), 2))
    assert np.flatnonzero(frames).tolist() == list(range(5, free.sum(), 6))
    beams = known(columns["altimeter_canted_valid"]), known(columns["altimeter_axial_valid"])
    assert np.array_equal(beams[0] ^ beams[1], cycles)


def test_what_is_not_valid_has_no_reading_and_what_is_used_was_inside_its_gate(columns):
    for stem, what in (("altimeter_canted", "range_m"), ("velocimeter_2", "speed_m_s")):
        assert np.array_equal(known(columns[f"{stem}_{what}"]), columns[f"{stem}_valid"] == 1.0)
    used = columns["altimeter_canted_used"] == 1.0
    innovation, gate = (columns[f"altimeter_canted_{x}_m"] for x in ("innovation", "gate"))
    assert used.sum() > 100
    assert np.all(np.abs(innovation[used]) < gate[used])


def test_in_contact_there_are_legs_and_energy_and_no_estimate(columns):
    contact = columns["phase"] == 2
    assert contact.sum() > 10
    for name in ("leg_stroke_1_m", "total_energy_j"):
        assert np.array_equal(known(columns[name]), contact)
    for name in ("estimated_height_m", "position_error_along_m", "estimated_attitude_w"):
        assert np.array_equal(known(columns[name]), ~contact)
    assert not known(columns["position_sigma_radial_m"])[contact].any()


def test_in_contact_the_energy_less_the_work_of_thrust_never_rises(nominal_columns):
    """To 1e-3 of what the ground takes: what is left is the plane that stands for a tick's ground.

    Over the map alone: over rough ground that plane turns from tick to tick.
    Off the ground it stays, so that the work is the whole of what engine and thrusters do.
    """
    columns = nominal_columns
    down = columns["phase"] == 2
    energy_j = (columns["total_energy_j"] - columns["thrust_work_j"])[down]
    loads_n = np.stack([columns[f"leg_load_{leg + 1}_n"][down] for leg in range(6)])
    free = np.cumsum(loads_n.max(axis=0)) == 0.0
    taken_j = energy_j[0] - energy_j[-1]
    assert free.any()
    assert np.ptp(energy_j[free]) < 1e-3 * taken_j
    assert np.max(energy_j - np.minimum.accumulate(energy_j)) < 1e-3 * taken_j


def test_the_ground_takes_the_speed_and_thrust_the_weight_on_the_way_to_it(nominal_columns):
    """The last metre is flown at constant speed, where thrust is weight, to 10 % of either."""
    down = nominal_columns["phase"] == 2
    one = {name: values[down] for name, values in nominal_columns.items()}
    loads_n = np.stack([one[f"leg_load_{leg + 1}_n"] for leg in range(6)])
    touch = int(np.argmax(loads_n.max(axis=0) > 0.0))
    mass_kg, fallen_m = one["mass_kg"][touch], one["height_m"][0] - one["height_m"][touch - 1]
    weight_n = mass_kg * MOON_GM_M3_S2 / MOON_RADIUS_M**2
    assert one["thrust_work_j"][touch] == pytest.approx(-weight_n * fallen_m, rel=0.1)
    kinetic_j = 0.5 * mass_kg * one["vertical_speed_m_s"][touch] ** 2
    net_j = one["total_energy_j"] - one["thrust_work_j"]
    sunk_j = weight_n * (one["altitude_m"][touch] - one["altitude_m"][-1])
    assert sunk_j > 0.0
    thrust_j = one["thrust_work_j"][-1] - one["thrust_work_j"][touch]
    assert net_j[touch] - net_j[-1] == pytest.approx(kinetic_j + sunk_j + thrust_j, rel=0.1)


def test_the_gimbal_stays_within_its_limit_and_moves(columns, rows):
    most_deg = np.degrees(float(rows.vehicle.engines.gimbal_limit_rad[0]))
    for axis in "xy":
        turned_deg = np.abs(columns[f"gimbal_{axis}_deg"])
        assert 1e-3 < np.max(turned_deg) <= most_deg


def test_nothing_is_drawn_in_a_nominal_flight(athena_nominal_flight):
    plan, _, samples = athena_nominal_flight
    columns = telemetry_columns(plan, samples)
    assert abs(columns["position_error_radial_m"][0]) < 1e-6
    assert columns["mass_kg"][0] == pytest.approx(float(plan.upload.vehicle.start_mass_kg), abs=0.1)
