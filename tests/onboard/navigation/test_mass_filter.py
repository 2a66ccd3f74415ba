"""The mass that is reckoned and gauged: against the rocket equation, a dense filter, and draws."""

import dataclasses
import math
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from perilune.interfaces import Message
from perilune.interfaces.propellant_gauge import PropellantGaugeReading
from perilune.mechanics.constants import STANDARD_GRAVITY_M_S2
from perilune.onboard import computer
from perilune.onboard.memory import wake
from perilune.onboard.navigation import mass_filter
from perilune.onboard.navigation.mass_filter import (
    MassKnowledge,
    Reading,
    corrected,
    first_knowledge,
    grown,
    no_weighing,
    weigh,
)
from perilune.onboard.navigation.propellant_gauge import Belief

EXHAUST_M_S = 320.0 * STANDARD_GRAVITY_M_S2
GATE = 4.0
BELIEF = Belief(noise_kg=jnp.array(3.0), bias_kg=jnp.array(2.0), scale_fraction=jnp.array(0.0035))
FIRST = np.diag([5.0, 0.003, 2.0, 0.0035]) ** 2
LABEL = "propellant_gauge"


def known(mass_kg=1_600.0, covariance=FIRST, bias_kg=0.0, scale_fraction=0.0):
    return MassKnowledge(
        covariance=jnp.asarray(covariance),
        exhaust_factor=jnp.array(1.0),
        bias_kg=jnp.array([bias_kg]),
        scale_fraction=jnp.array([scale_fraction]),
        mass_kg=jnp.array(mass_kg),
        time_s=jnp.array(0.0),
    )


def mixed():
    """A covariance with every correlation."""
    spread = np.array([[1.0, 0.0, 0.0, 0.0], [0.4, 1.0, 0.0, 0.0], [-0.5, 0.2, 1.0, 0.0]])
    spread = np.vstack([spread, [0.3, -0.6, 0.1, 1.0]]) * np.sqrt(np.diag(FIRST))[:, None]
    return spread @ spread.T


def reading(read_kg, left_kg=800.0, valid=True):
    return Reading(0, jnp.array(read_kg), jnp.array(left_kg), jnp.array(valid))


def test_what_is_not_known_of_the_mass_grows_as_the_rocket_equation_has_it():
    """Against differences of m exp(-dv / v_e) by the mass before and by the exhaust speed."""
    gained_m_s, before_kg, share = 900.0, 1_600.0, 1e-6

    def after_kg(mass_kg, exhaust_m_s):
        return mass_kg * math.exp(-gained_m_s / exhaust_m_s)

    now_kg = after_kg(before_kg, EXHAUST_M_S)
    by_mass = (after_kg(before_kg * (1 + share), EXHAUST_M_S) - now_kg) / (before_kg * share)
    by_exhaust = (after_kg(before_kg, EXHAUST_M_S * (1 + share)) - now_kg) / share
    through = np.eye(4)
    through[0, :2] = by_mass, by_exhaust
    found = grown(known(covariance=mixed()), jnp.array(now_kg))
    np.testing.assert_allclose(found.covariance, through @ mixed() @ through.T, rtol=2e-6)
    assert float(found.mass_kg) == now_kg


def test_a_reading_corrects_as_the_least_squares_of_all_four_errors():
    """The information form: P+ = (P^-1 + h h' / r)^-1 and x+ = P+ h z / r."""
    before = known(covariance=mixed(), bias_kg=1.0, scale_fraction=0.002)
    after, result = corrected(before, BELIEF, reading(806.0), jnp.array(GATE))
    slope, innovation = np.array([1.002, 0.0, 1.0, 800.0]), 806.0 - (800.0 * 1.002 + 1.0)
    expected = np.linalg.inv(np.linalg.inv(mixed()) + np.outer(slope, slope) / 9.0)
    moved = expected @ slope * innovation / 9.0
    np.testing.assert_allclose(after.covariance, expected, rtol=1e-9, atol=1e-12)
    assert float(after.mass_kg) == pytest.approx(1_600.0 + moved[0])
    assert float(after.exhaust_factor) == pytest.approx(1.0 + moved[1])
    assert float(after.bias_kg[0]) == pytest.approx(1.0 + moved[2])
    assert float(after.scale_fraction[0]) == pytest.approx(0.002 + moved[3])
    assert bool(result.used[0])
    assert float(result.innovation[0]) == pytest.approx(innovation)
    assert float(result.residual[0]) == pytest.approx(innovation - slope @ moved)
    assert float(result.gate[0]) == pytest.approx(GATE * math.sqrt(slope @ mixed() @ slope + 9.0))


@pytest.mark.parametrize("refused", [reading(700.0), reading(801.0, valid=False)])
def test_what_is_past_the_gate_or_not_valid_changes_nothing(refused):
    before = known()
    after, result = corrected(before, BELIEF, refused, jnp.array(GATE))
    jax.tree.map(np.testing.assert_array_equal, after, before)
    assert not bool(result.used[0])
    assert (float(result.innovation[0]) != 0.0) is bool(refused.valid)


