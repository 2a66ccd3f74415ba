"""Each effect on a signal does what it says, when it says, and nothing where it is not on."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from perilune.interfaces.altimeter import ALTIMETER
from perilune.interfaces.events import EVENT_NAMES
from perilune.interfaces.imu import IMU, ImuReading
from perilune.interfaces.ranging import RangeReading
from perilune.interfaces.signal_fault import parts_of
from perilune.interfaces.velocimeter import VelocimeterReading
from perilune.mechanics.randomness import run_key
from perilune.truth.faults.fault_kinds import Now, Signal
from perilune.truth.faults.faults import KEPT_COUNT, init, struck
from perilune.truth.sensors import altimeter, imu, velocimeter
from tests.truth.sensors.scenes import scene

SIGMA_M = np.hypot(0.5, 0.0005 * 4_000.0)
RANGE = RangeReading(jnp.array(4_000.0), jnp.array(0), jnp.array(True))
OF_A_RANGE = Signal(
    parts=parts_of(ALTIMETER.error_units),
    shift=lambda reading, error: altimeter.shift(reading, error, scene()),
    sigma=lambda _: jnp.array([SIGMA_M]),
    lose=lambda reading, lost: dataclasses.replace(reading, valid=reading.valid & ~lost),
    is_valid=lambda reading: reading.valid,
)
IGNITION = EVENT_NAMES.index("ignition")


def fault(**effects):
    """A fault from the start of the flight to its end, unless told otherwise."""
    when = {"after_s": 0.0, "after_event": 0.0, "duration_s": np.inf}
    return {name: jnp.asarray(value, float) for name, value in (when | effects).items()}


def now(time_s, height_m=1e5, ignition_s=np.nan):
    events = jnp.full(len(EVENT_NAMES), jnp.nan).at[0].set(0.0).at[IGNITION].set(ignition_s)
    return Now(
        time_s=jnp.asarray(time_s, float), event_time_s=events, height_m=jnp.asarray(height_m)
    )


def arrived(faults, times_s, readings=RANGE, draws=(None, None), heights_m=None, ignition_s=np.nan):
    """What arrives, one after the other; `readings` is one for all or a list."""
    state, found = init(faults, ALTIMETER.silent()), []
    for index, time_s in enumerate(times_s):
        reading = readings[index] if isinstance(readings, list) else readings
        height_m = 1e5 if heights_m is None else heights_m[index]
        moment = now(time_s, height_m, ignition_s)
        reading, state = struck(faults, state, reading, OF_A_RANGE, moment, draws)
        found.append(reading)
    return found


def ranges_m(found):
    return [float(each.range_m) for each in found]


def valid(found):
    return [bool(each.valid) for each in found]


def test_without_faults_what_was_sent_arrives_to_the_bit():
    assert arrived((), [1e6])[0] is RANGE


@pytest.mark.parametrize(
    ("effects", "time_s", "is_valid"),
    [
        ({"lost_after_s": 100.0}, 99.9, True),
        ({"lost_after_s": 100.0}, 100.0, False),
        ({"lost_after_s": 100.0}, 500.0, False),
        ({"lost_after_s": np.inf}, 1e9, True),
        ({"lost_after_s": 10.0, "after_s": 100.0}, 109.9, True),
        ({"lost_after_s": 10.0, "after_s": 100.0}, 110.0, False),
        ({"lost_after_s": 0.0, "after_s": 5.0, "duration_s": 2.0}, 6.9, False),
        ({"lost_after_s": 0.0, "after_s": 5.0, "duration_s": 2.0}, 7.0, True),
        ({"invalid": 1.0, "after_s": 5.0}, 4.9, True),
        ({"invalid": 1.0, "after_s": 5.0}, 5.0, False),
    ],
)
def test_what_is_lost_or_flagged_is_not_valid_while_the_fault_is_on(effects, time_s, is_valid):
    found = arrived((fault(**effects),), [time_s])[0]
    assert bool(found.valid) is is_valid
    assert float(found.range_m) == 4_000.0


@pytest.mark.parametrize("first", ["lost_after_s", "invalid", "dropout_fraction"])
@pytest.mark.parametrize("second", ["lost_after_s", "invalid", "dropout_fraction"])
def test_what_one_effect_loses_no_other_brings_back(first, second):
    """The one is on from the start, the other not yet, in whichever order they stand."""
    now_s = {"lost_after_s": 0.0, "invalid": 1.0, "dropout_fraction": 1.0}
    on, later = fault(**{first: now_s[first]}), fault(**{second: now_s[second]}, after_s=9.0)
    chance = (None, jnp.array([0.5, 1.0]))
    for faults in ((on, later), (later, on)):
        assert valid(arrived(faults, [5.0], draws=chance)) == [False]
    later_too = fault(**{first: now_s[first]}, after_s=9.0)
    assert valid(arrived((later_too, later), [5.0], draws=chance)) == [True]


def test_bias_drift_and_spike_of_faults_add_up():
    faults = (
        fault(bias_m=3.0),
        fault(drift_m=0.5, drift_time_s=1.0),
        fault(spike_m=20.0, spike_fraction=0.5),
        fault(bias_m=-1.0),
    )
    draws = (None, jnp.array([1.0, 0.4]))
    assert ranges_m(arrived(faults, [4.0], draws=draws)) == [4_000.0 + 3.0 + 2.0 + 20.0 - 1.0]


def test_of_two_delays_the_longer_counts():
    faults, sent = (fault(delay_s=0.2), fault(delay_s=0.5)), [0.0, 0.2, 0.4, 0.6]
    readings = [
        RangeReading(jnp.array(range_m), jnp.array(0), jnp.array(True))
        for range_m in (10.0, 20.0, 30.0, 40.0)
    ]
    found = arrived(faults, sent, readings)
    assert valid(found) == [False, False, False, True]
    assert float(found[3].range_m) == 10.0


def test_a_fault_after_an_event_waits_for_it():
    lost = (fault(lost_after_s=0.0, after_s=3.0, after_event=IGNITION),)
    assert valid(arrived(lost, [1e5])) == [True]
    assert valid(arrived(lost, [52.9, 53.0], ignition_s=50.0)) == [True, False]


def test_a_fault_below_a_height_begins_when_first_so_low_and_lasts_its_time():
    lost = (fault(lost_after_s=0.0, below_height_m=500.0, duration_s=2.0),)
    heights_m = [900.0, 499.0, 600.0, 600.0, 300.0]
    found = arrived(lost, [0.0, 1.0, 2.0, 2.9, 3.0], heights_m=heights_m)
    assert valid(found) == [True, False, False, False, True]


def test_below_a_height_counts_only_after_the_time_it_is_armed():
    lost = (fault(lost_after_s=0.0, below_height_m=500.0, after_s=10.0),)
    found = arrived(lost, [5.0, 9.9, 10.0], heights_m=[100.0, 100.0, 100.0])
    assert valid(found) == [True, True, False]


@pytest.mark.parametrize("factor", [1.0, 3.0, 20.0])
def test_a_noisier_sensor_has_its_factor_times_the_healthy_sigma(factor):
    faults = (fault(noise_factor=factor),)
    noise = jax.random.normal(run_key(6, 2), (4000, 2))

    def error_m(draws):
        read = dataclasses.replace(RANGE, range_m=4_000.0 + SIGMA_M * draws[0])
        state = init(faults, ALTIMETER.silent())
        found, _ = struck(faults, state, read, OF_A_RANGE, now(1.0), (draws[1:], None))
        return found.range_m - 4_000.0

    errors_m = np.asarray(jax.vmap(error_m)(noise))
    low, high = stats.chi2.ppf([0.005, 0.995], errors_m.size)
    assert low < np.sum(errors_m**2) / (factor * SIGMA_M) ** 2 < high


def test_noise_factors_multiply_while_each_is_on():
    """Factors 2 and 3 make 6, so that sqrt(35) healthy sigmas are added; then 3 alone, sqrt(8)."""
    faults = (fault(noise_factor=2.0, duration_s=5.0), fault(noise_factor=3.0))
    found = ranges_m(arrived(faults, [1.0, 6.0], draws=(jnp.ones(1), None)))
    np.testing.assert_allclose(found, 4_000.0 + SIGMA_M * np.sqrt([35.0, 8.0]))


def test_a_quieter_factor_takes_no_noise_away():
    found = arrived((fault(noise_factor=0.1),), [1.0], draws=(jnp.ones(1), None))
    assert ranges_m(found) == [4_000.0]


def test_a_range_is_never_negative():
    near = dataclasses.replace(RANGE, range_m=jnp.array(3.0))
    draws = (jnp.array([-4.0]), None)
    assert ranges_m(arrived((fault(noise_factor=50.0),), [0.0], near, draws)) == [0.0]


def test_biases_add_while_each_is_on():
    faults = (fault(bias_m=3.0, after_s=5.0), fault(bias_m=-1.0))
    assert ranges_m(arrived(faults, [4.0, 6.0])) == [3_999.0, 4_002.0]


def test_a_drift_grows_from_when_it_begins():
    drifting = (fault(drift_m=2.0, drift_time_s=4.0, after_s=10.0),)
    assert ranges_m(arrived(drifting, [9.0, 10.0, 18.0])) == [4_000.0, 4_000.0, 4_004.0]


@pytest.mark.parametrize(("chance", "range_m"), [(0.04, 4_300.0), (0.06, 4_000.0)])
def test_a_share_of_the_signals_is_off_by_the_spike(chance, range_m):
    faults = (fault(spike_m=300.0, spike_fraction=0.05),)
    draws = (None, jnp.array([1.0, chance]))
    assert ranges_m(arrived(faults, [1.0], draws=draws)) == [range_m]


def test_no_spike_comes_while_the_fault_is_off():
    faults = (fault(spike_m=300.0, spike_fraction=1.0, after_s=2.0),)
    assert ranges_m(arrived(faults, [1.0], draws=(None, jnp.zeros(2)))) == [4_000.0]


@pytest.mark.parametrize(
    ("chance", "time_s", "is_valid"), [(0.04, 3.0, False), (0.06, 3.0, True), (0.04, 1.0, True)]
)
def test_a_share_of_the_signals_drops_out_while_the_fault_is_on(chance, time_s, is_valid):
    faults = (fault(dropout_fraction=0.05, after_s=2.0),)
    draws = (None, jnp.array([chance, 1.0]))
    assert valid(arrived(faults, [time_s], draws=draws)) == [is_valid]


def sent(*of_ranges, no_echo=()):
    return [
        dataclasses.replace(RANGE, range_m=jnp.array(float(m)), valid=jnp.array(m not in no_echo))
        for m in of_ranges
    ]


def test_a_frozen_sensor_repeats_its_last_valid_reading_until_the_fault_ends():
    faults = (fault(frozen=1.0, after_s=3.0, duration_s=2.0),)
    found = arrived(faults, [1.0, 2.0, 3.0, 4.0, 5.0], sent(10, 20, 30, 40, 50, no_echo=(20,)))
    assert ranges_m(found) == [10.0, 20.0, 10.0, 10.0, 50.0]
    assert valid(found) == [True, False, True, True, True]


def test_a_late_signal_is_the_newest_sent_that_long_ago():
    faults = (fault(delay_s=1.5),)
    found = arrived(faults, [0.0, 1.0, 2.0, 3.0], sent(10, 20, 30, 40))
    assert valid(found) == [False, False, True, True]
    assert ranges_m(found)[2:] == [10.0, 20.0]


def test_a_signal_is_on_time_before_its_delay_begins():
    faults = (fault(delay_s=2.0, after_s=2.0),)
    assert ranges_m(arrived(faults, [0.0, 1.0, 2.0], sent(10, 20, 30))) == [10.0, 20.0, 10.0]


def test_the_longest_delay_is_kept_even_of_ticks():
    times_s = 0.1 * np.arange(40)
    found = arrived((fault(delay_s=3.0),), times_s, sent(*range(40)))
    assert KEPT_COUNT > 30
    assert ranges_m(found)[-1] == 9.0


def test_a_scaled_range_is_multiplied_with_its_flag_and_beam_kept_and_its_bias_comes_after():
    scaled = dataclasses.replace(OF_A_RANGE, scale=altimeter.scale)
    faults = (fault(factor=1.05, bias_m=10.0, after_s=5.0), fault(factor=2.0))
    for time_s, range_m in ((4.9, 8_000.0), (5.0, 8_410.0)):
        state = init(faults, ALTIMETER.silent())
        found, _ = struck(faults, state, RANGE, scaled, now(time_s), (None, None))
        assert float(found.range_m) == pytest.approx(range_m, rel=1e-12)
        assert bool(found.valid)
        assert int(found.beam) == int(RANGE.beam)


def test_a_scaled_velocimeter_is_multiplied_beam_by_beam_and_keeps_its_flags():
    speeds_m_s = jnp.array([10.0, -4.0, 0.5])
    sent = VelocimeterReading(speeds_m_s, 100.0 * jnp.ones(3), jnp.array([True, False, True]))
    found = velocimeter.scale(sent, jnp.array([1.05, 1.0, -1.0]))
    np.testing.assert_allclose(found.closing_speed_m_s, [10.5, -4.0, -0.5], rtol=1e-12)
    np.testing.assert_array_equal(found.valid, sent.valid)
    np.testing.assert_array_equal(found.range_m, sent.range_m)


def test_a_silent_accelerometer_reads_nothing_while_the_gyros_of_its_unit_work():
    """From when it begins; what a bias of the same fault adds comes after."""
    reading = ImuReading(
        jnp.array([0.1, -0.2, 0.3]), jnp.array([1e-3, 2e-3, -3e-3]), jnp.array(True)
    )
    of_a_unit = Signal(
        parts=parts_of(IMU.error_units),
        shift=lambda sent, error: imu.shift(sent, error, scene()),
        sigma=None,
        lose=lambda sent, lost: dataclasses.replace(sent, valid=sent.valid & ~lost),
        is_valid=lambda sent: sent.valid,
        scale=imu.scale,
    )

    def of(time_s, **effects):
        faults = [fault(after_s=5.0, **effects)]
        state = init(faults, IMU.silent())
        return struck(faults, state, reading, of_a_unit, now(time_s), (None, None))[0]

    silent = of(5.0, accelerometer_factor=0.0)
    np.testing.assert_array_equal(silent.velocity_increment_body_m_s, np.zeros(3))
    np.testing.assert_array_equal(
        silent.rotation_increment_body_rad, reading.rotation_increment_body_rad
    )
    assert bool(silent.valid)
    np.testing.assert_array_equal(
        of(4.9, accelerometer_factor=0.0).velocity_increment_body_m_s,
        reading.velocity_increment_body_m_s,
    )
    reversed_ = of(5.0, gyro_factor=-1.0, gyro_bias_rad_s=1e-3)
    np.testing.assert_allclose(
        reversed_.rotation_increment_body_rad,
        -reading.rotation_increment_body_rad + 1e-3 * scene().period_s,
        rtol=1e-12,
    )


def of_an_imu(time_s, reading, **effects):
    """What arrives of an inertial unit with a fault that begins at 5 s."""
    of_a_unit = Signal(
        parts=parts_of(IMU.error_units),
        shift=lambda sent, error: imu.shift(sent, error, scene()),
        sigma=None,
        lose=lambda sent, lost: dataclasses.replace(sent, valid=sent.valid & ~lost),
        is_valid=lambda sent: sent.valid,
        scale=imu.scale,
        limit=lambda sent, most: imu.limit(sent, most, scene()),
    )
    faults = [fault(after_s=5.0, **effects)]
    state = init(faults, IMU.silent())
    return struck(faults, state, reading, of_a_unit, now(time_s), (None, None))[0]


PUSHED_M_S, TURNED_RAD = jnp.array([0.1, -0.2, 0.3]), jnp.array([1e-3, 2e-3, -3e-3])
INCREMENTS = ImuReading(PUSHED_M_S, TURNED_RAD, jnp.array(True))


@pytest.mark.parametrize("axis", range(3))
def test_a_fault_of_one_axis_leaves_the_others_as_sent(axis):
    named = jnp.arange(3) == axis
    found = of_an_imu(5.0, INCREMENTS, axes=named, gyro_factor=0.0, accelerometer_bias_m_s2=2.0)
    off = np.where(named, 1.0, 0.0)
    np.testing.assert_allclose(found.rotation_increment_body_rad, TURNED_RAD * (1.0 - off))
    np.testing.assert_allclose(
        found.velocity_increment_body_m_s, PUSHED_M_S + 2.0 * scene().period_s * off
    )


def test_a_lower_range_cuts_what_is_beyond_it_on_either_side_after_other_errors():
    period_s = float(scene().period_s)
    limits = {"gyro_limit_rad_s": 1.5e-3 / period_s, "accelerometer_limit_m_s2": 0.15 / period_s}
    found = of_an_imu(5.0, INCREMENTS, **limits, gyro_bias_rad_s=1e-3 / period_s)
    np.testing.assert_allclose(found.velocity_increment_body_m_s, [0.1, -0.15, 0.15])
    np.testing.assert_allclose(found.rotation_increment_body_rad, [1.5e-3, 1.5e-3, -1.5e-3])
    before = of_an_imu(4.9, INCREMENTS, **limits)
    np.testing.assert_array_equal(before.rotation_increment_body_rad, TURNED_RAD)
    np.testing.assert_array_equal(before.velocity_increment_body_m_s, PUSHED_M_S)
