"""A campaign as its figures read it: the document, one row a flight, what goes beside them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

MARGIN = "margin_"


@dataclass(frozen=True)
class Flights:
    """A campaign ready to draw: `campaign.json`, its rows, and `extras` (see `campaign_html`)."""

    document: Mapping
    table: pa.Table
    extras: Mapping

    def __getitem__(self, name: str) -> np.ndarray:
        return column(self.table, name)


def column(table: pa.Table, name: str) -> np.ndarray:
    """A column as float64; null, and a column that is not there, are not-a-number."""
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    values = table[name].cast(pa.float64(), safe=False)
    return values.to_numpy().astype(float)


def has(flights: Flights, *names: str) -> bool:
    """Whether every one of these columns says something for some flight."""
    return all(np.isfinite(flights[name]).any() for name in names)


def varies(values: np.ndarray) -> bool:
    """Whether values have a distribution worth drawing: more than two that differ."""
    return np.unique(values[np.isfinite(values)]).size > 2


def clean_of(table: pa.Table) -> np.ndarray:
    """Which flights were clean, as a bool each."""
    return np.asarray(table["clean"].to_pylist(), dtype=bool)


def criteria_of(flights: Flights) -> list[str]:
    """The criteria that were judged, in the order of the rows' columns."""
    return [
        name.removeprefix(MARGIN) for name in flights.table.column_names if name.startswith(MARGIN)
    ]


def limit_of(flights: Flights, name: str) -> float | None:
    """The limit of a criterion, None where the campaign has no such limit."""
    return flights.extras.get("limits", {}).get(name)
