"""Which setting a refusal comes from where it is about another value, and how far it may go."""

from collections.abc import Callable, Iterable, Sequence
from math import sqrt

from perilune.interfaces.quantities import at_least, at_most, in_words
from perilune.mission.mission import Mission
from perilune.mission.number_at import with_number
from perilune.mission.parameters import leaves_of
from perilune.mission.settings import parse
from perilune.mission.sides import TRUTH, side_of

HALVINGS = 30
CLOSE_ENOUGH = 1e-4
"""How closely a bound is found, as a share of it."""

Problems = Callable[[Mission], list[str]]
Read = Callable[[Sequence[str]], tuple[Mission | None, list[str]]]


def blamed(
    mission: Mission, found: list[str], settings: Sequence[str], read: Read, problems: Problems
) -> list[str]:
    """The sentences, with the setting that brought one about where it is about another value.

    `read(settings)` reads the mission with other settings, as (mission or None, sentences);
    `problems(mission)` finds the sentences of a mission.
    """
    paths = [parse(each)[0] for each in settings]
    others = [each for each in found if not _is_about_one(each, paths)]
    causes: dict[str, list[str]] = {each: [] for each in others}
    for index, path in enumerate(paths if others else []):
        other, left = read([*settings[:index], *settings[index + 1 :]])
        if other is None:
            continue
        heads = {_head(each) for each in left}
        mended = [each for each in others if _head(each) not in heads]
        bound = _bound(path, other, mission, problems) if mended and not left else ""
        for each in mended:
            causes[each].append(f"`{path}` being set to {_words(settings[index])}{bound}")
    return [_with_cause(each, causes.get(each, [])) for each in found]


def _is_about_one(sentence: str, paths: Iterable[str]) -> bool:
    return sentence.startswith("--set") or any(f"`{path}`" in _head(sentence) for path in paths)


def _head(sentence: str) -> str:
    """A sentence up to the value that it is about, which stays where its numbers change."""
    return "`".join([*sentence.split("`")[:2], ""])


def _words(setting: str) -> str:
    return setting.partition("=")[2].strip()


def _with_cause(sentence: str, causes: Sequence[str]) -> str:
    return f"{sentence} This comes from {' and '.join(causes)}." if causes else sentence


def _bound(path: str, good: Mission, bad: Mission, problems: Problems) -> str:
    """How far a number may go from its good value towards its bad one, in words; by halving."""
    side, path = side_of(path)
    if side is not None:
        good, bad = ((each.in_truth if side == TRUTH else each.as_believed) for each in (good, bad))
    leaf, wrong = leaves_of(good).get(path), leaves_of(bad).get(path)
    if leaf is None or wrong is None or isinstance(_value_at(good, path), int):
        return ""
    fits, breaks = leaf.value, wrong.value
    for _ in range(HALVINGS):
        if abs(breaks - fits) <= CLOSE_ENOUGH * abs(fits):
            break
        middle = sqrt(fits * breaks) if fits * breaks > 0.0 else 0.5 * (fits + breaks)
        if problems(with_number(good, leaf, middle)):
            breaks = middle
        else:
            fits = middle
    side, inward = ("at most", at_most) if wrong.value > leaf.value else ("at least", at_least)
    number, _, unit = in_words(fits, leaf.unit).partition(" ")
    return f", which may be {side} {inward(float(number))} {unit}".rstrip()


def _value_at(mission: Mission, path: str) -> object:
    value: object = mission.written
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]  # type: ignore[index]
    return value
