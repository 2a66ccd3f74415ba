"""What decides the rows of a campaign, and where two of them differ."""

import hashlib
import importlib.metadata
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from perilune.campaign.request import Engine, Order, most_runs
from perilune.campaign.run.order_document import SCHEMA, OrderDocument
from perilune.campaign.run.row_store import PLAN_FILE
from perilune.design.prepared import Prepared
from perilune.design.provenance import code_digest, host, now, software
from perilune.errors import InputError
from perilune.flight.compile_cache import compiler_settings
from perilune.mission.settings import leaves
from perilune.mission.show import resolved_text, set_by_hand
from perilune.verdict.document import checked

_PLAN = "flight plan"
_WORDS = {
    "seed": "--seed",
    "sampling": "--sampling",
    "held": "`held`",
    "require": "--require",
    "confidence": "--confidence",
    "runs": "--runs",
    "faults": "--fault",
    "engine": "--engine",
    "batch_size": "batch size",
    "perilune": "version of Perilune",
    "plan": _PLAN,
    "code": "state of Perilune's code",
}
"""How a part of the identity is called in a sentence, where not by its own name."""


_HASH = re.compile('"[0-9a-f]{64}"')


def order_document(
    order: Order, prepared: Prepared, batch_size: int, engine: Engine
) -> dict[str, Any]:
    """What `order.json` holds: the identity with its digest, and what else is worth knowing.

    Only the identity is compared by `--resume`: values of the mission, seed, sampling, batch size,
    code, libraries, settings of the compiler, data, and the plan. Reports, comments and source tags
    may change meanwhile.
    """
    mission, versions = prepared.mission, software()
    identity = {
        "mission": mission.name,
        "seed": order.seed,
        "faults": list(mission.faults),
        "sampling": order.sampling,
        "held": dict(order.held),
        "require": order.require,
        "confidence": order.confidence if order.require is not None else None,
        "runs": order.runs if order.sampling == "lhs" else None,
        "engine": engine,
        "batch_size": batch_size,
        "perilune": versions["perilune"],
        "code": code_digest(),
        "libraries": _libraries(order, versions, engine),
        "compiler": compiler_settings() if engine == "xla" else {},
        "data": _data(prepared.files),
        "values": json.loads(json.dumps(dict(leaves(mission.written)), default=str)),
        "plan": prepared.plan_sha256,
    }
    document = {
        "schema": SCHEMA,
        "digest": _digest(identity),
        "identity": identity,
        "mission": _named(order.mission or mission.name),
        "runs": most_runs(order),
        "runs_asked": [most_runs(order)],
        "settings": list(order.settings) if order.plan is None else set_by_hand(mission),
        "mission_text_sha256": hashlib.sha256(resolved_text(mission).encode()).hexdigest(),
        "software": versions,
        "files": prepared.files,
        "host": host(),
        "begun": now(),
    }
    return checked(OrderDocument, document)


def resumed(kept: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """`order.json` of a resumed campaign: that of its first session, and every `runs` asked for."""
    before = kept.get("runs_asked", [kept.get("runs", asked["runs"])])
    now_asked = [*before, asked["runs"]] if before[-1] != asked["runs"] else before
    return {**asked, **kept, "runs": asked["runs"], "runs_asked": now_asked}


def check_same(folder: Path | str, kept: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    """Raise InputError naming the first difference between a campaign begun and one asked for."""
    try:
        before, after = kept["identity"], asked["identity"]
        difference = next(differences(before, after), None)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{folder}/order.json must be what `perilune campaign` wrote, but is not."
        ) from error
    if difference:
        what, old, new = difference
        same = f"--plan {folder}/{PLAN_FILE} in place of a mission" if what == _PLAN else "the same"
        raise InputError(
            f"{folder} was begun with another {what}: it was {old}, and now is {new}; give {same} "
            "again, or name another folder with --out."
        )


def differences(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[tuple[str, str, str]]:
    """(what, before, after) in words, of everything that differs in the parts of `after`."""
    for name in after:
        old, new = before.get(name), after[name]
        if old == new:
            continue
        if isinstance(new, dict) and isinstance(old, dict):
            keys = [*new, *(key for key in old if key not in new)]
            yield from (
                (f"`{key}`" if name == "values" else key, _shown(old, key), _shown(new, key))
                for key in keys
                if old.get(key) != new.get(key)
            )
        else:
            yield _WORDS.get(name, name), _short(old), _short(new)


def _named(mission: str) -> str:
    """A mission's name, or its file's path, as found from any folder."""
    path = Path(mission).expanduser()
    return str(path.resolve()) if path.is_file() else str(mission)


def _shown(table: Mapping[str, Any], key: str) -> str:
    return _short(table[key]) if key in table else "absent"


def _short(value: Any) -> str:
    """As JSON has it; names joined, nothing as `none`, of a hash only the beginning."""
    if value in (None, []):
        return "none"
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    text = json.dumps(value, ensure_ascii=False)
    return f"{text[:13]}…{text[-1]}" if _HASH.fullmatch(text) else text


def _libraries(
    order: Order, versions: Mapping[str, str | None], engine: Engine
) -> dict[str, str | None]:
    """What draws and flies; scipy too where it lays out the points."""
    names = ["jax", "jaxlib", "numpy"]
    found = {name: versions[name] for name in names}
    if engine == "native":
        found["llvmlite"] = importlib.metadata.version("llvmlite")
    if order.sampling != "random":
        found["scipy"] = importlib.metadata.version("scipy")
    return found


def _data(files: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """{file: hash} of maps, fields and kernels; the mission's own files count by their values."""
    return {
        name: each["sha256"]
        for kind, named in files.items()
        if kind != "mission"
        for name, each in named.items()
    }


def _digest(identity: Mapping[str, Any]) -> str:
    text = json.dumps(identity, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