def test_the_filter_is_as_unsure_as_it_is_wrong():
    """2,000 landings with errors of the sigmas assumed: the mean of its squared error over its
    variance lies where that of a consistent filter does in 999 of 1,000 cases."""
    count, gains_m_s = 2_000, np.full(60, 30.0)
    noise = np.random.default_rng(3).standard_normal((count, 4 + len(gains_m_s)))
    empty_kg, exhaust_factor = 700.0, 1.0 + 0.003 * noise[:, 1]

    def one(off_kg, factor, bias_kg, share, drawn):
        def step(carry, each):
            now, true_kg = carry
            gain_m_s, sample = each
            true_kg = true_kg * jnp.exp(-gain_m_s / (EXHAUST_M_S * factor))
            mass_kg = now.mass_kg * jnp.exp(-gain_m_s / (EXHAUST_M_S * now.exhaust_factor))
            now = grown(now, mass_kg)
            read_kg = (true_kg - empty_kg) * (1.0 + share) + bias_kg + 3.0 * sample
            said = Reading(0, read_kg, now.mass_kg - empty_kg, jnp.array(True))
            return (corrected(now, BELIEF, said, jnp.array(20.0))[0], true_kg), None

        (now, true_kg), _ = jax.lax.scan(step, (known(), 1_600.0 + off_kg), (gains_m_s, drawn))
        return (true_kg - now.mass_kg) ** 2 / now.covariance[0, 0]

    scaled = 5.0 * noise[:, 0], exhaust_factor, 2.0 * noise[:, 2], 0.0035 * noise[:, 3]
    found = jax.jit(jax.vmap(one))(*map(jnp.asarray, scaled), jnp.asarray(noise[:, 4:]))
    low, high = stats.chi2.ppf([0.0005, 0.9995], count) / count
    assert low < float(np.mean(found)) < high


def gauged(upload, read_kg, time_s=100.0, lag_s=0.0):
    """The flight software's knowledge a frame after another, with a message of a gauge."""
    start = dataclasses.replace(first_knowledge(upload), time_s=jnp.array(time_s - 0.6))
    now_kg = start.mass_kg - 0.72
    said = PropellantGaugeReading(jnp.array(read_kg), jnp.array(True))
    sent = {LABEL: Message(said, jnp.array(time_s - lag_s))}
    return weigh(upload, start, now_kg, sent, jnp.array(time_s))


def test_a_reading_is_compared_with_the_propellant_believed_at_its_time_tag(upload):
    """Half a second ago 0.6 kg more was left, at the flow since the last frame."""
    vehicle = upload.vehicle
    left_kg = float(vehicle.start_mass_kg) - 0.72 - float(vehicle.empty_mass_kg)
    for lag_s, more_kg in ((0.0, 0.0), (0.5, 0.6)):
        found = gauged(upload, left_kg + more_kg, lag_s=lag_s)
        assert float(found.results[LABEL].innovation[0]) == pytest.approx(0.0, abs=1e-9)
        assert float(found.mass_kg) == pytest.approx(float(vehicle.start_mass_kg) - 0.72)
        assert float(found.known.time_s) == 100.0
    assert float(gauged(upload, left_kg + 5.0).mass_kg) > float(vehicle.start_mass_kg) - 0.72


def test_it_begins_as_unsure_as_start_engine_and_gauge_are_drawn(athena, upload):
    """0.3 % of the mass at the start and of the specific impulse; 2 kg beside the 3 kg that dry
    vehicles differ by; 0.35 %."""
    sigmas = np.sqrt(np.diag(first_knowledge(upload).covariance))
    start_kg = float(upload.vehicle.start_mass_kg)
    np.testing.assert_allclose(
        sigmas, [0.003 * start_kg, 0.003, math.hypot(2.0, 3.0), 0.0035], rtol=1e-9
    )
    assert float(upload.sensors[LABEL].noise_kg) == athena.lander.propellant_gauge.noise_kg


def test_without_a_gauge_nothing_is_kept_and_the_mass_stays(upload):
    bare = {label: each for label, each in upload.sensors.items() if label != LABEL}
    without = dataclasses.replace(upload, sensors=bare)
    assert wake(without).of_mass is None
    assert first_knowledge(dataclasses.replace(upload, mass=None)) is None
    assert weigh(without, None, jnp.array(5.0), {}, jnp.array(1.0)) == (5.0, None, {})
    assert no_weighing(without) == {}
    assert list(no_weighing(upload)) == [LABEL]


def test_the_exhaust_speed_found_is_the_one_that_the_mass_is_reckoned_with(upload, monkeypatch):
    """Half the exhaust speed: the same velocity costs the square of the share that is kept."""
    gain = jnp.array([0.0, 0.0, 3.0])
    monkeypatch.setattr(computer, "strapdown", lambda estimate, *_: (estimate, gain))
    woken, burning = wake(upload), jnp.argmax(upload.phases.engine_on)
    progress = dataclasses.replace(woken.progress, phase=burning)
    memory = dataclasses.replace(woken, progress=progress)
    quiet = {"imu": SimpleNamespace(reading=None)}
    monkeypatch.setattr(
        computer,
        "hear",
        lambda *_: (SimpleNamespace(rate_body_rad_s=jnp.zeros(3)), memory.imu_in_use),
    )
    half = dataclasses.replace(memory.of_mass, exhaust_factor=jnp.array(0.5))
    kept = [
        float(computer.reckon(upload, each, quiet).mass_kg / memory.mass_kg)
        for each in (memory, dataclasses.replace(memory, of_mass=half))
    ]
    assert kept[0] == pytest.approx(math.exp(-3.0 / EXHAUST_M_S))
    assert kept[1] == pytest.approx(kept[0] ** 2)


def test_a_frame_of_the_computer_weighs(upload, monkeypatch):
    """What the filter of the mass says is what the computer goes on with."""
    memory = wake(upload)
    said = mass_filter.Weighed(jnp.array(1_234.5), memory.of_mass, {LABEL: "result"})
    monkeypatch.setattr(computer, "weigh", lambda *_: said)
    monkeypatch.setattr(computer, "end_frame", lambda _, memory, *__: (memory, {"stars": 1}))
    inbox = SimpleNamespace(time_s=jnp.array(10.0), frame_s=jnp.array(0.6))
    after, results = computer.begin_frame(upload, memory, {}, inbox)
    assert float(after.mass_kg) == 1_234.5
    assert results == {"stars": 1, LABEL: "result"}
