"""Writes docs/look-up/mission-file.md from the models that read mission files.

python tools/mission_file_page.py
"""

import typing
from pathlib import Path

from perilune.interfaces.descent_phase import Phase
from perilune.interfaces.quantities import EXAMPLES, in_words, wanted
from perilune.interfaces.table import NEVER, tables_in, unit_of_field
from perilune.mission.dispersion_entry import DISTRIBUTIONS
from perilune.mission.fault import Fault
from perilune.mission.lander import Lander
from perilune.mission.mission import Mission
from perilune.mission.site import Site

PAGE = Path(__file__).resolve().parents[1] / "docs" / "look-up" / "mission-file.md"
HEAD = """\
# The mission file, key by key

Made by `tools/mission_file_page.py` from the models in `src/perilune/mission/`; do not edit.
How to write one: [Write a mission](../do/write-a-mission.md). The JSON schema for an editor is what
`perilune.mission.mission_json_schema()` returns.

Every file begins with `schema = 1`. Every key without a default must be there, no other may. A
quantity with a dimension is text with its unit, any that pint knows, and ours to write are also
`g0` (9.80665 m/s²), `ug0` and `sqrt()`; one without is a bare number, or text such as `"1 %"`. A
list of quantities is a list of such texts. Angles never come from bare numbers, nor rates of turn
from Hz.

A mission's `[[dispersions]]` may stand in the file of a lander, a site or a fault as well, with the
same keys; how the lists join is described in [Dispersions](../understand/dispersions.md).

A mission may have numbers of truth or of belief alone, in tables such as
`[truth.lander.engine]` and `[belief.lander.altimeter]`:
see [Write a mission](../do/write-a-mission.md#set-truth-and-belief-apart).

## Quantities

| a key for | in SI | for example |
|---|---|---|
"""
PARTS = (
    ("Mission", "catalog/missions/", Mission),
    ("Lander", "catalog/landers/", Lander),
    ("Site", "catalog/sites/", Site),
    ("Fault", "catalog/faults/", Fault),
)
NAMED = {
    "lander": ("a name or a path", "The lander's file; `[overrides.lander]` changes its values."),
    "site": ("a name or a path", "The site's file; `[overrides.site]` changes its values."),
    "faults": ("a list of names or paths; default none", "Faults that every flight has."),
}
DRAWN = {
    "path": "text",
    "paths": "a list of texts",
    "sigma": "a quantity in the path's unit, or the path of a number; or a list of them",
    "sigma_fraction": "a number, or a list of them",
    "sigma_factor": "a number, > 1, ≤ 1000",
    "low": "a quantity in the path's unit",
    "high": "a quantity in the path's unit",
    "values": "a list of quantities in the path's unit",
    "weights": "a list of numbers, > 0",
    "correlation": "a list of lists of numbers",
}
DRAWN_ANEW = "Numbers drawn again for each flight: `distribution` chooses one of these tables."
SYMBOLS = {"Gt": ">", "Ge": "≥", "Lt": "<", "Le": "≤"}


def page():
    """The whole page as text."""
    kinds = "".join(
        f"| {kind} | `{unit}` | `{example}` |\n" for unit, (kind, example) in EXAMPLES.items()
    )
    parts = "".join(
        f"\n## {title}\n\nIn `{folder}`. {_tables(model)}" for title, folder, model in PARTS
    )
    return HEAD + kinds + parts


def _tables(model, heading="", optional=False):
    """The table of a model, then those of the tables inside it."""
    rows, inner = [], []
    for name, field in model.model_fields.items():
        below = _table_in(field.annotation)
        if model is Mission and field.alias in NAMED:
            rows.append(f"| `{field.alias}` | {' | '.join(NAMED[field.alias])} |\n")
        elif name == "dispersions":
            inner.append(f"\n### `[[dispersions]]`\n\n{DRAWN_ANEW}\n")
            inner += [
                _tables(table, f'`[[dispersions]]` with `distribution = "{word}"`')
                for word, table in DISTRIBUTIONS.items()
            ]
        elif below:
            many = typing.get_origin(field.annotation) is tuple
            may_be_none = type(None) in typing.get_args(field.annotation)
            inner.append(_tables(below, _heading(heading, field.alias, many), may_be_none))
        else:
            must_be = DRAWN.get(name) if model in DISTRIBUTIONS.values() else None
            must_be = must_be or _must_be(name, field)
            if model is Phase:
                must_be = must_be.replace(f"default {NEVER}", "default that of `[descent]`")
            rows.append(f"| `{field.alias}` | {must_be} | {one_line(field.description)} |\n")
    above = f"\n### {heading}\n\n" if heading else ""
    head = "\n\n| key | must be | what it is |\n|---|---|---|\n" if rows else "\n"
    may_lack = " May be left out, or set to `none`: then it is not fitted." if optional else ""
    return f"{above}{_says(model)}{may_lack}{head}{''.join(rows)}{''.join(inner)}"


def _heading(above, key, many):
    path = f"{above.strip('`[]')}.{key}".lstrip(".")
    return f"`[[{path}]]`" if many else f"`[{path}]`"


def _says(model):
    return one_line(model.__doc__ or "")


def one_line(text):
    """A text without its line ends: a row of a table is one line."""
    return " ".join(text.split())


def _table_in(annotation):
    return next(tables_in(annotation), None)


def _must_be(name, field):
    unit = unit_of_field(name)
    limits = [_limit(each, unit) for each in _constraints(field)]
    words = [_kind(field.annotation, unit), *filter(None, limits)]
    if not field.is_required():
        words.append(f"default {_default(field.default, unit)}")
    return ", ".join(words)


def _default(value, unit):
    """A default as a file would have it; that of a list is that of each of its entries."""
    if value is None:
        return NEVER
    if value == ():
        return "none"
    first = value[0] if isinstance(value, tuple) else value
    if first == 0.0 and not isinstance(first, bool):
        return "0"
    is_angle = unit and unit.startswith("rad")
    return in_words(first, unit) if is_angle else str(first).lower()


def _constraints(field):
    """Those of the field itself, or of what a list of it holds."""
    inside = [_metadata(each) for each in typing.get_args(field.annotation)]
    return field.metadata or (inside[0] if inside else [])


def _metadata(annotation):
    if hasattr(annotation, "__metadata__"):
        return [m for info in annotation.__metadata__ for m in getattr(info, "metadata", [])]
    return []


def _limit(constraint, unit):
    kind = type(constraint).__name__
    if kind not in SYMBOLS:
        return None
    bound = getattr(constraint, kind.lower())
    return f"{SYMBOLS[kind]} {in_words(bound, unit or '')}"


def _kind(annotation, unit):
    if type(None) in typing.get_args(annotation) and not unit:
        (annotation,) = (each for each in typing.get_args(annotation) if each is not type(None))
    if typing.get_origin(annotation) is typing.Literal:
        return " or ".join(f"`{each}`" for each in typing.get_args(annotation))
    if typing.get_origin(annotation) is tuple:
        arguments = typing.get_args(annotation)
        if Ellipsis in arguments:
            return "a list of texts"
        one = wanted(unit or "").split(" such as")[0].removeprefix("a ").removeprefix("an ")
        return f"a list of {len(arguments)}: {one} each"
    if unit:
        return wanted(unit).split(" such as")[0]
    return {bool: "`true` or `false`", int: "a whole number", str: "text"}.get(
        annotation, "a number"
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
