"""A tree of records as a description in JSON and its numbers by path, and back again.

Nothing that a description names is imported: a record is looked up among the records that Perilune
itself has, so that the description may come from a stranger.
"""

import dataclasses
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Shaped

from perilune.interfaces.table import Table, names_in, parts_of_table, rebuilt_table

Node = Any
"""A part: null, a list, `{keys}`, `{record, fields, words}` or, of an array, `{array, shape}`."""
Leaf = Shaped[np.ndarray, "..."]
Leaves = Mapping[str, Leaf]
"""Arrays by their paths, such as `world.gravity.cosine`."""


@dataclasses.dataclass(frozen=True)
class Described:
    """What a tree is made of, and its arrays."""

    structure: Node
    leaves: Leaves


def described(tree: Any) -> Described:
    """The description of a tree of records, dictionaries, tuples, arrays and None."""
    leaves: dict[str, Leaf] = {}
    return Described(_node(tree, "", leaves), leaves)


def rebuilt(structure: Node, leaves: Leaves) -> Any:
    """The tree of a description with these arrays; ValueError where the two make no tree of ours.

    Every array is checked by its path, type and shape, every record by its fields.
    """
    unlike = {path for path, _, _ in arrays_of(structure)}.symmetric_difference(leaves)
    if unlike:
        raise ValueError(f"`{min(unlike)}` is described but not there, or there but not described")
    return _tree(structure, "", leaves)


def arrays_of(node: Node, path: str = "") -> Iterator[tuple[str, str, list[int]]]:
    """(path, type, shape) of every array that a description names."""
    if isinstance(node, dict) and "array" in node:
        yield path, node["array"], node["shape"]
        return
    for name, each in _inner(node, path).items():
        yield from arrays_of(each, _at(path, name))


def _inner(node: Node, path: str) -> dict[str, Node]:
    """What a part that is no array is made of, by names."""
    if node is None:
        return {}
    if isinstance(node, list):
        return {str(place): each for place, each in enumerate(node)}
    inner = node.get("fields", node.get("keys")) if isinstance(node, dict) else None
    if not isinstance(inner, dict):
        raise ValueError(f"`{path}` is described as {str(node)[:40]}, which is no part of a plan")
    return inner


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _node(value: Any, path: str, leaves: dict[str, Leaf]) -> Node:
    def inner(parts: Mapping[str, Any]) -> dict[str, Node]:
        return {name: _node(each, _at(path, name), leaves) for name, each in parts.items()}

    if value is None:
        return None
    if isinstance(value, tuple):
        return list(inner({str(place): each for place, each in enumerate(value)}).values())
    if isinstance(value, dict):
        return {"keys": inner(dict(sorted(value.items())))}
    if isinstance(value, eqx.Module | Table):
        fields, words = _parts_of(value)
        kind = f"{type(value).__module__}:{type(value).__qualname__}"
        return {"record": kind, "fields": inner(fields), "words": words}
    leaves[path] = np.asarray(value)
    return {"array": leaves[path].dtype.str, "shape": list(leaves[path].shape)}


def _parts_of(record: eqx.Module | Table) -> tuple[dict[str, Any], dict[str, Any]]:
    """(the fields of a record that hold its numbers, those that are structure)."""
    if isinstance(record, Table):
        children, (names, words) = parts_of_table(record)
        return dict(zip(names, children, strict=True)), dict(words)
    parts: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for field in dataclasses.fields(record):
        parts[_is_static(field)][field.name] = getattr(record, field.name)
    return parts


def _is_static(field: dataclasses.Field[Any]) -> bool:
    return bool(field.metadata.get("static"))


def _tree(node: Node, path: str, leaves: Leaves) -> Any:
    if isinstance(node, dict) and "array" in node:
        return jnp.asarray(_checked(leaves[path], path, node))
    inner = {
        name: _tree(each, _at(path, name), leaves) for name, each in _inner(node, path).items()
    }
    if node is None:
        return None
    if isinstance(node, list):
        return tuple(inner.values())
    return inner if "keys" in node else _record(node, path, inner)


def _checked(leaf: Leaf, path: str, node: Mapping[str, Any]) -> Leaf:
    came, wanted = (leaf.dtype.str, list(leaf.shape)), (node["array"], node["shape"])
    if came != wanted:
        raise ValueError(f"`{path}` must be {wanted[0]} {wanted[1]}, but is {came[0]} {came[1]}")
    return leaf


def _record(node: Mapping[str, Any], path: str, fields: dict[str, Any]) -> Any:
    """A record of one of our own kinds, with exactly the fields it has."""
    kind = _kind(str(node.get("record")), path)
    words = {name: _unlisted(each) for name, each in node["words"].items()}
    if issubclass(kind, Table):
        names, choices = names_in(kind)
    else:
        every = dataclasses.fields(kind)
        names = [field.name for field in every if not _is_static(field)]
        choices = [field.name for field in every if _is_static(field)]
    odd = {*names, *choices}.symmetric_difference({*fields, *words})
    if odd or set(fields) != set(names):
        raise ValueError(f"`{path}` has other fields than here: {', '.join(sorted(odd))}")
    if issubclass(kind, Table):
        ordered = tuple((name, words[name]) for name in choices)
        return rebuilt_table(kind, (tuple(names), ordered), [fields[name] for name in names])
    record = object.__new__(kind)  # as JAX makes it again: no constructor of ours runs
    for name, value in {**fields, **words}.items():
        object.__setattr__(record, name, value)
    return record


def _kind(name: str, path: str) -> type[eqx.Module] | type[Table]:
    """A kind of record by its name, among those of the modules that are loaded."""
    module, _, word = name.partition(":")
    kind = getattr(sys.modules.get(module), word, None) if module.startswith("perilune.") else None
    if not (isinstance(kind, type) and issubclass(kind, eqx.Module | Table)):
        raise ValueError(f"`{path}` is a `{name}`, which is no record here")
    return kind


def _unlisted(word: Any) -> Any:
    """What JSON made a list of is a tuple again."""
    return tuple(map(_unlisted, word)) if isinstance(word, list) else word
