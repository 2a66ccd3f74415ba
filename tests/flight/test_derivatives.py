"""Forward derivatives of a whole flight, beside differences of flights with the same schedule."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune import load_mission
from perilune.design import design, nominal
from perilune.flight import draw, fly
from perilune.interfaces.events import Event
from perilune.mechanics.derivatives import length, root, to_quantum
from perilune.mechanics.randomness import run_key
from tests.compiling import BRIEFLY
from tools.derivatives import changed

FINE = tuple(
    f'lander.{each}="0 {unit}"'
    for each, unit in (
        ("imu.gyro_quantum", "rad"),
        ("imu.accelerometer_quantum", "m/s"),
        ("altimeter.quantum", "m"),
    )
)
STEPS = {"dry_kg": 3e-4, "specific_impulse_s": 1e-4, "max_thrust_n": 3e-4}
SWITCHES = [Event.DEORBIT_CUTOFF, Event.ALIGNMENT, Event.IGNITION, Event.GATE]
SWITCHES += [Event.VERTICAL_DESCENT, Event.ENGINE_CUTOFF]


def figures(summary):
    return jnp.stack(
        [
            summary.propellant_kg,
            summary.contact.vertical_speed_m_s,
            summary.height_error_100_m,
        ]
    )


@pytest.fixture(scope="module")
def plan(data_folder):
    """Athena undrawn, its inertial unit's quanta taken away: they make steps of a slope."""
    assert data_folder
    return nominal(design(load_mission("athena", FINE)).plan)


@pytest.fixture(scope="module")
def derivative():
    """(plan, size of the change, its direction) -> derivatives of the figures; one program."""

    def one(flight_plan, size, direction):
        key = run_key(0, 0)

        def flown(amount):
            moved = changed(flight_plan, *(amount * direction))
            return figures(fly(draw(moved, key), key))

        return jax.jvp(flown, (size,), (jnp.ones_like(size),))[1]

    return jax.jit(one, compiler_options=BRIEFLY)


@pytest.mark.parametrize("name", list(STEPS))
def test_a_flights_derivative_is_the_difference_of_flights(plan, derivative, compiled_flight, name):
    """Central differences, of flights that take every decision at the same tick.

    One pair in four differs in a decision: a pulse, a reading accepted, a limit of what is felt of
    the engines. Of five pairs one must agree: a chance of 1e-3 that none does.
    """
    direction, step = jnp.array([float(name == each) for each in STEPS]), STEPS[name]
    for start in np.arange(5.0):
        ends = [_flown(compiled_flight, plan, name, start + way * step) for way in (-1, 1)]
        apart = (figures(ends[1]) - figures(ends[0])) / (2.0 * step)
        found = derivative(plan, jnp.asarray(start), direction)
        if _same_schedule(ends) and np.allclose(found, apart, rtol=0.01, atol=1e-6):
            break
    else:
        pytest.fail(f"In none of five pairs was {apart} found, but {found}.")
    assert abs(found[0]) > 1e-3
    if expected := _by_the_rocket_equation(plan, ends[0]).get(name):
        np.testing.assert_allclose(found[0], expected, rtol=0.2)


def _same_schedule(ends):
    return np.array_equal(*(end.event_time_s[SWITCHES] for end in ends))


def _by_the_rocket_equation(plan, end):
    """What a flight of the same impulses would have left, of a kilogram and of a second.

    The start's mass is a fixed share of that at separation. What guidance makes of a mass that it
    does not know is left out, a sixth of a kilogram's. Of full thrust it says nothing: there the
    derivative is that of what the throttle's lag and the guidance make of it.
    """
    engine, mass = plan.numbers.lander.engine, plan.numbers.lander.mass
    end_kg = mass.dry_kg + end.propellant_kg
    start_kg = plan.start.propellant_kg + mass.dry_kg
    return {
        "dry_kg": end_kg / plan.numbers.masses.separation_kg - 1.0,
        "specific_impulse_s": end_kg * np.log(start_kg / end_kg) / engine.specific_impulse_s,
    }


def _flown(compiled_flight, plan, name, amount):
    summary, _ = compiled_flight(changed(plan, **{name: jnp.asarray(amount)}), run_key(0, 0))
    return jax.tree.map(np.asarray, summary)


def test_a_length_has_no_slope_at_zero_and_its_own_elsewhere():
    slope = jax.jacfwd(length)
    np.testing.assert_array_equal(slope(jnp.zeros(3)), np.zeros(3))
    np.testing.assert_allclose(slope(jnp.array([3.0, 0.0, 4.0])), [0.6, 0.0, 0.8])


def test_a_root_has_no_slope_at_zero_and_its_own_elsewhere():
    assert float(jax.grad(root)(0.0)) == 0.0
    assert float(jax.grad(root)(16.0)) == 0.125


def test_a_quantised_reading_follows_what_it_measures():
    value, slope = jax.jvp(lambda x: to_quantum(x, 0.5), (1.3,), (2.0,))
    assert (float(value), float(slope)) == (1.5, 2.0)
