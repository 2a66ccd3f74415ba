"""Knows what E-guidance costs on the published lunar polar descent, as worked independently.

The case is the Apollo-class one of Lu's papers: powered descent from 15.24 km at 71.6 deg S to the
pole. The figures beside ours were worked with another program; 761.65 s is the time to go that the
public code of Lu's fractional-polynomial law quotes as its optimum, and the least of our integral
of the squared acceleration must fall there.
"""

import jax
import jax.numpy as jnp
import numpy as np

from perilune.mechanics.constants import MOON_GM_M3_S2, MOON_RADIUS_M
from perilune.mechanics.rocket import exhaust_speed_m_s, mass_after_kg
from perilune.onboard.guidance.polynomial import e_guidance
from validation.comparison import Comparison

GRAVITY_M_S2 = jnp.array([0.0, 0.0, -1.62422])
ARC_RAD = np.deg2rad(90.0 - 71.6)
START_M = (MOON_RADIUS_M + 15_240.0) * jnp.array([np.sin(ARC_RAD), 0.0, np.cos(ARC_RAD)])
START_M = START_M - jnp.array([0.0, 0.0, MOON_RADIUS_M])
START_M_S = 1_698.3 * jnp.array([-np.cos(ARC_RAD), 0.0, np.sin(ARC_RAD)])
END_M_S = jnp.array([0.0, 0.0, -1.0])
MASS_KG, EXHAUST_M_S = 15_103.0, exhaust_speed_m_s(311.0)
TABLE = {600.0: 6505.5, 650.0: 6610.5, 700.0: 6739.1, 761.65: 6923.9, 800.0: 7050.2}
SPEED_TABLE = {600.0: 1718.34, 650.0: 1755.85, 700.0: 1802.39, 761.65: 1870.51, 800.0: 1917.98}
CLOSED_LOOP = {560.0: 6721.0, 600.0: 6794.0, 640.0: 6884.0}
BEST_TIME_S = 761.65
BY_HAND = "worked independently, case of Lu 2020 (FP2DG)"


def compare():
    """Fuel and speed at fixed times to 0.1 %, the best time to 0.1 %, closed loop to 0.1 %."""
    fuel = [_percent("fuel", t, fuel_kg(float(open_loop(t)[0])), kg) for t, kg in TABLE.items()]
    speed = [_percent("delta-v", t, float(open_loop(t)[0]), v) for t, v in SPEED_TABLE.items()]
    best = _percent("least squared acceleration at", BEST_TIME_S, best_time_s(), BEST_TIME_S)
    flown = [
        _percent("closed loop, fuel", t, fuel_kg(float(closed_loop(t)[0])), kg)
        for t, kg in CLOSED_LOOP.items()
    ]
    return [*fuel, *speed, best, *flown]


def _percent(what, time_s, ours, theirs):
    apart = 100.0 * abs(ours / theirs - 1.0)
    return Comparison(
        f"E-guidance, {what}, {time_s:g} s", apart, 0.1, "%", BY_HAND, ours=ours, theirs=theirs
    )


def fuel_kg(speed_change_m_s):
    """Propellant by the rocket equation."""
    return MASS_KG - mass_after_kg(MASS_KG, speed_change_m_s, EXHAUST_M_S, xp=np)


@jax.jit
def open_loop(time_to_go_s):
    """Velocity change (m/s) and integral of the squared thrust acceleration (m2/s3).

    The profile of the first moment flown to its end over a flat Moon: linear in time between the
    law's value at the start and what it asks once half the time is gone.
    """
    first = e_guidance(-START_M, START_M_S, END_M_S, time_to_go_s)
    half_s = 0.5 * time_to_go_s
    jerk = _jerk(first, time_to_go_s)
    times_s = jnp.linspace(0.0, time_to_go_s, 2001)
    thrust_m_s2 = first + jerk * times_s[:, None] - GRAVITY_M_S2
    size_m_s2 = jnp.linalg.norm(thrust_m_s2, axis=-1)
    weights = half_s / 3000.0 * jnp.where(jnp.arange(2001) % 2 == 0, 2.0, 4.0)
    weights = weights.at[jnp.array([0, -1])].multiply(0.5)
    return jnp.sum(weights * size_m_s2), jnp.sum(weights * size_m_s2**2)


def _jerk(first_m_s2, time_s):
    """The slope that makes an acceleration, linear in time, meet the final velocity."""
    return 2.0 * ((END_M_S - START_M_S) / time_s - first_m_s2) / time_s


def best_time_s():
    """Where the integral of the squared acceleration is least, by a parabola through three."""
    times_s = BEST_TIME_S + jnp.array([-4.0, 0.0, 4.0])
    left, middle, right = (float(open_loop(time_s)[1]) for time_s in times_s)
    return BEST_TIME_S + 4.0 * 0.5 * (left - right) / (left - 2.0 * middle + right)


@jax.jit
def closed_loop(time_to_go_s):
    """Velocity change (m/s) and miss (m) when flown over a round Moon, the law asked 20,000 times.

    Gravity is inverse-square; the law is given the gravity of the present place.
    """
    steps = 20_000
    step_s = time_to_go_s / steps

    def step(carry, k):
        place_m, speed_m_s, spent_m_s = carry
        pull = _pull_m_s2(place_m)
        left_s = time_to_go_s - k * step_s
        thrust = e_guidance(-place_m, speed_m_s, END_M_S, left_s) - pull
        half_m = place_m + 0.5 * step_s * speed_m_s
        speed_m_s = speed_m_s + step_s * (thrust + _pull_m_s2(half_m))
        place_m = half_m + 0.5 * step_s * speed_m_s
        return (place_m, speed_m_s, spent_m_s + step_s * jnp.linalg.norm(thrust)), None

    start = (START_M, START_M_S, jnp.array(0.0))
    (place_m, _, spent_m_s), _ = jax.lax.scan(step, start, jnp.arange(float(steps - 20)))
    return spent_m_s, jnp.linalg.norm(place_m)


def _pull_m_s2(place_m):
    from_center_m = place_m + jnp.array([0.0, 0.0, MOON_RADIUS_M])
    return -MOON_GM_M3_S2 * from_center_m / jnp.linalg.norm(from_center_m) ** 3
