"""`python -m benchmarks.markdown RECORD`: a record's figures as a table for the page on speed."""

import json
import sys
from pathlib import Path
from typing import Any

from benchmarks.record import TARGETS

HEAD = "| figure | seen | target | |\n|---|---|---|---|"


def page(record: dict[str, Any]) -> str:
    """What a record was measured on, in a line, and a table of its figures."""
    rows = [_row(figure) for figure in record["figures"]]
    return "\n".join([_measured(record), "", HEAD, *rows])


def _measured(record: dict[str, Any]) -> str:
    machine, (native, xla) = record["machine"], record["campaigns"]
    packages = machine["packages"]
    return (
        f"Measured on {machine['date'][:10]}, {machine['cores']} cores {machine['processor']}, "
        f"load {machine['load_before']:.1f} before, Python {machine['python']}, "
        f"jax {packages['jax']}, commit {machine['commit']}: `{record['mission']}`, "
        f"campaigns of {native['runs']:,} runs, native and XLA in turn, flights a second each: "
        f"{_each(native)} and {_each(xla)}."
    )


def _each(campaign: dict[str, Any]) -> str:
    return ", ".join(f"{rate:.1f}" for rate in campaign["flights_per_s_each"])


def _row(figure: dict[str, Any]) -> str:
    seen = f"{figure['value']:.3g} {figure['unit']}".strip()
    if figure["target"] is None:
        return f"| {figure['name']} | {seen} | | |"
    side = {"above": "at least", "below": "at most"}[TARGETS[figure["name"]][2]]
    met = "met" if figure["met"] else "not met"
    return f"| {figure['name']} | {seen} | {side} {figure['target']:g} | {met} |"


if __name__ == "__main__":
    print(page(json.loads(Path(sys.argv[1]).read_text())))
