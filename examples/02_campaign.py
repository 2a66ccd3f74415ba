"""Fly a small campaign of Athena with a noisy altimeter in Python, and query its rows.

    python examples/02_campaign.py [DIR]

A campaign runs in processes of its own, one per core, each with the same compiled program. The
first run compiles for up to half a minute. Run again, it flies what is missing in DIR, or nothing
if the campaign there is complete.
"""

import sys
from pathlib import Path

from perilune import InputError, Order, query, run_campaign


class Watch:
    """Prints the progress of a campaign."""

    def say(self, words):
        """Called when a stage begins."""
        print(f"  {words}")

    def progress(self, standing):
        """Called after each batch."""
        print(f"  {standing.flown} of {standing.most} flown, {standing.clean} clean")


def main(folder="runs/example-campaign"):
    """64 flights, the estimate with its interval, and what went wrong first."""
    if Path(folder, "order.json").is_file():
        print(f"{folder} holds a campaign: only what is missing in it is flown")
    order = Order("athena", faults=("altimeter-noisy",), runs=64, out=folder, resume=True)
    try:
        document, folder = run_campaign(order, Watch())
    except InputError as error:  # such as a folder that another version of Perilune began
        sys.exit(str(error))
    low, high = document["interval"]
    print(f"clean: {document['clean']} of {document['runs']}")
    print(f"P(clean), of this model and these dispersions: {low:.3f} to {high:.3f}")
    causes = "select first_cause, count(*) as count from runs group by all order by 2 desc"
    for row in query(folder, causes).to_pylist():
        print(f"  {row['first_cause'] or 'clean'}: {row['count']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
