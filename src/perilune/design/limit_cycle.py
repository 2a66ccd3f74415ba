"""How a lander swings in a coast: the limit cycle of its nozzles, and what gas that takes.

In a coast the attitude loop asks at each tick of T seconds for the change of rate
k (c error + rate error), k = 2 damping frequency T, c = frequency / (2 damping), and a nozzle fires
only if its share lasts its shortest pulse. About an axis alone, undisturbed, the lander drifts at
an even rate from one side to the other and is thrown back there at the same rate: a pulse of
angular impulse J turns the rate of J / (2 I) round (Wertz 1978, section 19; Sidi 1997, chapter 9).
The side is where the loop asks for that pulse, J / I = k (c amplitude + J / (2 I)), or the
deadband of the coast if that is wider; the period is four times the amplitude over the rate.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from perilune.design.nozzles_in_use import tables_of
from perilune.design.plan import Design
from perilune.interfaces.clock import CLOCK_S, COAST_TICK_COUNT
from perilune.mission import Mission
from perilune.onboard.control.allocate import vehicle_now
from perilune.onboard.control.attitude import FREQUENCY_TIMES_TICK, attitude_frequency_rad_s
from perilune.onboard.control.pilot import CALM_RATE_RAD_S
from perilune.onboard.phases.in_use import vehicle_of
from perilune.truth.actuators.nozzles import Nozzles

COAST_TICK_S = CLOCK_S * COAST_TICK_COUNT
SECONDS_PER_HOUR = 3_600.0
ALIKE = 1e-6
"""Within which nozzles count as firing at the same time."""


@dataclass(frozen=True, kw_only=True)
class Loop:
    """The attitude loop of a coast as its limit cycle needs it."""

    frequency_rad_s: float
    damping_factor: float
    deadband_rad: float
    tick_s: float

    @property
    def gain(self) -> float:
        """Of the change of rate in a tick over the error of the rate."""
        return 2.0 * self.damping_factor * self.frequency_rad_s * self.tick_s

    @property
    def slew_per_s(self) -> float:
        """Rate asked for over the error of the attitude."""
        return 0.5 * self.frequency_rad_s / self.damping_factor


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """The shortest that turns the lander about one axis alone."""

    asked_rad_s: float  # change of rate that must be asked for, so that nozzles fire
    made_rad_s: float  # and what it then is
    gas_kg: float


@dataclass(frozen=True, kw_only=True)
class LimitCycle:
    """About one axis, by itself."""

    axis: str
    amplitude_rad: float
    rate_rad_s: float
    period_s: float
    gas_kg_s: float
    by_deadband: bool  # else the shortest pulse is what makes it so wide


def limit_cycle(axis: str, loop: Loop, pulse: Pulse) -> LimitCycle:
    """The steady swing of a loop with these pulses."""
    gain, slew_per_s = loop.gain, loop.slew_per_s
    rate_rad_s = 0.5 * pulse.made_rad_s
    amplitude_rad = (pulse.asked_rad_s / gain - rate_rad_s) / slew_per_s
    gas_kg = pulse.gas_kg
    by_deadband = amplitude_rad < loop.deadband_rad and rate_rad_s < CALM_RATE_RAD_S
    if by_deadband:  # longer pulses: 2 rate = gain (slew deadband + rate)
        amplitude_rad = loop.deadband_rad
        longer_rad_s = gain * slew_per_s * amplitude_rad / (2.0 - gain)
        gas_kg *= longer_rad_s / rate_rad_s
        rate_rad_s = longer_rad_s
    period_s = 4.0 * amplitude_rad / rate_rad_s
    return LimitCycle(
        axis=axis,
        amplitude_rad=amplitude_rad,
        rate_rad_s=rate_rad_s,
        period_s=period_s,
        gas_kg_s=2.0 * gas_kg / period_s,
        by_deadband=by_deadband,
    )


def limit_cycles(mission: Mission, designed: Design) -> tuple[LimitCycle, ...]:
    """About x, y and z in the long ticks before ignition; none where the mission has no coast."""
    coasting = next((phase for phase in mission.descent.phases if phase.pace == "long"), None)
    if coasting is None:
        return ()
    upload, nozzles = designed.plan.upload, designed.plan.vehicle.nozzles
    now = vehicle_now(upload.vehicle, jnp.asarray(designed.ignition.mass_kg))
    inertia_kg_m2 = np.diag(np.asarray(now.inertia_kg_m2))
    row = mission.descent.phases.index(coasting)
    shares = np.asarray(vehicle_of(upload, jnp.asarray(row)).nozzle_per_axis)
    torque_n_m = tables_of(
        mission.lander, coasting, nozzles, np.asarray(now.center_body_m)
    ).torque_n_m
    frequency = float(attitude_frequency_rad_s(upload.control))
    loop = Loop(
        frequency_rad_s=min(frequency, FREQUENCY_TIMES_TICK / COAST_TICK_S),
        damping_factor=float(upload.control.damping_factor),
        deadband_rad=float(upload.control.coast_deadband_rad),
        tick_s=COAST_TICK_S,
    )
    found = []
    for axis, name in enumerate("xyz"):
        sides = (
            shortest_pulse(nozzles, shares[side], torque_n_m[:, axis], inertia_kg_m2[axis])
            for side in (axis, axis + 3)
        )
        cycles = (limit_cycle(name, loop, each) for each in sides)
        found.append(max(cycles, key=lambda each: each.amplitude_rad))
    return tuple(found)


def coast_s(designed: Design) -> float:
    """From the flight's start, or from the descent-orbit burn, to ignition."""
    transfer = designed.transfer
    burns = math.isfinite(transfer.deorbit_time_s)
    return transfer.ignition_time_s - (transfer.deorbit_time_s if burns else 0.0)


