"""Flights a second of a whole campaign, flown as the command line flies one: designed, drawn,
flown by a worker a core, judged, every row kept."""

import os
import resource
from pathlib import Path

from benchmarks.own_process import in_own_process, peak_memory_gb


class Silent:
    """A watch that hears nothing."""

    def say(self, words):
        """Drop it."""

    def progress(self, standing):
        """Drop it."""


def campaign(mission, runs, folder):
    """Fly `runs` runs of `mission` in a campaign kept under `folder`; what it told of itself.

    The rate counts from the moment the first worker holds its compiled program, so compiling is
    out of it and told beside it, while the other workers' loading of it is in; it also counts the
    rows' writing. The last batch flies whole, and only `runs` of its flights count. The program is
    compiled by the campaign itself, with an empty cache under `folder`.
    """
    return in_own_process(_flown, mission, runs, str(folder))


def _flown(mission, runs, folder):
    os.environ["PERILUNE_CACHE"] = str(Path(folder, "programs-of-the-campaign"))
    from perilune.campaign.request import Order
    from perilune.campaign.runner import run_campaign

    order = Order(mission, runs=runs, out=str(Path(folder, "campaign")))
    document, _ = run_campaign(order, Silent())
    return summed_up(document, memory_gb())


def memory_gb():
    """Peak resident size of this process and its dead children, each taken as the largest."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"parent": peak_memory_gb(), "largest_worker": used.ru_maxrss * 1024 / 1e9}


def summed_up(document, memory):
    """The campaign's figures as the record keeps them."""
    timing = document["timing"]
    return {
        "runs": document["runs"],
        "batch_size": document["provenance"]["batch_size"],
        "workers": timing["workers"],
        "flights_per_s": timing["flights_per_s"],
        "compile_s": timing["compile_s"],
        "wall_s": timing["wall_s"],
        "memory_gb": memory["parent"] + timing["workers"] * memory["largest_worker"],
        "clean": document["clean"],
        "outcomes": document["outcomes"],
    }
