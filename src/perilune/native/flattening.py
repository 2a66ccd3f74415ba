"""From a jaxpr to a `Block`: calls written out, keys as numbers, what is unknown refused."""

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
from jax.extend.core import ClosedJaxpr, Jaxpr, JaxprEqn, Literal

from perilune.mechanics.batching import any_lane, in_every_lane, lane_only, room_like
from perilune.native.expansions import EXPANSIONS
from perilune.native.program import (
    Block,
    Constant,
    Equation,
    Numbers,
    Term,
    UnknownPrimitiveError,
    Value,
    like,
)

CALLED = {
    "jit": "jaxpr",
    "pjit": "jaxpr",
    "closed_call": "call_jaxpr",
    "core_call": "call_jaxpr",
    "custom_jvp_call": "call_jaxpr",
    "custom_vjp_call": "call_jaxpr",
    "remat": "jaxpr",
}
"""Primitives that only call a program, and the parameter that holds it."""
AS_GIVEN = {"copy", "copy_p", "optimization_barrier", "random_unwrap", "random_wrap"}
"""Primitives that give what they take."""


def flatten(closed: ClosedJaxpr) -> Block:
    """The `Block` of a traced program, without calls."""
    return _block(closed.jaxpr, closed.consts)


def value_of(aval: Any) -> Value:
    """A `Value` for what JAX describes as `aval`; a random key is its two words."""
    shape = tuple(int(each) for each in aval.shape)
    if jax.dtypes.issubdtype(aval.dtype, jax.dtypes.prng_key):
        if aval.dtype.name != "key<fry>":
            raise UnknownPrimitiveError(f"random keys of another kind than threefry, {aval.dtype}")
        return Value((*shape, 2), np.dtype(np.uint32))
    return Value(shape, np.dtype(aval.dtype))


def _block(jaxpr: Jaxpr, consts: Sequence[Any]) -> Block:
    parameters = [value_of(each.aval) for each in jaxpr.invars]
    equations: list[Equation] = []
    results = _inline(jaxpr, consts, parameters, equations)
    return Block(parameters, equations, results)


def _inline(
    jaxpr: Jaxpr, consts: Sequence[Any], arguments: Sequence[Term], equations: list[Equation]
) -> list[Term]:
    """Write the equations of `jaxpr` to the end of `equations`; gives its results."""
    known: dict[Any, Term] = dict(zip(jaxpr.invars, arguments, strict=True))
    known |= {
        var: Constant(_array(value)) for var, value in zip(jaxpr.constvars, consts, strict=True)
    }

    def read(atom: Any) -> Term:
        if isinstance(atom, Literal):
            return Constant(np.asarray(atom.val, value_of(atom.aval).dtype))
        return known[atom]

    for eqn in jaxpr.eqns:
        outputs = _equation(eqn, [read(each) for each in eqn.invars], equations)
        known |= zip(eqn.outvars, outputs, strict=True)
    return [read(each) for each in jaxpr.outvars]


def _equation(eqn: JaxprEqn, inputs: list[Term], equations: list[Equation]) -> Sequence[Term]:
    name, inner = eqn.primitive.name, None
    if name == "custom_vmap_call":
        name = _batching(eqn)
    if name in AS_GIVEN:
        return inputs[: len(eqn.outvars)]
    if name == "platform_index":
        return [Constant(np.array(eqn.params["platforms"].index(None), np.int32))]
    if name in CALLED:
        inner = eqn.params[CALLED[name]]
    elif name in EXPANSIONS:
        list(map(value_of, (each.aval for each in eqn.outvars)))  # refuses other kinds of keys
        inner = EXPANSIONS[name](eqn.params, [_described(each) for each in inputs])
    if inner is not None:
        begun = len(equations)
        results = _inline(inner.jaxpr, inner.consts, inputs, equations)
        for each in equations[begun:] if name in EXPANSIONS else ():
            each.source = eqn.source_info
        return results
    made = HOLDING.get(name, _plain)(eqn, inputs, [value_of(each.aval) for each in eqn.outvars])
    made.source = eqn.source_info
    equations.append(made)
    return made.outputs


def _batching(eqn: JaxprEqn) -> str:
    """Which operation across lanes an equation is: every lane keeps its own but in `any_lane`."""
    rule = eqn.params["rule"].rule
    if rule is any_lane.vmap_rule:
        return "any_lane"
    if rule is room_like.vmap_rule:
        return "room"
    if rule in (in_every_lane.vmap_rule, lane_only.vmap_rule):
        return "copy"
    raise UnknownPrimitiveError(f"a custom rule of batching, {rule.__name__}")


def _plain(eqn: JaxprEqn, inputs: list[Term], outputs: list[Value]) -> Equation:
    return Equation(eqn.primitive.name, inputs, outputs, dict(eqn.params))


def _across_lanes(eqn: JaxprEqn, inputs: list[Term], outputs: list[Value]) -> Equation:
    return Equation(_batching(eqn), inputs, outputs)


def _scan(eqn: JaxprEqn, inputs: list[Term], outputs: list[Value]) -> Equation:
    params, body = eqn.params, eqn.params["jaxpr"]
    kept = {"consts": params["num_consts"], "carry": params["num_carry"]}
    kept |= {"length": int(params["length"]), "reverse": params["reverse"]}
    return Equation("scan", inputs, outputs, kept, [_block(body.jaxpr, body.consts)])


def _while(eqn: JaxprEqn, inputs: list[Term], outputs: list[Value]) -> Equation:
    """Condition and body of a loop take the same: constants of the condition, the body, carry."""
    params = eqn.params
    first, second = params["cond_nconsts"], params["body_nconsts"]
    condition, body = (
        _block(each.jaxpr, each.consts) for each in (params["cond_jaxpr"], params["body_jaxpr"])
    )
    for_condition, for_body = like(inputs[:first]), like(inputs[first : first + second])
    condition.parameters[first:first] = for_body
    body.parameters[:0] = for_condition
    kept = {"consts": first + second, "carry": len(outputs)}
    return Equation("while", inputs, outputs, kept, [condition, body])


def _cond(eqn: JaxprEqn, inputs: list[Term], outputs: list[Value]) -> Equation:
    branches = [_block(each.jaxpr, each.consts) for each in eqn.params["branches"]]
    return Equation("cond", inputs, outputs, {}, branches)


HOLDING: dict[str, Callable[[JaxprEqn, list[Term], list[Value]], Equation]] = {
    "any_lane": _across_lanes,
    "room": _across_lanes,
    "scan": _scan,
    "while": _while,
    "cond": _cond,
}
"""Primitives whose equations are not made from inputs, outputs and parameters alone."""


def _array(value: Any) -> Numbers:
    if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
        return np.asarray(jax.random.key_data(value))
    return np.asarray(value)


def _described(term: Term) -> jax.ShapeDtypeStruct:
    return jax.ShapeDtypeStruct(term.shape, term.dtype)
