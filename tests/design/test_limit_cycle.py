"""The limit cycle in closed form, against the control law in a loop and against a flown coast."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.design.limit_cycle import (
    COAST_TICK_S,
    Loop,
    Pulse,
    limit_cycle,
    limit_cycles,
    lines_of,
)
from perilune.mechanics.rotation import from_rotation_vector
from perilune.onboard.control.allocate import Demand, allocate, vehicle_now
from perilune.onboard.control.attitude import Pointing, torque_impulse_nms
from perilune.telemetry.samples import rows_of
from tests.standard_phases import StandardPhase as Mode

LOOP = Loop(frequency_rad_s=0.06, damping_factor=0.8, deadband_rad=0.005, tick_s=2.5)


@pytest.fixture(scope="module")
def cycles(athena, athena_design):
    return limit_cycles(athena, athena_design)


def test_the_period_is_four_sides_at_the_rate_that_a_pulse_turns_round():
    """8 I amplitude / J (Wertz 1978, section 19; Sidi 1997, chapter 9), of J / I = 0.3 mrad/s."""
    pulse = Pulse(asked_rad_s=3e-4, made_rad_s=3e-4, gas_kg=1e-4)
    found = limit_cycle("x", LOOP, pulse)
    assert not found.by_deadband
    assert found.period_s == pytest.approx(8.0 * found.amplitude_rad / 3e-4)
    assert found.gas_kg_s == pytest.approx(2e-4 / found.period_s)
    # At the side the loop asks for the pulse: 0.24 (0.0375 amplitude + 0.15 mrad/s) = 0.3 mrad/s.
    asked = 0.24 * (0.0375 * found.amplitude_rad + 1.5e-4)
    assert asked == pytest.approx(3e-4)


def test_a_small_pulse_leaves_the_swing_to_the_deadband_with_longer_pulses():
    pulse = Pulse(asked_rad_s=1e-6, made_rad_s=1e-6, gas_kg=1e-6)
    found = limit_cycle("x", LOOP, pulse)
    assert found.by_deadband
    assert found.amplitude_rad == LOOP.deadband_rad
    # The rate turns round where the deadband ends: 2 rate = 0.24 (0.0375 deadband + rate).
    assert 2.0 * found.rate_rad_s == pytest.approx(0.24 * (0.0375 * 0.005 + found.rate_rad_s))
    assert found.gas_kg_s * found.period_s == pytest.approx(2e-6 * 2.0 * found.rate_rad_s / 1e-6)


def test_where_both_bounds_meet_they_give_one_swing():
    edge = 0.24 * 0.0375 * 0.005 / (1.0 - 0.12)
    pair = [
        limit_cycle("x", LOOP, Pulse(asked_rad_s=each, made_rad_s=each, gas_kg=1e-4))
        for each in (edge * (1.0 - 1e-9), edge * (1.0 + 1e-9))
    ]
    assert [each.by_deadband for each in pair] == [True, False]
    for name in ("amplitude_rad", "rate_rad_s", "period_s", "gas_kg_s"):
        assert getattr(pair[0], name) == pytest.approx(getattr(pair[1], name), rel=1e-6)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_control_law_in_a_loop_swings_so(athena_design, cycles, axis):
    """A rigid body that turns about one axis alone, by the onboard law and allocation."""
    upload, of = athena_design.plan.upload, cycles[axis]
    now = vehicle_now(upload.vehicle, jnp.asarray(athena_design.ignition.mass_kg))
    inertia = now.inertia_kg_m2
    unit, tick_s = jnp.eye(3)[axis], jnp.asarray(COAST_TICK_S)

    def step(state, _):
        angle, rate = state
        pointing = Pointing(
            from_rotation_vector(angle * unit), jnp.eye(3), rate * unit, jnp.zeros(3)
        )
        asked, _ = torque_impulse_nms(upload.control, inertia, pointing, tick_s)
        demand = Demand(
            engine_on=jnp.array(False),
            throttle=jnp.array(0.0),
            angular_impulse_n_m_s=asked * unit,
            tick_s=tick_s,
            nozzles_closed=(jnp.abs(rate) < 2e-4)
            & (jnp.abs(angle) < upload.control.coast_deadband_rad),
            altimeter_beam=jnp.array(0),
        )
        fired_s = allocate(upload.vehicle, now.center_body_m, demand).command.thruster_on_s
        made = jnp.sum(fired_s @ upload.vehicle.nozzle_torque_n_m * unit)
        after = rate + made / inertia[axis, axis]
        return (angle + tick_s * after, after), jnp.stack([angle, after])

    count = round(6.0 * of.period_s / COAST_TICK_S)
    begin = (jnp.asarray(0.0), jnp.asarray(of.rate_rad_s))
    _, flown = jax.jit(lambda state: jax.lax.scan(step, state, None, count))(begin)
    angle, rate = np.asarray(flown).T
    late_rad = of.rate_rad_s * COAST_TICK_S  # by up to a tick
    assert np.max(np.abs(angle)) == pytest.approx(of.amplitude_rad, abs=1.5 * late_rad)
    assert np.median(np.abs(rate)) == pytest.approx(of.rate_rad_s, rel=0.05)
    turned = np.flatnonzero(np.diff(np.sign(rate)))
    assert np.mean(np.diff(turned)) * 2.0 * COAST_TICK_S == pytest.approx(of.period_s, rel=0.03)


def test_a_flown_coast_turns_by_these_pulses_and_within_the_swing(athena_nominal_flight, cycles):
    """Athena's pitch, which follows the orbit: what a tick changes of the rate by itself."""
    _, _, samples = athena_nominal_flight
    rows = rows_of(samples)
    coast = np.asarray(rows.mode) == int(Mode.COAST)
    rate = np.asarray(rows.state.rate_body_rad_s)[coast, 1]
    steps = np.abs(np.diff(rate))
    late = np.arange(len(steps)) > 60  # when the turn after the burn is done
    pulses = steps[late & (steps > 1e-4)]
    assert pulses.size >= 3
    np.testing.assert_allclose(pulses, 2.0 * cycles[1].rate_rad_s, rtol=0.15)


def test_lines_fit_a_terminal_and_a_mission_without_a_coast_has_none(athena, athena_design, cycles):
    assert len(list(lines_of(cycles, 3_000.0))) == 6
    assert all(len(line) <= 80 for line in lines_of(cycles, 3_000.0))
    short = [phase.model_copy(update={"pace": "short"}) for phase in athena.descent.phases]
    descent = athena.descent.model_copy(update={"phases": tuple(short)})
    assert limit_cycles(athena.model_copy(update={"descent": descent}), athena_design) == ()
    assert list(lines_of((), 3_000.0)) == []
