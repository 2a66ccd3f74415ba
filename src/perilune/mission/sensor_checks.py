"""Limits of a sensor's data sheet that must be in order."""

from collections.abc import Iterator

from perilune.mission.lander import Lander


def ends_of_sensors(lander: Lander) -> Iterator[tuple[str, str]]:
    """Every pair of a sensor's `min_…` and `max_…`."""
    for label, spec in lander.sensors.items():
        fields = type(spec).model_fields
        for low in fields:
            high = low.replace("min_", "max_", 1)
            if low.startswith("min_") and high in fields:
                yield f"lander.{label}.{low}", f"lander.{label}.{high}"
