"""Where the functions are tried, and how far they are from the exact values: mpmath's, 40 digits.

python -m tests.native.functions.accuracy [POINTS [NAME]] prints the largest error of each function.
"""

import sys
import zlib

import mpmath
import numpy as np
from mpmath import mpf

from perilune.native.functions import FUNCTIONS
from perilune.native.functions.circular import LARGEST
from tests.native.functions.evaluating import evaluate

DIGITS = 40


def between(low, high):
    """Points spread evenly."""
    return lambda rng, count: rng.uniform(low, high, count)


def powers(low, high, sign=None):
    """Points of either sign, or of one, spread evenly in the exponent of two."""

    def points(rng, count):
        signs = rng.choice([-1.0, 1.0], count) if sign is None else sign
        return signs * np.exp2(rng.uniform(low, high, count))

    return points


def around(centre, low, high):
    """Points on both sides of one, at distances spread evenly in the exponent of two."""
    return lambda rng, count: centre + powers(low, high)(rng, count)


def near_right_angles(most):
    """Multiples of pi / 2 as near as float64 has them, or a bit beside: where most cancels."""

    def points(rng, count):
        counts = np.floor(np.exp2(rng.uniform(0.0, np.log2(most), count)))
        with mpmath.workdps(DIGITS):
            nearest = np.array([float(mpmath.pi / 2 * mpf(int(each))) for each in counts])
        return nearest + rng.integers(-1, 2, count) * np.spacing(nearest)

    return points


def any_number(rng, count, dtype="float64"):
    """Bits at random."""
    kind = {"float64": np.uint64, "float32": np.uint32}[dtype]
    return rng.integers(0, np.iinfo(kind).max, count, kind, endpoint=True).view(dtype)


def any_positive(rng, count):
    """Bits at random, without their sign."""
    return np.abs(any_number(rng, count))


def near_overflow(rng, count):
    """Bases and exponents whose power is anywhere between the smallest number and the largest."""
    x = np.where(
        rng.random(count) < 0.5,
        1.0 + powers(-52, -1)(rng, count),
        powers(-1000, 1000, 1.0)(rng, count),
    )
    size = np.log(np.where(x == 1.0, 2.0, x))
    return x, rng.uniform(-745.2, 709.8, count) / size


def independently(*each):
    """Points of two arguments, each spread on its own."""
    return lambda rng, count: tuple(one(rng, count) for one in each)


ANGLES = [
    between(-10.0, 10.0),
    between(-1e5, 1e5),
    powers(-30, 40),
    near_right_angles(100),
    near_right_angles(2**20),
    near_right_angles(2**39),
]
INSIDE = [between(-1.0, 1.0), between(-0.6, 0.6), around(1.0, -53, -1), powers(-60, 0)]
HYPERBOLIC = [between(-1.5, 1.5), between(-25.0, 25.0), between(-710.6, 710.6), powers(-60, 0)]
POINTS = {
    "exp": [between(-1.0, 1.0), between(-745.2, 709.8), between(-745.2, -708.0), powers(-60, 0)],
    "log": [between(0.5, 2.0), around(1.0, -52, -1), any_positive, powers(-1074, -1022, 1.0)],
    "sin": ANGLES,
    "cos": ANGLES,
    "exp2": [between(-1.0, 1.0), between(-1075.0, 1024.0), powers(-60, 0)],
    "expm1": [between(-1.5, 1.5), between(-40.0, 709.8), powers(-60, 0), powers(-1074, -900)],
    "log1p": [between(-1.0, 3.0), powers(-60, 0), around(-1.0, -53, -1), powers(-1, 1023, 1.0)],
    "tan": ANGLES,
    "asin": INSIDE,
    "acos": INSIDE,
    "atan": [between(-3.0, 3.0), around(1.0, -52, -1), powers(-60, 60), any_number],
    "sinh": HYPERBOLIC,
    "cosh": HYPERBOLIC,
    "tanh": [between(-1.5, 1.5), between(-20.0, 20.0), powers(-60, 0)],
    "cbrt": [between(-8.0, 8.0), powers(-1074, 1024), any_number],
    "atan2": [
        independently(between(-1.0, 1.0), between(-1.0, 1.0)),
        independently(powers(-20, 20), powers(-20, 20)),
        independently(any_number, any_number),
    ],
    "pow": [
        independently(between(0.0, 4.0), between(-30.0, 30.0)),
        independently(any_positive, between(-2.0, 2.0)),
        near_overflow,
    ],
    "erf": [between(-6.0, 6.0), between(-1.2, 1.2), powers(-60, 3), powers(-1074, -900)],
    "erfc": [between(-6.0, 6.0), between(0.0, 27.3), between(26.0, 27.3), powers(-60, 0)],
    "erf_inv": [between(-1.0, 1.0), powers(-60, 0), around(1.0, -53, -1), around(-1.0, -53, -1)],
}
"""How the arguments of each are spread: each way gives its share of the points."""


