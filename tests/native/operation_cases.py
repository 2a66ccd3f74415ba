"""Each row of the table of operations, as a function of numbers of the types that it takes."""

from collections.abc import Callable
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax._src import ad_util

from tests.native.against_jax import FLOATS, INTEGERS

NUMBERS = [*FLOATS, *INTEGERS]
ALL = [*NUMBERS, "bool"]
SIGNED = [*FLOATS, "int64", "int32"]


@dataclass(frozen=True)
class Case:
    """A use of a primitive: `take(*operands)`, for operands of each of some types."""

    primitive: str
    take: Callable
    dtypes: list[str]
    count: int = 1
    label: str = ""

    @property
    def name(self):
        """What a failure is reported under."""
        return f"{self.primitive} {self.label}".strip()


def case(primitive, dtypes, count=1, take=None, label=""):
    """A case of the primitive that `jax.lax` has under this name, or of `take`."""
    return Case(primitive, take or getattr(lax, primitive), dtypes, count, label)


def unsigned_zero(take):
    """What `take` gives with zeros of no sign, which XLA and the table choose differently."""

    def result(*operands):
        found = take(*operands)
        if found.dtype.kind != "f":
            return found
        return lax.select(found == jnp.zeros((), found.dtype), jnp.zeros_like(found), found)

    return result


def remainder(one, two):
    """Of fewer whole parts than the type can count, or of an infinite divisor; else 0."""
    if one.dtype.kind != "f":
        return lax.rem(one, two)
    most = jnp.asarray(2.0 ** (np.finfo(one.dtype).nmant + 1), one.dtype)
    is_known = lax.abs(one / two) < most
    return lax.select(is_known, lax.rem(one, two), jnp.zeros_like(one))


def cast(wanted):
    return lambda one: lax.convert_element_type(one, wanted)


def bits(one):
    """A number's bits as those of the other kind of its size."""
    size, kind = one.dtype.itemsize, one.dtype.kind
    return lax.bitcast_convert_type(one, f"f{size}" if kind in "iu" else f"i{size}")


def known_shift(name, by):
    return lambda one: getattr(lax, name)(one, jnp.asarray(by, one.dtype))


def chosen(dtype):
    """One of three, by a whole number, also one that is out of range."""
    return lambda one, two: lax.select_n(lax.convert_element_type(one, dtype), one, two, -two)


CASES = [
    *(case(name, NUMBERS, 2) for name in ("add", "sub", "mul", "div")),
    case("rem", NUMBERS, 2, remainder),
    *(case(name, ALL, 2, unsigned_zero(getattr(lax, name))) for name in ("max", "min")),
    *(case(name, ALL, 2) for name in ("eq", "ne", "lt", "le", "gt", "ge")),
    case("add_any", NUMBERS, 2, ad_util.add_any_p.bind),
    case("lt_to", FLOATS, 2, lax.lt_to_p.bind),
    *(
        case(name, [*INTEGERS, "bool"], 2, getattr(lax, f"bitwise_{name}"))
        for name in ("and", "or", "xor")
    ),
    case("not", [*INTEGERS, "bool"], 1, lax.bitwise_not),
    *(case(name, SIGNED) for name in ("abs",)),
    *(case(name, NUMBERS) for name in ("neg", "sign", "square")),
    *(case(name, FLOATS) for name in ("ceil", "floor", "is_finite", "sqrt")),
    case("stop_gradient", FLOATS, 1, ad_util.stop_gradient_p.bind),
    case("round", FLOATS, 1, lambda one: lax.round(one, lax.RoundingMethod.AWAY_FROM_ZERO)),
    case(
        "round", FLOATS, 1, lambda one: lax.round(one, lax.RoundingMethod.TO_NEAREST_EVEN), "even"
    ),
    *(
        case("integer_pow", FLOATS, 1, lambda one, y=y: lax.integer_pow(one, y), f"{y}")
        for y in (-3, -2, -1, 2, 3, 4, 5, 7)
    ),
    *(
        case("integer_pow", INTEGERS, 1, lambda one, y=y: lax.integer_pow(one, y), f"{y}")
        for y in (2, 3, 5)
    ),
    *(case("convert_element_type", ALL, 1, cast(each), f"to {each}") for each in ALL),
    case("bitcast_convert_type", NUMBERS, 1, bits),
    *(
        case(name, INTEGERS, 1, known_shift(name, by), f"by {by}")
        for name in ("shift_left", "shift_right_logical", "shift_right_arithmetic")
        for by in (0, 31, 64)
    ),
    *(
        case(name, INTEGERS, 2)
        for name in ("shift_left", "shift_right_logical", "shift_right_arithmetic")
    ),
    *(
        case("clamp", NUMBERS, 2, unsigned_zero(take), label)
        for label, take in {
            "": lambda one, two: lax.clamp(one, two, one),
            "in order": lambda one, two: lax.clamp(jnp.minimum(one, two), two, one),
            "from 0": lambda one, two: lax.clamp(jnp.asarray(0, one.dtype), one, two),
        }.items()
    ),
    case("select_n", ALL, 2, lambda one, two: lax.select_n(one < two, one, two)),
    case("select_n", ["int32"], 2, chosen("int32"), "of three"),
]
