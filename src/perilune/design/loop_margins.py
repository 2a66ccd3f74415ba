"""Gain and phase margins of the control loops as they fly: sampled, held, with their lags.

Each loop is the believed vehicle, linear about upright flight, and the flight software's own law,
at ticks: discretised exactly under a held command (Franklin, Powell and Workman, *Digital Control
of Dynamic Systems*, 3rd ed., 4.3) and opened at one place; its response is swept up to half the
sampling rate. Navigation adds no lag: the estimate at a tick holds all up to that tick.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex, Float
from scipy.linalg import expm

from perilune.design.linear_slosh import LinearSlosh, accelerations

FREQUENCY_COUNT = 1_000
LOWEST_RAD_S = 1e-3
NO_LAG_S = 1e-6

SPEED, ANGLE, RATE, TURN, LAST_ANGLE, MODEL, FELT, LEAN = range(1, 9)
"""Places in the state of the two loops about a level axis, after that of position.

The last three are the flight software's own, as `onboard.navigation.disturbance` keeps them: the
turn that its orders should make by now, the one that nothing ordered, and the lean of the thrust.
"""
STATE_COUNT = 9
"""But for liquid that sways."""


@dataclass(frozen=True, kw_only=True)
class SampledLoop:
    """x' = A x + B u at ticks, u = -C x: the loop opened at the order u."""

    a: Float[np.ndarray, "n n"]
    b: Float[np.ndarray, " n"]
    c: Float[np.ndarray, " n"]
    tick_s: float


@dataclass(frozen=True, kw_only=True)
class Margins:
    """How far a loop is from swinging; infinite where nothing more or less would make it swing."""

    stable: bool
    gain_margin_db: float  # how much more gain
    gain_reduction_db: float  # how much less gain; infinite where no reduction makes it swing
    phase_margin_deg: float
    crossover_rad_s: float  # where the phase margin is; not-a-number where the gain is never 1


def response(
    loop: SampledLoop, frequency_rad_s: Float[np.ndarray, " w"]
) -> Complex[np.ndarray, " w"]:
    """L(exp(j w T)) = C (z - A)^-1 B."""
    z = np.exp(1j * frequency_rad_s * loop.tick_s)
    eye = np.eye(len(loop.a))
    inputs = np.broadcast_to(loop.b[:, None], (len(z), len(loop.b), 1))
    return np.sum(
        np.linalg.solve(z[:, None, None] * eye - loop.a, inputs)[..., 0] * loop.c, axis=-1
    )


def margins(loop: SampledLoop) -> Margins:
    """Of the closed loop: stability by its poles, margins by sweeping the open one."""
    poles = np.linalg.eigvals(loop.a - np.outer(loop.b, loop.c))
    nyquist_rad_s = np.pi / loop.tick_s
    frequency_rad_s = np.geomspace(LOWEST_RAD_S, nyquist_rad_s, FREQUENCY_COUNT)
    open_loop = response(loop, frequency_rad_s)
    crossing = _at_changes(open_loop.imag, open_loop.real)
    gains_db = -20.0 * np.log10(-crossing[crossing < 0.0])
    size = np.log(np.abs(open_loop))
    away_deg = _at_changes(size, np.abs(np.degrees(np.angle(-open_loop))))
    where_rad_s = _at_changes(size, frequency_rad_s)
    worst = int(np.argmin(away_deg)) if len(away_deg) else None
    return Margins(
        stable=bool(np.max(np.abs(poles)) < 1.0 + 1e-9),
        gain_margin_db=float(np.min(gains_db[gains_db >= 0.0], initial=np.inf)),
        gain_reduction_db=float(np.min(-gains_db[gains_db < 0.0], initial=np.inf)),
        phase_margin_deg=180.0 if worst is None else float(away_deg[worst]),
        crossover_rad_s=np.nan if worst is None else float(where_rad_s[worst]),
    )


