"""How closely a flight alone by XLA repeats its row: prints JSON for docs/figures.toml.

python tools/repeatability.py athena [RUNS]
"""

import json
import sys

import jax
import numpy as np

from perilune import load_mission
from perilune.app.sampled_flight import sampled_flight
from perilune.campaign.run.batch import BATCH_SIZE
from perilune.campaign.run.whole_batch import fly_batch
from perilune.design import plan
from perilune.flight.compile_cache import use_cache
from perilune.mechanics.randomness import run_key
from perilune.mission.dispersions import ROW_COUNT

FIGURES = {
    "miss_m": lambda summary: summary.miss_m,
    "propellant_kg": lambda summary: summary.propellant_kg,
    "vertical_speed_m_s": lambda summary: summary.contact.vertical_speed_m_s,
    "horizontal_speed_m_s": lambda summary: summary.contact.horizontal_speed_m_s,
    "contact_tilt_deg": lambda summary: np.degrees(summary.contact.tilt_rad),
    "rest_tilt_deg": lambda summary: np.degrees(summary.rest.tilt_rad),
    "contact_rate_deg_s": lambda summary: np.degrees(summary.contact.body_rate_rad_s),
    "end_time_s": lambda summary: summary.event_time_s[:, -1],
}


def alone(flight_plan, runs):
    """Summaries of runs of the campaign with seed 0, each flown by itself."""
    flown = (sampled_flight("xla")(flight_plan, run_key(0, run))[0] for run in range(runs))
    return _stacked([jax.tree.map(np.asarray, summary) for summary in flown])


def in_batches(flight_plan, runs):
    """Summaries of the same runs, flown in aligned batches as campaigns do."""
    own_streams = np.full((BATCH_SIZE, ROW_COUNT), np.nan)
    firsts = range(0, runs, BATCH_SIZE)
    batches = [fly_batch(flight_plan, 0, first, own_streams, "xla")[1] for first in firsts]
    every = jax.tree.map(lambda *parts: np.concatenate(parts)[:runs], *batches)
    return jax.tree.map(np.asarray, every)


def differences(one, other):
    """Outcomes that differ, and the median and the largest difference of each figure."""
    found = {"outcomes_changed": int(np.sum(one.outcome != other.outcome))}
    for name, figure in FIGURES.items():
        apart = np.abs(figure(one) - figure(other))
        found[f"{name}_median"] = float(np.nanmedian(apart))
        found[f"{name}_largest"] = float(np.nanmax(apart))
    return found


def _stacked(trees):
    return jax.tree.map(lambda *parts: np.stack(parts), *trees)


def main(mission="athena", runs="128"):
    """Print what differs between runs flown alone and in batches."""
    use_cache(lambda words: print(words, file=sys.stderr))
    flight_plan, count = plan(load_mission(mission)), int(runs)
    found = differences(alone(flight_plan, count), in_batches(flight_plan, count))
    print(json.dumps({"mission": mission, "runs": count, **found}, indent=2))


if __name__ == "__main__":
    main(*sys.argv[1:])
