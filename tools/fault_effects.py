"""Writes docs/look-up/fault-catalog.md: what each fault of the catalog does, and where it is from.

python -m tools.fault_effects [--fly [NAME ...]]

With --fly, 64 paired flights of `athena` are flown without and with each fault, without measured
maps and over ground that is smooth below the map, all faults or those named;
`python -m tools.fault_sheet` draws one of them.
"""

import json
import sys
from collections import Counter
from pathlib import Path

import perilune
from perilune.campaign.analysis.failure_modes import WORDS
from perilune.mission.listing import Parameter, parameters_of
from perilune.mission.mission_files import find, read
from tools.fault_programs import MISSION, faults, fitting, plan_with, with_fault

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "look-up" / "fault-catalog.md"
EFFECTS = ROOT / "tools" / "fault_effects.json"
ORIGINS = ROOT / "tools" / "fault_origins.json"
SEED = 1


def flown(on: str | None) -> tuple[list[bool], Counter]:
    """Of 64 flights which are clean, and how often each first cause came."""
    mission = with_fault(on)
    _, summary = perilune.fly_batch(plan_with(mission, on), seed=SEED)
    rows = perilune.judge_batch(summary, mission)
    causes = Counter(each for each in rows["first_cause"].to_pylist() if each)
    return rows["clean"].to_pylist(), causes


def fly(names: list[str]) -> dict[str, dict]:
    """Without and with each fault: clean flights, what it cost, and the main cause of loss."""
    healthy, causes = flown(None)
    found = {"": _effect(healthy, healthy, causes)}
    for name in names:
        found[name] = _effect(healthy, *flown(name))
        sys.stdout.write(f"{name}: {found[name]}\n")
        sys.stdout.flush()
    return found


def _effect(healthy: list[bool], clean: list[bool], causes: Counter) -> dict:
    pairs = list(zip(healthy, clean, strict=True))
    cause, count = causes.most_common(1)[0] if causes else ("", 0)
    return {
        "flights": len(clean),
        "clean": sum(clean),
        "lost": sum(before and not after for before, after in pairs),
        "won": sum(after and not before for before, after in pairs),
        "cause": cause,
        "of_cause": count,
    }


def page() -> str:
    """The whole page as text."""
    effects, origins = json.loads(EFFECTS.read_text()), json.loads(ORIGINS.read_text())
    return (
        HEAD.format(**effects[""])
        + "".join(
            _entry(name, origins.get(name, "no one mission; an assumption")) for name in faults()
        )
        + _table(effects)
    )


def _entry(name: str, origin: str) -> str:
    values = read(find("fault", name, Path.cwd(), None)).values
    listed = ", ".join(_parameter(each) for each in parameters_of(values))
    return f"\n### `{name}`\n\n{values['summary']}\n\n- Parameters: {listed}\n- From: {origin}.\n"


def _parameter(each: Parameter) -> str:
    return f"`{each.path}` = {each.value}{' ' * bool(each.unit)}{each.unit}"


def _table(effects: dict[str, dict]) -> str:
    rows = [
        f"| {f'`{name}`' if name else 'none'} | {one['clean']} | {one['lost']} | {one['won']} "
        f"| {_cause(one)} |\n"
        for name, one in effects.items()
    ]
    return TABLE + "".join(rows)


def _cause(one: dict) -> str:
    return f"{WORDS[one['cause']]} ({one['of_cause']})" if one["cause"] else "none"


HEAD = """\
# The catalog of faults

Made by `tools/fault_effects.py` from the files in `catalog/faults/`; do not edit.
`perilune list faults` lists them on the terminal;
`perilune fly athena --fault altimeter-dead` flies one and draws it in its report.
Several may be given; every parameter is set by its path
(`--set faults.altimeter-late.altimeter.delay="2 s"`).
[Faults](../understand/faults.md) says how they act.

[One flight with each](../pictures/faults.svg) is drawn beside the same flight without it.
"""
TABLE = """
## What each does

Clean flights of 64 of `athena` without a fault and with each, with the same draws (seed 1),
over smooth ground; how many flights that were clean without it were lost with it, and how many
the other way round; and the most frequent first cause of loss. Flown on 28 November 2026;
`python -m tools.fault_effects --fly` flies it again.
Faults of what the lander of `athena` has not, such as a radar altimeter, are not among them.

| fault | clean of 64 | lost by it | won by it | main cause of loss |
|---|---|---|---|---|
"""


def main() -> None:
    """Fly if asked, then write the page."""
    if "--fly" in sys.argv[1:]:
        fitted = fitting(MISSION)
        chosen = [name for name in fitted if name in sys.argv[2:]] or fitted
        effects = json.loads(EFFECTS.read_text()) | fly(chosen)
        kept = {name: effects[name] for name in ("", *fitted) if name in effects}
        EFFECTS.write_text(json.dumps(kept, indent=1) + "\n")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