def _at_changes(
    of: Float[np.ndarray, " n"], value: Float[np.ndarray, " n"]
) -> Float[np.ndarray, " m"]:
    """`value` where `of` changes sign, linear between the points of the sweep."""
    at = np.flatnonzero(np.sign(of[:-1]) * np.sign(of[1:]) < 0.0)
    share = of[at] / (of[at] - of[at + 1])
    return value[at] + share * (value[at + 1] - value[at])


def sampled(
    a: Float[np.ndarray, "n n"], b: Float[np.ndarray, " n"], tick_s: float
) -> tuple[Float[np.ndarray, "n n"], Float[np.ndarray, " n"]]:
    """(A, B) of a tick of x' = a x + b u with u held through it."""
    size = len(b)
    both = np.zeros((size + 1, size + 1))
    both[:size, :size], both[:size, size] = a, b
    moved = expm(tick_s * both)
    return moved[:size, :size], moved[:size, size]


@dataclass(frozen=True, kw_only=True)
class Attitude:
    """The attitude loop about one axis, for each unit of inertia."""

    frequency_rad_s: float
    damping_factor: float
    lag_s: float  # of what turns
    side_frequency_rad_s: float  # of `control_rule.Actuation`; infinite for no side force
    tick_s: float
    filter_s: float = math.inf  # of what is felt of thrust and torque; infinite: nothing is felt
    slosh: LinearSlosh | None = None


@dataclass(frozen=True, kw_only=True)
class Drift:
    """The loop around it that holds horizontal speed and position."""

    drift_gain_per_s: float
    position_gain_per_s: float


def attitude_loop(attitude: Attitude, drift: Drift | None = None) -> SampledLoop:
    """Opened at the turn that is ordered, with the loop around it closed if there is one."""
    vehicle, law = _lateral(attitude), _law(attitude, drift)
    a = vehicle.a - np.outer(vehicle.g, law)
    return SampledLoop(a=a, b=vehicle.b, c=law, tick_s=attitude.tick_s)


def drift_loop(attitude: Attitude, drift: Drift) -> SampledLoop:
    """Opened at the tilt that is wanted; the attitude loop inside it is closed."""
    vehicle = _lateral(attitude)
    ordered = vehicle.b + vehicle.g
    return SampledLoop(
        a=vehicle.a - np.outer(ordered, _law(attitude, None)),
        b=attitude.frequency_rad_s**2 * ordered,
        c=_tilt_wanted(drift, len(vehicle.b)),
        tick_s=attitude.tick_s,
    )


@dataclass(frozen=True, kw_only=True)
class _Lateral:
    """x' = A x + B u + G v: what actuators receive is u, what the flight software orders is v.

    They are the same but where the loop is open between them.
    """

    a: Float[np.ndarray, "n n"]
    b: Float[np.ndarray, " n"]
    g: Float[np.ndarray, " n"]


def _lateral(attitude: Attitude) -> _Lateral:
    """Position and speed over thrust acceleration, angle, rate, turn (rad/s2), angle before.

    The rate in use is the mean over the last tick, as gyro increments give it. Side force: speed
    changes by the angle less the turn over the square of its frequency. What sways comes last:
    displacements, then speeds.
    """
    slosh = attitude.slosh
    count = 0 if slosh is None else slosh.count
    size = _state_count(attitude)
    felt, turned, swayed = accelerations(slosh, -(attitude.side_frequency_rad_s**-2))
    own = np.arange(STATE_COUNT, size)
    moves = np.array([TURN, *own])
    a, b = np.zeros((size, size)), np.zeros(size)
    a[0, SPEED] = a[SPEED, ANGLE] = a[ANGLE, RATE] = 1.0
    a[SPEED, moves] += felt
    a[RATE, moves] = turned
    a[own[:count], own[count:]] = 1.0
    a[np.ix_(own[count:], moves)] = swayed
    lag_s = max(attitude.lag_s, NO_LAG_S)
    a[TURN, TURN], b[TURN] = -1.0 / lag_s, 1.0 / lag_s
    physical = np.array([*range(5), *own])
    of_tick, per_order = sampled(a[np.ix_(physical, physical)], b[physical], attitude.tick_s)
    vehicle = _Lateral(a=np.zeros((size, size)), b=np.zeros(size), g=np.zeros(size))
    vehicle.a[np.ix_(physical, physical)] = of_tick
    vehicle.b[physical] = per_order
    vehicle.a[LAST_ANGLE, ANGLE] = 1.0
    side = np.zeros(size)
    side[moves] = felt
    _add_observer(vehicle, attitude, lag_s, side)
    return vehicle


