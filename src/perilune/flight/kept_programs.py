"""Programs that need not be traced again: kept by the structure of their arguments between runs.

JAX's cache of compiled programs is asked by what a program computes, which takes tracing it to
know, and that takes as long as all else. Here the key is the code of Perilune and the structure of
the arguments; what is kept is the traced program, whose machine code is in that cache.
"""

import dataclasses
import functools
import importlib.metadata
import json
import pickle
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import numpy as np
from jax import export

from perilune.design.provenance import code_digest
from perilune.flight.compile_cache import COMPILER_OPTIONS, compiler_settings, kept_folder
from perilune.flight.native_flight import native_flight, structure_of
from perilune.kept_files import kept_bytes
from perilune.native.arena_layout import Arena
from perilune.native.machine_program import LaneProgram
from perilune.native.object_cache import Compiled
from perilune.native.processor import UnknownProcessorError, this_processor


class Program(NamedTuple):
    """A compiled function of trees of arrays of one structure."""

    compiled: Callable[..., Any]  # of leaves, to leaves
    output: Any  # the tree of its results

    def __call__(self, *arguments: Any) -> Any:
        """What the function gives, as arrays of JAX."""
        return jax.tree.unflatten(self.output, self.compiled(*jax.tree.leaves(arguments)))


def kept_program(name: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Program:
    """`function` compiled for arguments of this structure; traced where it is not kept.

    `name` tells it from other functions of this code; what else decides the program must be among
    the arguments.
    """
    key = f"program {name} {structure_of(arguments)}"
    if key not in _LOADED:
        kept = kept_bytes(kept_folder(), key, making(), lambda: _traced(function, arguments))
        exported, tree = pickle.loads(kept)
        asked = jax.jit(exported.call, compiler_options=COMPILER_OPTIONS)
        compiled = asked.lower(*jax.tree.leaves(arguments)).compile()
        _LOADED[key] = Program(compiled, jax.tree.structure(tree))
    return _LOADED[key]


_LOADED: dict[str, Program] = {}


def _traced(function: Callable[..., Any], arguments: tuple[Any, ...]) -> bytes:
    """A function as XLA is given it, with the tree of its results."""
    leaves, structure = jax.tree.flatten(arguments)
    output: list[Any] = []

    def of_leaves(*leaves: Any) -> list[Any]:
        results, tree = jax.tree.flatten(function(*jax.tree.unflatten(structure, leaves)))
        output.append(tree)
        return results

    shapes = [jax.ShapeDtypeStruct(np.shape(each), np.asarray(each).dtype) for each in leaves]
    exported = export.export(jax.jit(of_leaves))(*shapes)
    return pickle.dumps((dataclasses.replace(exported, _get_vjp=None), _hollow(output[0])))


class Machine(NamedTuple):
    """A function of arrays as the native compiler's machine code for one lane."""

    compiled: Compiled
    output: Any  # the tree of its results

    def __call__(self, *arguments: Any) -> Any:
        """What the function gives, as arrays of NumPy; the last argument is the lane's own."""
        program = LaneProgram(self.compiled)
        arena = Arena(program.layout)
        own = [np.asarray(each)[None] for each in jax.tree.leaves(arguments[-1])]
        for number, leaf in enumerate([*jax.tree.leaves(arguments[:-1]), *own]):
            arena.put(number, leaf)
        program.run(arena)
        results = [each.reshape(each.shape[1:]) for each in arena.results()]
        return jax.tree.unflatten(self.output, results)


def kept_machine(
    name: str, function: Callable[..., Any], shared: tuple[Any, ...], alone: Any, processes: int
) -> Machine:
    """`function(*shared, alone)` by the native compiler, one lane of it: kept, or compiled here.

    `name` is as in `kept_program`. Raises `UnknownPrimitiveError` and `UnknownProcessorError`.
    """

    def make() -> bytes:
        flight = native_flight(function, shared, (alone,), lanes=1)
        return pickle.dumps((flight.compiled(processes), _hollow(flight.traced.output)))

    key = f"machine {name} {structure_of((shared, alone))}"
    code, tree = pickle.loads(kept_bytes(kept_folder(), key, making(), make))
    return Machine(code, jax.tree.structure(tree))


def _hollow(structure: Any) -> Any:
    """A tree of a structure whose leaves are their own numbers, which can be written to a file."""
    return jax.tree.unflatten(structure, range(structure.num_leaves))


@functools.cache
def making() -> str:
    """All that decides what a function of ours becomes, and what it gives."""
    try:
        processor = this_processor().describe()
    except UnknownProcessorError:
        processor = "unknown"
    versions = {name: importlib.metadata.version(name) for name in ("jax", "jaxlib", "equinox")}
    machine = [jax.default_backend(), processor, compiler_settings()]
    return json.dumps([code_digest(), versions, machine], sort_keys=True)
