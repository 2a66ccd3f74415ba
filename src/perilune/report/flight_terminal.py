"""The verdict of one flight as a terminal shows it: a timeline and a table of criteria."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from perilune.mission.show import sourcing_sentence
from perilune.report.sentence import verdict_sentence
from perilune.report.unit_labels import NOTHING, criterion_cells, spelled_out


def verdict_tables(result: Mapping[str, Any]) -> tuple[RenderableType, ...]:
    """Timeline, criteria and the verdict in a sentence, each of which rich can print."""
    tone = "green" if result["clean"] else "red"
    return (
        _timeline(result["events"]),
        _criteria(result["criteria"]),
        Text(verdict_sentence(result), style=f"bold {tone}"),
        Text(sourcing_sentence(result["provenance"]["value_sources"]), style="dim"),
    )


def _timeline(events: Sequence[Mapping[str, Any]]) -> Table:
    table = _table("Event", ("UTC", "left"), ("T+, s", "right"), ("PDI+, s", "right"))
    ignition_s = next((each["time_s"] for each in events if each["name"] == "ignition"), None)
    for each in events:
        table.add_row(
            spelled_out(each["name"]),
            each["utc"].rstrip("Z").replace("T", " "),
            f"{each['time_s']:.1f}",
            NOTHING if ignition_s is None else f"{each['time_s'] - ignition_s:+.1f}",
        )
    return table


def _criteria(criteria: Sequence[Mapping[str, Any]]) -> Table:
    table = _table(
        "Criterion", ("value", "right"), ("limit", "right"), ("margin", "right"), ("", "left")
    )
    for each in criteria:
        met = Text("met", style="green") if each["met"] else Text("not met", style="bold red")
        table.add_row(spelled_out(each["name"]), *criterion_cells(each), met)
    return table


def _table(first: str, *rest: tuple[str, Any]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first)
    for name, justify in rest:
        table.add_column(name, justify=justify)
    return table
