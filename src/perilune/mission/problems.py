"""Everything wrong with a mission that its numbers show: of truth, of belief, of both alike."""

from perilune.mission.consistency_checks import contradictions
from perilune.mission.dispersions import mistakes
from perilune.mission.mission import Mission
from perilune.mission.sides import BELIEF, NAMED_PATH, SIDES, TRUTH


def problems(mission: Mission) -> list[str]:
    """A sentence for each mistake; what is set apart is named with its side."""
    believed, true = mission.as_believed, mission.in_truth
    found = {BELIEF: _of(believed)}
    if true is not believed:
        found[TRUTH] = _of(true)
    of_both = set.intersection(*map(set, found.values()))
    return list(
        dict.fromkeys(
            each if each in of_both else as_of(mission, side, each)
            for side, sentences in found.items()
            for each in sentences
        )
    )


def _of(mission: Mission) -> list[str]:
    return [*contradictions(mission), *mistakes(mission)]


def as_of(mission: Mission, side: str, sentence: str) -> str:
    """A sentence about one side of a mission, with the paths that are set apart there named so."""
    own = mission.apart(side)
    if not own:
        return sentence
    named = NAMED_PATH.sub(lambda m: f"`{side}.{m[1]}`" if m[1] in own else m[0], sentence)
    if named != sentence or any(f"`{each}." in sentence for each in SIDES):
        return named
    return f"{sentence} (In {side}: {', '.join(f'`{side}.{path}`' for path in own)}.)"