def shortest_pulse(
    nozzles: Nozzles,
    share_per_torque: Float[np.ndarray, " N"],
    torque_n_m: Float[np.ndarray, " N"],
    inertia_kg_m2: float,
) -> Pulse:
    """About an axis, of the nozzles that share a torque about it, as the loop asks for more.

    Those fire first whose share first lasts their shortest pulse: all at once where shares and
    nozzles are alike, as in pairs.
    """
    min_pulse_s, fires = np.asarray(nozzles.min_pulse_s), share_per_torque > 0.0
    asked_n_m_s = np.full(fires.shape, np.inf)
    asked_n_m_s[fires] = min_pulse_s[fires] / share_per_torque[fires]
    least_n_m_s = float(np.min(asked_n_m_s))
    first = asked_n_m_s < (1.0 + ALIKE) * least_n_m_s
    flow_kg_s = np.sum(np.asarray(nozzles.drawn_kg_s), axis=1)
    made_n_m_s = abs(float(np.sum((min_pulse_s * torque_n_m)[first])))
    return Pulse(
        asked_rad_s=least_n_m_s / inertia_kg_m2,
        made_rad_s=made_n_m_s / inertia_kg_m2,
        gas_kg=float(np.sum((min_pulse_s * flow_kg_s)[first])),
    )


def lines_of(cycles: Sequence[LimitCycle], coast_s: float) -> Iterator[str]:
    """What `check` prints of it: a row an axis, and the gas of the coast."""
    if not cycles:
        return
    gas_g = 1e3 * coast_s * sum(each.gas_kg_s for each in cycles)
    yield f"swing in a coast, ticks of {COAST_TICK_S:g} s, each axis by itself:"
    yield f"  {'':<4}{'deg':>9}{'deg/s':>10}{'period s':>10}{'g/h':>8}  as wide as"
    for each in cycles:
        yield (
            f"  {each.axis:<4}{math.degrees(each.amplitude_rad):>9.2f}"
            f"{math.degrees(each.rate_rad_s):>10.4f}{each.period_s:>10.0f}"
            f"{1e3 * SECONDS_PER_HOUR * each.gas_kg_s:>8.2g}  "
            f"{'the deadband' if each.by_deadband else 'the shortest pulse asks for'}"
        )
    yield f"  together {gas_g:.2g} g of gas in the coast of {coast_s:.0f} s, without its turns."
