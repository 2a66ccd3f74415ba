"""Derivatives of the propellant left beside differences over larger changes, as JSON.

For docs/figures.toml: python tools/derivatives.py athena
"""

import dataclasses
import json
import sys

import jax
import jax.numpy as jnp

from perilune import load_mission
from perilune.design import nominal, plan
from perilune.flight import draw, fly
from perilune.flight.compile_cache import COMPILER_OPTIONS, use_cache
from perilune.mechanics.randomness import run_key

CHANGES = {"dry_mass": 10.0, "specific_impulse": 0.01, "max_thrust": 0.01}
"""How far the differences go to each side: kg, and shares of the engine's own values."""


def changed(flight_plan, dry_kg=0.0, specific_impulse_s=0.0, max_thrust_n=0.0):
    """A plan whose true lander is heavier at the same load, and its engine better and stronger."""
    numbers = jax.tree.map(lambda leaf: leaf, flight_plan.numbers)
    lander = numbers.lander
    lander.mass.dry_kg = lander.mass.dry_kg + dry_kg
    numbers.masses.separation_kg = numbers.masses.separation_kg + dry_kg
    lander.engine.specific_impulse_s = lander.engine.specific_impulse_s + specific_impulse_s
    lander.engine.max_thrust_n = lander.engine.max_thrust_n + max_thrust_n
    return dataclasses.replace(flight_plan, numbers=numbers)


def propellant_left_kg(flight_plan, change):
    """Of the flight with every draw off, its lander changed by three numbers; see `CHANGES`."""
    key, engine = run_key(0, 0), flight_plan.numbers.lander.engine
    dry_kg, impulse_fraction, thrust_fraction = change
    lander = changed(
        flight_plan,
        dry_kg,
        impulse_fraction * engine.specific_impulse_s,
        thrust_fraction * engine.max_thrust_n,
    )
    return fly(draw(lander, key), key).propellant_kg


def slope_kg(flight_plan, direction):
    """Its derivative in a direction, at the schedule of the unchanged flight."""

    def flown(change):
        return propellant_left_kg(flight_plan, change)

    return jax.jvp(flown, (jnp.zeros(len(CHANGES)),), (direction,))[1]


def main(mission="athena"):
    """Print both, in kg for each kg or for the whole of the engine's own value."""
    use_cache(lambda words: print(words, file=sys.stderr))
    flight_plan = nominal(plan(load_mission(mission)))
    flown = jax.jit(propellant_left_kg, compiler_options=COMPILER_OPTIONS)
    slope = jax.jit(slope_kg, compiler_options=COMPILER_OPTIONS)
    found = {}
    for direction, (name, far) in zip(jnp.eye(len(CHANGES)), CHANGES.items(), strict=True):
        low, high = (float(flown(flight_plan, way * far * direction)) for way in (-1, 1))
        found[f"{name}_derivative_kg"] = float(slope(flight_plan, direction))
        found[f"{name}_difference_kg"] = (high - low) / (2.0 * far)
    print(json.dumps({"mission": mission, **found}, indent=2))


if __name__ == "__main__":
    main(*sys.argv[1:])
