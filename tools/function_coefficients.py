"""Coefficients of the native compiler's functions: prints each table, as its module has it.

python tools/function_coefficients.py [NAME ...]

Each polynomial P of degree n has the smallest largest error |P - f| w on its interval, found by
Remez' exchange in 60 digits; then every coefficient is rounded to the type it is used in. The
weight w makes it the relative error of the function that P serves. Beside each stands that error,
before and after the rounding, as a power of two.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import mpmath
import numpy as np
from mpmath import mp, mpf

mp.dps = 60


@dataclass(frozen=True, kw_only=True)
class Fit:
    """What a polynomial stands for, where, and how its error counts."""

    function: Callable[[mpf], mpf]
    weight: Callable[[mpf], mpf]
    low: mpf
    high: mpf
    degree: int
    kind: type = np.float64


def points_of(fit, count):
    """Points of Chebyshev's distribution over the interval, but where the error does not count."""
    middle, half = (mpf(fit.high) + fit.low) / 2, (mpf(fit.high) - fit.low) / 2
    every = [middle - half * mpmath.cos(mpmath.pi * i / (count - 1)) for i in range(count)]
    return [x for x in every if abs(x) > half * mpf("1e-8")]


def value(coefficients, x):
    """The polynomial at x."""
    return mpmath.polyval(list(coefficients), x, asc=True)


def minimax(fit):
    """Coefficients from the constant up, not rounded."""
    count = fit.degree + 2
    points = points_of(fit, 24 * count)
    wanted, weights = [fit.function(x) for x in points], [fit.weight(x) for x in points]
    chosen = [round(i * (len(points) - 1) / (count - 1)) for i in range(count)]
    for _ in range(40):
        rows = [
            [points[i] ** k for k in range(count - 1)] + [(-1) ** place / weights[i]]
            for place, i in enumerate(chosen)
        ]
        solved = mpmath.lu_solve(mpmath.matrix(rows), mpmath.matrix([wanted[i] for i in chosen]))
        found = list(solved)[:-1]
        errors = [
            (value(found, x) - f) * w for x, f, w in zip(points, wanted, weights, strict=True)
        ]
        if max(abs(each) for each in errors) < 1.001 * abs(solved[count - 1]):
            break
        chosen = extremes(errors, count)
    return found


def extremes(errors, count):
    """Places where the error is largest between its changes of sign, `count` neighbours of them."""
    runs = [[0]]
    for i in range(1, len(errors)):
        if errors[i] * errors[i - 1] < 0:
            runs.append([])
        runs[-1].append(i)
    peaks = [max(run, key=lambda i: abs(errors[i])) for run in runs]
    while len(peaks) > count:
        sizes = [abs(errors[i]) for i in peaks]
        least = min(range(1, len(peaks)), key=lambda i: max(sizes[i - 1], sizes[i]))
        if len(peaks) == count + 1 or least in (1, len(peaks) - 1):
            del peaks[0 if sizes[0] < sizes[-1] else -1]
        else:
            del peaks[least - 1 : least + 1]
    if len(peaks) < count:
        raise ValueError(f"found {len(peaks)} extremes of {count}")
    return peaks


def coefficients_of(fit):
    """Coefficients rounded one by one; the later ones make up for what the earlier ones lost."""
    found = minimax(fit)
    points = points_of(fit, 501)
    weights = np.array([float(fit.weight(x)) for x in points])
    powers = np.array([float(x) for x in points])[:, None] ** np.arange(fit.degree + 1)
    powers *= weights[:, None]
    used = []
    for k in range(fit.degree + 1):
        used.append(float(fit.kind(float(found[k]))))
        lost = float(found[k] - mpf(used[k]))
        made_up = np.linalg.lstsq(powers[:, k + 1 :], lost * powers[:, k], rcond=1e-12)[0]
        found[k + 1 :] = [c + mpf(d) for c, d in zip(found[k + 1 :], made_up, strict=True)]
    return used


def largest_error(fit, coefficients):
    """The largest weighted error of a polynomial, as a power of two."""
    exact = [mpf(each) for each in coefficients]
    errors = [abs(value(exact, x) - fit.function(x)) * fit.weight(x) for x in points_of(fit, 201)]
    return float(mpmath.log(max(errors), 2))


