"""Fly a small campaign of Athena with a noisy altimeter in Python, and ask its rows.

    python examples/02_campaign.py [DIR]

A campaign runs in processes of its own, one a core, each with the same compiled program. The first
compiles for up to half a minute.
"""

import sys

from perilune.campaign.order import Order
from perilune.campaign.run import run_campaign
from perilune.campaigning.query import query


class Watch:
    """Hears how a campaign gets on."""

    def say(self, words):
        """A stage begins."""
        print(f"  {words}")

    def progress(self, standing):
        """A batch is done."""
        print(f"  {standing.flown} of {standing.most} flown, {standing.clean} clean")


def main(folder="runs/example-campaign"):
    """64 flights, the estimate with its interval, and what went wrong first."""
    order = Order("athena", faults=("altimeter-noisy",), runs=64, out=folder)
    document, folder = run_campaign(order, Watch())
    low, high = document["interval"]
    print(f"clean: {document['clean']} of {document['runs']}, P(clean) in [{low:.3f}, {high:.3f}]")
    causes = "select first_cause, count(*) from runs group by all order by 2 desc"
    for cause, count in query(folder, causes).rows:
        print(f"  {cause or 'clean'}: {count}")


if __name__ == "__main__":
    main(*sys.argv[1:])
