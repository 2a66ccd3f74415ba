"""The points of a sweep: what `--vary` says, every combination of it, and a point's name."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from perilune.errors import InputError
from perilune.mission.sides import side_of

MOST_POINTS = 1_000
LONGEST_NAME = 120


@dataclass(frozen=True)
class Vary:
    """A path and the values it takes, as they were given."""

    path: str
    values: tuple[str, ...]


def vary_of(text: str) -> Vary:
    """The `Vary` of "lander.engine.max_thrust=3.0 kN,3.2 kN"; InputError where it is none."""
    path, equals, listed = text.partition("=")
    values = tuple(_split(listed))
    if not equals or not path.strip() or not all(values):
        raise InputError(
            "--vary must be PATH=A,B,C such as lander.engine.max_thrust=3.0 kN,3.2 kN, but is "
            f'"{text}".'
        )
    if len(set(values)) < len(values):
        raise InputError(f'--vary names a value twice in "{text}"; give each once.')
    return Vary(path.strip(), values)


def points_of(varied: Sequence[Vary]) -> list[dict[str, str]]:
    """Every combination of the values: a list of {path: value}."""
    paths = [each.path for each in varied]
    if not varied:
        raise InputError("A sweep must vary something; give --vary PATH=A,B,C.")
    if len(set(paths)) < len(paths):
        raise InputError("--vary names a path twice; give all its values in one --vary.")
    grid = itertools.product(*(each.values for each in varied))
    points = [dict(zip(paths, values, strict=True)) for values in grid]
    if len(points) > MOST_POINTS:
        raise InputError(f"A sweep has at most {MOST_POINTS} points, but this is {len(points)}.")
    if len({folder_name(point) for point in points}) < len(points):
        raise InputError("--vary has two values that make the same folder name; spell them apart.")
    return points


def folder_name(values: Mapping[str, str]) -> str:
    """`max_thrust-3.1-kN`, joined by `--` where several vary; what one side has, with its side."""
    parts = [f"{_stem(path)}-{value}" for path, value in values.items()]
    return "--".join(re.sub(r"[^\w.+-]+", "-", part) for part in parts)[:LONGEST_NAME]


def _stem(path: str) -> str:
    side, shared = side_of(path)
    return f"{side}-" * bool(side) + shared.rpartition(".")[2]


def named(values: Mapping[str, str]) -> str:
    """`lander.engine.max_thrust = 3.1 kN, …`."""
    return ", ".join(f"{path} = {value}" for path, value in values.items())


def _split(listed: str) -> Iterator[str]:
    """Values separated by commas, not counting commas inside brackets or quotes."""
    depth, quote, value = 0, "", ""
    for letter in listed:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        depth += (letter in "[{") - (letter in "]}") if not quote else 0
        if letter == "," and depth == 0 and not quote:
            yield value.strip()
            value = ""
        else:
            value += letter
    yield value.strip()
