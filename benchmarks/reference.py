"""The recorded flight flown again by an integrator that is neither ours nor the peer's."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

Rows = Mapping[str, np.ndarray]
Vector = Float[np.ndarray, "3"]
Pull = Callable[[Any, Any], Any]  # gravity at a time, s, and a place, (3,) m, J2000; in JAX
Rates = Callable[["Tick", float, Float[np.ndarray, "7"]], Any]
POSITION, VELOCITY, PROPELLANT = slice(0, 3), slice(3, 6), 6
RELATIVE, ABSOLUTE = 1e-11, np.repeat([1e-5, 1e-8, 1e-8], [3, 3, 1])  # m, m/s, kg; of each step


class Tick(NamedTuple):
    """What the recording holds of one tick; pairs are of its start and its end."""

    start_s: float
    span_s: float
    wanted_n: float
    thrust_n: float  # at the start
    lag_s: float
    attitude: Float[np.ndarray, "4"]  # at the start, inertial from body
    turn_rad: Vector  # through the tick, body axes
    along_body: Float[np.ndarray, "2 3"]  # of the thrust
    dry_kg: Float[np.ndarray, "2"]  # all but the propellant
    exhaust_m_s: float


def reference_end(plan: Any, rows: Rows) -> dict[str, Any]:
    """Where the recorded orders take the flight, by Dormand and Prince's eighth-order method.

    From the first row to the last: the throttle ordered at each tick, which thrust follows by its
    lag, and attitude and gimbal as recorded, evenly turned between rows. Gravity is evaluated at
    every stage: point mass, harmonics, short waves, Earth and Sun. Left out are the net push of the
    nozzles, as in what the peer is given, and nothing else.
    """
    rates = compiled_rates(_gravity(plan))
    columns = [f"true_{of}_{axis}_{unit}" for of, unit in _STATE for axis in "xyz"]
    state = np.array([rows[name][0] for name in (*columns, "propellant_kg")])
    for tick in ticks(plan, rows):
        state = flown(tick, rates, state)
    return {
        "position_m": state[POSITION].tolist(),
        "velocity_m_s": state[VELOCITY].tolist(),
        "propellant_kg": float(state[PROPELLANT]),
    }


_STATE = (("position", "m"), ("velocity", "m_s"))


def flown(tick: Tick, rates: Rates, state: Float[np.ndarray, "7"]) -> Float[np.ndarray, "7"]:
    """Position, velocity and propellant at the end of a tick."""
    from scipy.integrate import solve_ivp

    ends = (0.0, tick.span_s)
    law = solve_ivp(
        lambda since_s, now: np.asarray(rates(tick, since_s, now)),
        ends,
        state,
        method="DOP853",
        first_step=tick.span_s,
        rtol=RELATIVE,
        atol=ABSOLUTE,
    )
    return law.y[:, -1]


def compiled_rates(pull: Pull) -> Rates:
    """What a tick, seconds since its start and a state make of the state's rate of change, (7,)."""
    import jax
    import jax.numpy as jnp

    from perilune.mechanics.rotation import from_rotation_vector, multiply, rotate

    def between(both, part):
        return (1.0 - part) * both[0] + part * both[1]

    @jax.jit
    def rates(tick, since_s, state):
        part = since_s / tick.span_s
        left = jnp.exp(-since_s / tick.lag_s)
        thrust_n = tick.wanted_n + left * (tick.thrust_n - tick.wanted_n)
        turned = multiply(tick.attitude, from_rotation_vector(part * tick.turn_rad))
        along = rotate(turned, between(tick.along_body, part))
        mass_kg = between(tick.dry_kg, part) + state[PROPELLANT]
        gained = pull(tick.start_s + since_s, state[POSITION]) + along * thrust_n / mass_kg
        return jnp.concatenate([state[VELOCITY], gained, -thrust_n[None] / tick.exhaust_m_s])

    return rates


def ticks(plan: Any, rows: Rows) -> Iterator[Tick]:
    """The recording's ticks in order."""
    from benchmarks.recorded import attitude, leaning, ordered_n, turn_rad
    from perilune.mechanics.rocket import exhaust_speed_m_s

    engine, time_s, thrust_n = plan.vehicle.engines, rows["time_s"], rows["thrust_n"]
    wanted_n, along = ordered_n(engine, rows["throttle"]), leaning(engine, rows, slice(None))
    turned, dry_kg = attitude(rows, slice(None)), rows["cold_gas_kg"] + plan.vehicle.mass.dry_kg
    for at in range(len(time_s) - 1):
        falls = wanted_n[at + 1] < thrust_n[at]
        yield Tick(
            start_s=time_s[at],
            span_s=time_s[at + 1] - time_s[at],
            wanted_n=wanted_n[at + 1],
            thrust_n=thrust_n[at],
            lag_s=float((engine.lag_down_s if falls else engine.lag_s)[0]),
            attitude=turned[at],
            turn_rad=turn_rad(turned[at], turned[at + 1]),
            along_body=along[at : at + 2],
            dry_kg=dry_kg[at : at + 2],
            exhaust_m_s=exhaust_speed_m_s(float(engine.specific_impulse_s[0])),
        )


def _gravity(plan: Any) -> Pull:
    from perilune.truth.environment.gravitation import acceleration_m_s2

    world = plan.world
    return lambda time_s, place_m: acceleration_m_s2(
        world.gravity, world.sky, time_s, place_m, world.track_gravity
    )