def erf_inv(x):
    """The inverse of the error function: two steps of Newton's method from float64."""
    if not abs(x) < 1:
        return mpf("nan") if abs(x) != 1 else x * mpf("inf")
    root = mpmath.sqrt(mpmath.pi) / 2
    found = _first_erf_inv(x)
    for _ in range(2):
        short = (x - mpmath.erf(found)) if abs(x) < 0.5 else _short_in_the_tail(x, found)
        found += short * root * mpmath.exp(found * found)
    return found


def _short_in_the_tail(x, found):
    return mpmath.sign(x) * (mpmath.erfc(abs(found)) - (1 - abs(x)))


def _first_erf_inv(x):
    from scipy.special import erfinv

    return mpf(float(erfinv(float(x))))


NAMED = {
    "pow": mpmath.power,
    "erf_inv": erf_inv,
    "exp2": lambda x: mpf(2) ** x,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
}
"""Functions that mpmath has under another name, or not in our sense."""


def exact(name, *arguments):
    """The value of a function at numbers, to 40 digits at least; not-a-number where we have it."""
    values = [mpf(float(each)) for each in arguments]
    if name in ("sin", "cos", "tan") and not abs(values[0]) <= LARGEST:
        return mpf("nan")
    if name == "pow" and (values[1] == 0 or values[0] == 1):
        return mpf(1)
    value = (NAMED.get(name) or getattr(mpmath, name))(*values)
    return value if isinstance(value, mpf) else mpf("nan")


def error_ulp(value, wanted, dtype):
    """How far a value is from the exact one, in units of the last place of the exact one."""
    value = float(value)
    digits, smallest, top = {"float64": (53, -1074, 1024), "float32": (24, -149, 128)}[dtype]
    if mpmath.isnan(wanted) or np.isnan(value):
        return 0.0 if mpmath.isnan(wanted) and np.isnan(value) else np.inf
    rounds_to_infinity = abs(wanted) >= mpf(2) ** top * (1 - mpf(2) ** (-digits - 1))
    if np.isinf(value):
        return 0.0 if rounds_to_infinity and (value > 0) == (wanted > 0) else np.inf
    if wanted == 0:
        return 0.0 if value == 0 else np.inf
    place = max(wanted.exp + wanted.bc - digits, smallest)
    return float(abs(wanted - mpf(value)) / mpf(2) ** place)


def points(name, dtype, count):
    """`count` arguments of a function, or about that many; the same on every machine."""
    rng = np.random.default_rng(zlib.crc32(f"{name} {dtype}".encode()))
    ways = POINTS[name]
    parts = [way(rng, count // len(ways)) for way in ways]
    parts = [part if isinstance(part, tuple) else (part,) for part in parts]
    with np.errstate(over="ignore", invalid="ignore"):
        return [np.concatenate(each).astype(dtype) for each in zip(*parts, strict=True)]


def errors(name, dtype, count):
    """Arguments of a function, and its errors there in ulp."""
    arguments = points(name, dtype, count)
    values = evaluate(name, dtype, *arguments)
    with mpmath.workdps(DIGITS):
        found = [
            error_ulp(value, exact(name, *each), dtype)
            for value, *each in zip(values, *arguments, strict=True)
        ]
    return arguments, np.array(found)


def main():
    """Print the largest error of each function, and where it is."""
    count = int(sys.argv[1]) if sys.argv[1:] else 20_000
    for name, dtype in FUNCTIONS:
        if sys.argv[2:] in ([], [name]):
            arguments, found = errors(name, dtype, count)
            worst = int(np.argmax(found))
            where = ", ".join(repr(float(each[worst])) for each in arguments)
            print(
                f"{name} {dtype}: {found[worst]:.3f} ulp at {where}, {found.size} points",
                flush=True,
            )


if __name__ == "__main__":
    main()