def _state_count(attitude: Attitude) -> int:
    return STATE_COUNT + 2 * (0 if attitude.slosh is None else attitude.slosh.count)


def _add_observer(
    vehicle: _Lateral, attitude: Attitude, lag_s: float, side: Float[np.ndarray, " n"]
) -> None:
    """What is felt beside the orders: turn by the change of the mean rate, lean by the side force.

    It compares what the next tick shows of the vehicle with what the orders should make of it.
    """
    tick_s, a, b, own = attitude.tick_s, vehicle.a, vehicle.b, vehicle.g
    left = math.exp(-tick_s / lag_s)
    of_model = (1.0 - left) * lag_s / tick_s
    share = -math.expm1(-tick_s / attitude.filter_s)
    a[MODEL, MODEL], own[MODEL] = left, 1.0 - left
    a[FELT] = share * a[ANGLE] / tick_s**2
    a[FELT, [ANGLE, LAST_ANGLE]] += share * np.array([-2.0, 1.0]) / tick_s**2
    a[FELT, MODEL] -= share * of_model
    a[FELT, FELT] = 1.0 - share
    b[FELT], own[FELT] = share * b[ANGLE] / tick_s**2, -share * (1.0 - of_model)
    a[LEAN] = 0.5 * share * (side @ a + side)
    a[LEAN, LEAN], b[LEAN] = 1.0 - share, 0.5 * share * (side @ b)


def _law(attitude: Attitude, drift: Drift | None) -> Float[np.ndarray, " n"]:
    """Turn ordered = -law . state: w^2 (angle - wanted + lean) + 2 z w rate + the turn felt."""
    law = np.zeros(_state_count(attitude))
    per_rate = 2.0 * attitude.damping_factor * attitude.frequency_rad_s / attitude.tick_s
    law[ANGLE] = attitude.frequency_rad_s**2 + per_rate
    law[LAST_ANGLE] = -per_rate
    law[FELT], law[LEAN] = 1.0, attitude.frequency_rad_s**2
    if drift is not None:
        law += attitude.frequency_rad_s**2 * _tilt_wanted(drift, len(law))
    return law


def _tilt_wanted(drift: Drift, size: int) -> Float[np.ndarray, " n"]:
    """Tilt wanted = -wanted . state: k (speed + p position), over thrust acceleration."""
    wanted = np.zeros(size)
    wanted[SPEED] = drift.drift_gain_per_s
    wanted[0] = drift.drift_gain_per_s * drift.position_gain_per_s
    return wanted


def sink_loop(
    sink_gain_per_s: float, slowing_per_s: float, lag_s: float, tick_s: float
) -> SampledLoop:
    """Rate of descent by thrust, opened at the acceleration ordered, slowing by height closed."""
    lag_s = max(lag_s, NO_LAG_S)
    a = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, -1.0 / lag_s]])
    of_tick, per_order = sampled(a, np.array([0.0, 0.0, 1.0 / lag_s]), tick_s)
    law = sink_gain_per_s * np.array([slowing_per_s, 1.0, 0.0])
    return SampledLoop(a=of_tick, b=per_order, c=law, tick_s=tick_s)
