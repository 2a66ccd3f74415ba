"""The programs under the stopwatch: one flight with samples, and a chunk of drawn flights."""

from perilune.design.plan import design
from perilune.flight import draw, fly
from perilune.mechanics.randomness import run_key
from perilune.mission import load_mission

SEED = 0


def plan_of(mission):
    """The flight plan of a mission of the catalog."""
    return design(load_mission(mission)).plan


def drawn_flight(plan, run):
    """Run number `run` of the campaign, everything drawn: its `FlightSummary`."""
    key = run_key(SEED, run)
    return fly(draw(plan, key), key)


def chunk_program():
    """Jitted: a plan and run numbers (n,) to n flights' summaries."""
    import jax

    return jax.jit(jax.vmap(drawn_flight, in_axes=(None, 0)))


def telemetry_program():
    """Jitted: a plan and a key to one flight with every sample, as `perilune fly` flies it."""
    import jax

    return jax.jit(lambda plan, key: fly(draw(plan, key), key, sampled=True))
