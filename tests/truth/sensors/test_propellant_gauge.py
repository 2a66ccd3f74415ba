"""Every line of the propellant gauge's error model has a test that fails without it."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces.propellant_gauge import (
    PropellantGaugeErrors,
    PropellantGaugeReading,
    PropellantGaugeSpec,
)
from perilune.truth.sensors.propellant_gauge import Last, init, measure, scale, shift, sigma
from tests.truth.sensors.scenes import draw, flown, scene

SPEC = {
    "noise": "3 kg",
    "bias": "2 kg",
    "scale_fraction": 0.0035,
    "settled": "0.3 m/s**2",
    "period": "1 s",
    "dropout_fraction": 0.01,
}
TANKS_KG = [200.0, 100.0, 17.0]
PUSH_M_S2 = 2.0


def looking(push_m_s2=PUSH_M_S2, tanks_kg=TANKS_KG, **changes):
    """A scene on whose readings a period ends, with two tanks and cold gas."""
    sensed = [0.0, 0.0, 0.1 * push_m_s2]
    moving = {"tank_kg": tanks_kg, "sensed_velocity_body_m_s": sensed}
    return scene(**({"time_s": 5.2, "period_s": 0.6} | changes | moving))


def asked(drawn=None, errors=None, over=None, last=None, **spec):
    sheet = flown(PropellantGaugeSpec.model_validate(SPEC | spec))
    wrong = flown(PropellantGaugeErrors.model_validate(errors or {}))
    return measure(sheet, wrong, last or init(sheet), over or looking(), drawn or draw())


def read(**changes):
    return asked(**changes)[0]


def test_without_errors_it_reads_what_is_in_the_tanks_of_propellant_and_no_gas():
    found = read()
    assert float(found.propellant_kg) == pytest.approx(300.0)
    assert bool(found.valid)


def test_bias_scale_and_noise_are_added_each_in_its_size():
    assert float(read(errors={"bias": "2 kg"}).propellant_kg) == pytest.approx(302.0)
    assert float(read(errors={"scale_fraction": 0.01}).propellant_kg) == pytest.approx(303.0)
    assert float(read(drawn=draw(1.5)).propellant_kg) == pytest.approx(304.5)


def test_it_never_reads_less_than_nothing():
    empty = looking(tanks_kg=[1.0, 0.0, 17.0])
    assert float(read(over=empty, drawn=draw(-2.0)).propellant_kg) == 0.0


@pytest.mark.parametrize(("push_m_s2", "reads"), [(0.29, False), (0.31, True), (-2.0, False)])
def test_it_reads_while_thrust_settles_the_liquid(push_m_s2, reads):
    assert bool(read(over=looking(push_m_s2)).valid) is reads


@pytest.mark.parametrize(("time_s", "reads"), [(5.2, True), (5.8, False), (6.4, True)])
def test_it_reads_once_a_period(time_s, reads):
    assert bool(read(over=looking(time_s=time_s)).valid) is reads


@pytest.mark.parametrize(("chance", "reads"), [(0.009, False), (0.011, True)])
def test_a_share_of_its_readings_is_lost(chance, reads):
    assert bool(read(drawn=draw(0.0, chance)).valid) is reads


def test_a_reading_is_of_its_own_instant_by_what_flowed_out_since():
    """1.2 kg/s for 0.6 s up to now, of which 0.5 s after the reading: then 0.6 kg more was left."""
    last = Last(propellant_kg=jnp.array(300.72), time_s=jnp.array(5.1))
    found, kept = asked(last=last, over=looking(time_s=5.2), latency="0.5 s")
    assert float(found.propellant_kg) == pytest.approx(300.6)
    assert (float(kept.propellant_kg), float(kept.time_s)) == pytest.approx((300.0, 5.7))


def test_before_its_second_look_nothing_has_flowed():
    assert float(read(latency="0.5 s").propellant_kg) == pytest.approx(300.0)


def test_its_noise_is_known_to_faults_and_its_reading_shifted_and_scaled():
    reading = PropellantGaugeReading(jnp.array(300.0), jnp.array(True))
    sheet = flown(PropellantGaugeSpec.model_validate(SPEC))
    np.testing.assert_array_equal(sigma(sheet, reading, jnp.array(1.0)), [3.0])
    more = shift(reading, jnp.array([20.0]), scene())
    assert (float(more.propellant_kg), bool(more.valid)) == (320.0, True)
    assert float(shift(reading, jnp.array([-400.0]), scene()).propellant_kg) == 0.0
    half = scale(dataclasses.replace(reading, valid=jnp.array(False)), jnp.array([0.5]))
    assert (float(half.propellant_kg), bool(half.valid)) == (150.0, False)
