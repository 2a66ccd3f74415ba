"""Contact as the loop flies it: what is commanded there reaches the actuators by way of faults."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.flight.carry import Event, Flight, begin
from perilune.flight.contact_phase import settle
from perilune.flight.fly import place_fixed_m
from perilune.interfaces import Shortfall, Telemetry, quiet_command
from perilune.mechanics.randomness import run_key
from perilune.mechanics.spring_damper import CONTACT_STEP_S
from perilune.truth.dynamics.contact import SUBSTEP_COUNT

THROTTLE = 0.5
TICKS = 10


class Burning:
    """Burns at half thrust, whatever it is told."""

    def wake(self, upload):
        del upload
        return jnp.array(0)

    def step(self, upload, memory, inbox):
        del upload, inbox
        command = dataclasses.replace(
            quiet_command(1, 16), engine_on=jnp.array([True]), throttle=jnp.array([THROTTLE])
        )
        said = Telemetry(
            jnp.array(0), jnp.array(-jnp.inf), None, Shortfall(jnp.array(0.0), jnp.zeros(3))
        )
        return memory, command, said


@pytest.fixture(scope="module")
def thrusts_n(athena_design):
    """By the time from which everything is lost, s: the thrust at the end of each tick."""
    effects = {"after_s": 0.0, "after_event": float(Event.START), "duration_s": np.inf}
    plan = athena_design.plan
    unit_count = len(plan.vehicle.engines.lag_s) + len(plan.vehicle.nozzles.thrust_n)

    @jax.jit
    def flown(lost_after_s, dropout_fraction):
        fault = {n: jnp.asarray(v) for n, v in effects.items()} | {
            "lost_after_s": lost_after_s,
            "dropout_fraction": dropout_fraction,
            "units": jnp.ones(unit_count),
        }
        struck = dataclasses.replace(plan, faults=plan.faults | {"command": (fault,)})
        flight = Flight(struck, run_key(0, 0), Burning())
        start = begin(flight)
        here = place_fixed_m(struck, start)

        def tick(carry, _):
            after = settle(flight, here, False)(carry)[0]
            return after, after.state.thrust_n[0]

        return jax.lax.scan(tick, start, None, TICKS)[1]

    return lambda lost_after_s, dropout_fraction=0.0: np.asarray(
        flown(jnp.asarray(lost_after_s), jnp.asarray(dropout_fraction))
    )


def test_a_command_that_is_lost_in_contact_turns_the_engine_off_there(athena_design, thrusts_n):
    """Thrust rises and falls by its lag, by (1 - step / lag) a step of a millisecond."""
    engines = athena_design.plan.vehicle.engines
    full_n = THROTTLE * float(engines.max_thrust_n[0])
    left = (1.0 - CONTACT_STEP_S / float(engines.lag_s[0])) ** SUBSTEP_COUNT
    rise_n = full_n * (1.0 - left ** np.arange(1, TICKS + 1))
    np.testing.assert_allclose(thrusts_n(np.inf), rise_n, rtol=1e-9)
    lost_n, first = thrusts_n(0.5), 5
    fall = left ** np.arange(1, TICKS - first + 1)
    np.testing.assert_allclose(lost_n[:first], rise_n[:first], rtol=1e-9)
    np.testing.assert_allclose(lost_n[first:], rise_n[first - 1] * fall, rtol=1e-9)


def test_commands_drop_out_one_by_one_in_contact(thrusts_n):
    """Each tick draws anew: some rise and some fall; all are lost at a share of one."""
    rising = np.diff(thrusts_n(np.inf, 0.5), prepend=0.0) > 0.0
    assert 0 < rising.sum() < TICKS
    assert not thrusts_n(np.inf, 1.0).any()


def test_the_bell_clears_the_ground_by_its_height_less_what_legs_and_soil_gave(
    athena, athena_nominal_flight
):
    """The plane through the pads' soles, by strokes, sinkage and the springs under the weight."""
    plan, summary, _ = athena_nominal_flight
    points, engine = plan.vehicle.contact, athena.lander.engine
    feet_m = np.asarray(points.position_body_m)[: points.leg_count]
    pressed_m = 900.0 * 1.62 / points.leg_count / np.asarray(points.stiffness_n_per_m)[0]
    gave_m = summary.legs.stroke_m[:, 0, 0] + summary.legs.sinkage_m + pressed_m
    design = np.column_stack([np.ones(len(feet_m)), feet_m[:, :2]])
    level, *slopes = np.linalg.lstsq(design, gave_m, rcond=None)[0]
    rim_m = level + engine.bell_radius_m * np.hypot(*slopes)
    clear_m = float(summary.bell_clearance_m)
    assert clear_m == pytest.approx(engine.bell_exit_height_m - rim_m, abs=0.03)
    assert clear_m < engine.bell_exit_height_m
