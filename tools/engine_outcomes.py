"""Whether flights end equally often in each outcome by the native engine and by XLA: prints JSON.

python -m tools.engine_outcomes athena[+FAULT…] [RUNS [SEED [FOLDER]]]

Both fly one plan file with one seed. FOLDER keeps the campaigns, whole or in part, for the next
time; docs/understand/native.md has the figures.
"""

import json
import sys
from pathlib import Path

from perilune import Order, run_campaign
from perilune.campaign.run.row_store import PLAN_FILE, read_rows
from validation.equivalence import equivalence

MARGIN = 0.04


def outcomes(order):
    """What each run of a campaign ended in, with whether it was clean: {run: text}."""
    rows = read_rows(run_campaign(order).folder).to_pylist()
    return {row["run"]: row["outcome"] + ", clean" * row["clean"] for row in rows}


def by_both(mission, faults, runs, seed, folder):
    """(by the native engine, by XLA): the outcomes of runs 0, … of a seed."""
    native, xla = folder / "native", folder / "xla"
    flown = {"runs": runs, "seed": seed}
    found = outcomes(
        Order(mission, faults=faults, engine="native", out=str(native), resume=True, **flown)
    )
    plan, resume = native / PLAN_FILE, xla.exists()
    return found, outcomes(Order(plan=plan, engine="xla", out=str(xla), resume=resume, **flown))


def main(flight="athena", runs="2000", seed="0", folder="runs/engines"):
    """Print how often each outcome comes by both engines, and what differs."""
    mission, *faults = flight.split("+")
    place = Path(folder, f"{flight}-seed-{seed}")
    native, xla = by_both(mission, tuple(faults), int(runs), int(seed), place)
    assert list(native) == list(xla) == list(range(int(runs)))
    found = equivalence(list(native.values()), list(xla.values()), MARGIN)
    outcomes = {name: each._asdict() for name, each in found.outcomes.items()}
    print(
        json.dumps(
            {"flight": flight, "seed": int(seed), **found._asdict(), "outcomes": outcomes}, indent=2
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
