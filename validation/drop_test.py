"""Knows what a lander dropped level onto level ground gives back, crushes and carries.

The lander is one of the catalog at its mass of touchdown, upright, engine off, on its own legs, by
the contact law and the step of the flights.
"""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np

from perilune import load_mission
from perilune.design.build_lander import build_vehicle
from perilune.design.numbers import numbers_of, to_arrays
from perilune.interfaces import quiet_command
from perilune.mechanics.mass_properties import mass_properties
from perilune.mechanics.spring_damper import restitution
from perilune.truth.dynamics.contact import Held, contact_tick
from perilune.truth.dynamics.free_flight import surroundings
from perilune.truth.dynamics.state import not_down, untouched
from validation import bodies
from validation.comparison import Comparison

MISSION = "athena"
TOUCHDOWN_KG = 870.0
SPEEDS_M_S = (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
TICK_S, TICK_COUNT = 0.1, 40
ABOVE_M = 0.01
REST_M_S = 0.02
GRAVITY_M_S2 = bodies.LUNAR_GRAVITY_M_S2


@dataclasses.dataclass(frozen=True)
class Drop:
    """One drop: down at contact, up at most afterwards, and what a leg did meanwhile."""

    impact_m_s: float
    rebound_m_s: float
    hop_m: float
    crush_m: float
    peak_load_n: float
    settled_s: float

    @property
    def restitution_factor(self) -> float:
        """The share of its speed that it rebounds with."""
        return self.rebound_m_s / self.impact_m_s


def compare() -> list[Comparison]:
    """What legs give back without weight or crush beside the closed form, three damping ratios."""
    return [rebound(factor) for factor in (0.2, 0.6, 1.1)]


def rebound(damping_factor: float) -> Comparison:
    """A level drop at 1 m/s on legs that never crush, without weight: its restitution."""
    vehicle = lander()
    points = vehicle.contact
    legs = points.leg_count
    on_a_leg = jnp.arange(len(points.position_body_m)) < legs
    critical = 2.0 * jnp.sqrt(points.stiffness_n_per_m * TOUCHDOWN_KG / legs)
    points = dataclasses.replace(
        points,
        damping_n_s_per_m=jnp.where(on_a_leg, damping_factor * critical, points.damping_n_s_per_m),
        legs=bodies.simple_legs(legs),
    )
    stiff = dataclasses.replace(vehicle, contact=points)
    ours = dropped(stiff, (1.0,), 0.0)[0].restitution_factor
    theirs = restitution(damping_factor)
    name = f"restitution, damping ratio {damping_factor:g}"
    return Comparison(
        name, abs(ours - theirs), 0.01, "", "closed form, no weight", ours=ours, theirs=theirs
    )


@functools.cache
def drops() -> tuple[Drop, ...]:
    """The lander of the catalog as it is, under its lunar weight."""
    return dropped(lander(), SPEEDS_M_S, GRAVITY_M_S2)


def lander():
    """The vehicle of the mission, nothing drawn."""
    numbers = to_arrays(numbers_of(load_mission(MISSION)))
    return build_vehicle(numbers.lander, numbers.layout, numbers.errors)


def dropped(vehicle, speeds_m_s, gravity_m_s2: float) -> tuple[Drop, ...]:
    """A `Drop` for each speed at contact; the lander starts a centimetre above the ground."""
    pull = jnp.asarray(gravity_m_s2)
    start_m_s = np.sqrt(np.square(speeds_m_s) - 2.0 * gravity_m_s2 * ABOVE_M)
    found = jax.tree.map(np.asarray, _histories(vehicle, pull, jnp.asarray(start_m_s)))
    return tuple(_summed_up(*one) for one in zip(*found, strict=True))


@jax.jit
def _histories(vehicle, gravity_m_s2, speeds_m_s):
    """Speed up, lowest pad's height, crush and load of the worst leg: each (drops, steps)."""
    legs = vehicle.contact.leg_count
    ground = bodies.spread(bodies.plane(), vehicle)
    command = quiet_command(1, len(vehicle.nozzles.thrust_n))
    pull = gravity_m_s2 * jnp.array([0.0, 0.0, -1.0])
    shares = jnp.append(vehicle.engines.draw_fraction[0, :-1], 0.0)
    loads_kg = shares * (TOUCHDOWN_KG - vehicle.mass.dry_kg)
    center_m = mass_properties(vehicle.mass, loads_kg).center_body_m[2]

    def tick(moving, _):
        around = surroundings(vehicle, moving[0], command, jnp.asarray(0.0), pull)
        held = Held(around, ground, command)
        return contact_tick(vehicle, held, moving, jnp.asarray(TICK_S), sampled=True)

    def one(speed_m_s):
        state = dataclasses.replace(
            bodies.at_rest(),
            position_inertial_m=jnp.stack([0.0 * center_m, 0.0 * center_m, center_m + ABOVE_M]),
            velocity_inertial_m_s=-speed_m_s * jnp.array([0.0, 0.0, 1.0]),
            tank_kg=loads_kg,
        )
        moving = (state, untouched(vehicle.contact), not_down(state))
        steps = jax.lax.scan(tick, moving, None, TICK_COUNT)[1]
        steps = jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:]), steps)
        crush_m = steps.touch.legs.stroke_m[:, :, 0, 0]
        height_m = steps.state.position_inertial_m[:, 2] - center_m + jnp.min(crush_m, axis=-1)
        load_n = jnp.max(steps.touch.normal_force_n[:, :legs], axis=-1)
        return steps.state.velocity_inertial_m_s[:, 2], height_m, jnp.max(crush_m, axis=-1), load_n

    return jax.vmap(one)(speeds_m_s)


def _summed_up(rise_m_s, height_m, crush_m, load_n):
    first = int(np.argmax(load_n > 0.0))
    moving = np.flatnonzero(np.abs(rise_m_s) > REST_M_S)
    return Drop(
        float(-rise_m_s[first - 1]),
        float(np.max(rise_m_s)),
        float(max(np.max(height_m[first:]), 0.0)),
        float(crush_m[-1]),
        float(np.max(load_n)),
        float(1e-3 * (moving[-1] - first)),
    )


def table() -> str:
    """The drops as a table in Markdown, as docs/understand/contact.md has it."""
    heads = (
        "down at contact, m/s",
        "up afterwards, m/s",
        "restitution",
        "hop, mm",
        "crush, mm",
        "peak load of a leg, kN",
        "below 2 cm/s after, s",
    )
    rows = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    rows += [
        f"| {one.impact_m_s:.2f} | {one.rebound_m_s:.3f} | {one.restitution_factor:.2f} "
        f"| {1e3 * one.hop_m:.1f} | {1e3 * one.crush_m:.1f} | {one.peak_load_n / 1e3:.2f} "
        f"| {one.settled_s:.2f} |"
        for one in drops()
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    print(table())