E = mpmath.exp
R = mpmath.sqrt
LN2 = mpmath.log(2)
HALF_LN2 = mpmath.log(2) / 2 * mpf("1.0001")
QUARTER = (mpmath.pi / 4 + mpf("2e-4")) ** 2


def _from_series(terms):
    """The sum of terms(k) z^k, for functions that cancel where they are written in closed form."""
    return lambda z: mpmath.fsum(terms(k) * z**k for k in range(60))


def scaled_erfc(t):
    """(1 + 2 x) exp(x^2) erfc(x), between 1 and 1.24, at x = 4 (1 + t) / (1 - t)."""
    x = 4 * (1 + mpf(t)) / (1 - mpf(t))
    return (1 + 2 * x) * mpmath.exp(x * x) * mpmath.erfc(x)


ERF_INV_AT_ZERO_32 = mpf(0.5) + mpf(float(np.float32(mpmath.sqrt(mpmath.pi) / 2 - mpf(0.5))))


def stretched(w):
    """The inverse of the error function divided by its argument x, where 1 - x^2 = 2^(-w)."""
    x = R(-mpmath.expm1(-w * mpmath.log(2)))
    return mpmath.erfinv(x) / x


FITS = {
    # exp(r) = 1 + r + r^2 P(r)
    "EXP": Fit(
        function=_from_series(lambda k: 1 / mpmath.factorial(k + 2)),
        weight=lambda r: r * r / abs(mpmath.expm1(r)),
        low=-HALF_LN2,
        high=HALF_LN2,
        degree=10,
    ),
    # log(1 + f) = f - f^2 / 2 + f^3 P(f)
    "LOG": Fit(
        function=lambda f: (mpmath.log1p(f) - f + f * f / 2) / f**3,
        weight=lambda f: abs(f**3 / mpmath.log1p(f)),
        low=R(mpf(1) / 2) - 1,
        high=R(mpf(2)) - 1,
        degree=19,
    ),
    # sin(r) = r + r^3 P(r^2), cos(r) = 1 - r^2 / 2 + r^4 P(r^2)
    "SIN": Fit(
        function=_from_series(lambda k: (-1) ** (k + 1) / mpmath.factorial(2 * k + 3)),
        weight=lambda z: z * R(z) / mpmath.sin(R(z)),
        low=mpf(0),
        high=QUARTER,
        degree=5,
    ),
    "COS": Fit(
        function=_from_series(lambda k: (-1) ** k / mpmath.factorial(2 * k + 4)),
        weight=lambda z: z * z / mpmath.cos(R(z)),
        low=mpf(0),
        high=QUARTER,
        degree=5,
    ),
    # atan(q) = q + q^3 P(q^2)
    "ATAN": Fit(
        function=lambda z: (mpmath.atan(R(z)) / R(z) - 1) / z,
        weight=lambda z: z * R(z) / mpmath.atan(R(z)),
        low=mpf(0),
        high=mpf(1),
        degree=19,
    ),
    # atanh(s) = s + s^3 / 3 + s^5 P(s^2): the logarithm of a power
    "ATANH": Fit(
        function=_from_series(lambda k: 1 / mpf(2 * k + 5)),
        weight=lambda z: z * z,
        low=mpf(0),
        high=((R(mpf(2)) - 1) / (R(mpf(2)) + 1)) ** 2,
        degree=8,
    ),
    # erf(x) = x + x P(x^2)
    "ERF": Fit(
        function=lambda z: mpmath.erf(R(z)) / R(z) - 1,
        weight=lambda z: R(z) / mpmath.erf(R(z)),
        low=mpf("1e-9"),
        high=mpf(1),
        degree=12,
    ),
    # (1 + 2 x) exp(x^2) erfc(x) = F(0) + t P(t), t = (x - 4) / (x + 4)
    "ERFC": Fit(
        function=lambda t: (scaled_erfc(t) - scaled_erfc(0)) / t,
        weight=lambda t: abs(t) / scaled_erfc(t),
        low=(mpf("0.49") - 4) / (mpf("0.49") + 4),
        high=mpf(28 - 4) / (28 + 4),
        degree=21,
    ),
    # erf_inv(x) = x (F0 + w P(w / 11.5 - 1)), w = -log2(1 - x^2), in single precision
    "ERF_INV_32": Fit(
        function=lambda t: (stretched(11.5 * (t + 1)) - ERF_INV_AT_ZERO_32) / (11.5 * (t + 1)),
        weight=lambda t: 11.5 * (t + 1) / stretched(11.5 * (t + 1)),
        low=mpf("-0.999999"),
        high=mpf("1.002"),
        degree=16,
        kind=np.float32,
    ),
    # log2(1 + f) = f P(f), in single precision
    "LOG2_32": Fit(
        function=lambda f: mpmath.log1p(f) / mpmath.log(2) / f,
        weight=abs,
        low=R(mpf(1) / 2) - 1,
        high=R(mpf(2)) - 1,
        degree=8,
        kind=np.float32,
    ),
    # sinh(r) = r + r^3 P(r^2), cosh(r) = 1 + r^2 / 2 + r^4 P(r^2)
    "SINH": Fit(
        function=_from_series(lambda k: 1 / mpmath.factorial(2 * k + 3)),
        weight=lambda z: z * R(z) / mpmath.sinh(R(z)),
        low=mpf(0),
        high=HALF_LN2**2,
        degree=5,
    ),
    "COSH": Fit(
        function=_from_series(lambda k: 1 / mpmath.factorial(2 * k + 4)),
        weight=lambda z: z * z,
        low=mpf(0),
        high=HALF_LN2**2,
        degree=4,
    ),
    # tan(r) = r + r^3 P(r^2)
    "TAN": Fit(
        function=lambda z: (mpmath.tan(R(z)) / R(z) - 1) / z,
        weight=lambda z: z * R(z) / mpmath.tan(R(z)),
        low=mpf(0),
        high=QUARTER,
        degree=14,
    ),
    # asin(x) = x + x^3 P(x^2)
    "ASIN": Fit(
        function=lambda z: (mpmath.asin(R(z)) / R(z) - 1) / z,
        weight=lambda z: z * R(z) / mpmath.asin(R(z)),
        low=mpf(0),
        high=mpf("0.25"),
        degree=12,
    ),
    # m^(-1/3) = P(m), a first guess for the cube root
    "CBRT": Fit(
        function=lambda m: m ** (-mpf(1) / 3),
        weight=lambda m: m ** (mpf(1) / 3),
        low=R(mpf(1) / 2),
        high=R(mpf(2)),
        degree=4,
    ),
    # erf_inv(x) = x F(w), w = -log(1 - x^2), s = sqrt(w):
    # F = F(0) + w P(w / 3.125 - 1) for w to 6.25, then s + P((s - 3.25) / 0.75) to s = 4,
    # then s + P(s - 5.05)
    "ERF_INV": Fit(
        function=lambda t: (
            (stretched(3.125 * (t + 1) / LN2) - R(mpmath.pi) / 2) / (3.125 * (t + 1))
        ),
        weight=lambda t: 3.125 * (t + 1) / stretched(3.125 * (t + 1) / LN2),
        low=mpf("-0.999999"),
        high=mpf(1),
        degree=24,
    ),
    "ERF_INV_FAR": Fit(
        function=lambda t: stretched((3.25 + 0.75 * t) ** 2 / LN2) - (3.25 + 0.75 * t),
        weight=lambda t: 1 / (3.25 + 0.75 * t),
        low=mpf(-1),
        high=mpf(1),
        degree=20,
    ),
    "ERF_INV_FARTHEST": Fit(
        function=lambda t: stretched((5.05 + t) ** 2 / LN2) - (5.05 + t),
        weight=lambda t: 1 / (5.05 + t),
        low=mpf("-1.06"),
        high=mpf("1.06"),
        degree=19,
    ),
}


def main():
    """Print the tables that are asked for, or all."""
    for name in sys.argv[1:] or FITS:
        used = coefficients_of(FITS[name])
        print(f"# {name}: largest error 2^{largest_error(FITS[name], used):.1f}")
        print(f"{name} = (")
        for each in used:
            print(f"    {each!r},")
        print(")", flush=True)


if __name__ == "__main__":
    main()
