"""Floating-point operations of a flight, as XLA counts them, loops multiplied out.

XLA's cost analysis counts the body of a loop once, so each loop of known length is opened: the
count of a program is XLA's for it, plus for each loop in it `length` times its body's, less the
one that XLA had counted. Taken before XLA simplifies anything.
"""

import jax
from jax.extend import core


def operations(step, *arguments):
    """Floating-point operations of one call of `step`."""
    return _total(jax.make_jaxpr(step)(*arguments))


def _total(closed):
    more = sum(length * _total(body) - _counted(body) for length, body in _loops(closed.jaxpr))
    return _counted(closed) + more


def _counted(closed):
    """What XLA says of a program, each loop's body once."""
    shapes = [jax.ShapeDtypeStruct(v.aval.shape, v.aval.dtype) for v in closed.jaxpr.invars]
    cost = jax.jit(core.jaxpr_as_fun(closed)).lower(*shapes).cost_analysis() or {}
    return cost.get("flops", 0.0)


def _loops(jaxpr):
    """The outermost loops of a program: (length, body)."""
    for equation in jaxpr.eqns:
        if equation.primitive.name == "scan":
            yield equation.params["length"], equation.params["jaxpr"]
            continue
        for value in equation.params.values():
            inner = getattr(value, "jaxpr", value)
            if hasattr(inner, "eqns"):
                yield from _loops(inner)
