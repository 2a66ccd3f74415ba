"""Whether navigation was as sure as it may be: squared errors over variance, errors over sigma."""

import numpy as np
from scipy.stats import chi2

from perilune.report.campaign.charts import CLEAN, plain
from perilune.report.campaign.flights import Flights
from perilune.report.campaign.words import percent
from perilune.report.figure import Figure

AXES = {"position": 3, "velocity": 3, "attitude": 3, "height": 1}  # an error is held against
INSIDE = 0.95
_FAR = 5.0
_WHICH = ("vertical", "horizontal")
_LEGEND = (
    ("mean of the flights", CLEAN, "circle"),
    ("5 % to 95 % of the flights", CLEAN, "solid"),
)


def consistency_figures(flights: Flights) -> list[Figure]:
    """NEES by checkpoint, of height over ground too; errors over sigma where known."""
    figures = [_nees(flights, kind) for kind in AXES]
    ratios = [_ratio(flights, which) for which in _WHICH]
    return [figure for figure in figures + ratios if figure is not None]


def _nees(flights: Flights, kind: str) -> Figure | None:
    found = _of(flights, "nees_", f"_{kind}")
    if not found:
        return None
    axes = AXES[kind]
    band = chi2.ppf([(1 - INSIDE) / 2, (1 + INSIDE) / 2], axes) / axes
    inside = np.concatenate(list(found.values()))
    share = float(((inside >= band[0]) & (inside <= band[1])).mean())
    title = f"{kind.capitalize()}: {percent(share)} of errors inside the band that holds 95 %"
    says = (
        f"Squared error over the filter's own variance, per axis (NEES), when each checkpoint was "
        f"passed; a consistent filter has mean 1. Above the band it is surer than it may be, below "
        f"it more cautious than it need be. Band: chi-square with {axes} degrees of freedom, over "
        f"{axes}; a mean of {_most(found):,} flights should stay within {_mean_words(found, axes)}."
    )
    words = (f"nees-{kind}", title, says)
    return _drawn(words, "NEES per axis", found, (*band, "95 % of single flights, if consistent"))


def _ratio(flights: Flights, which: str) -> Figure | None:
    heads = {name: f"{name}_{which}_" for name in ("error", "sigma")}
    found = _known(
        {
            place: np.abs(flights[f"{heads['error']}{place}_m"])
            / flights[f"{heads['sigma']}{place}_m"]
            for place in _places(flights, heads["sigma"], "_m")
        }
    )
    if not found:
        return None
    every = np.concatenate(list(found.values()))
    title = f"{which.capitalize()} error: {percent(float((every <= 3).mean()))} within 3 sigma"
    says = (
        "Size of the position error over the filter's own sigma when each checkpoint was passed. "
        "Most should lie under 1 to 2; a tail above 3 is error that the filter did not know of."
    )
    words = (f"error-{which}", title, says)
    return _drawn(words, "error over sigma", found, (0.0, 3.0, "within 3 sigma"))


def _of(flights: Flights, head: str, tail: str) -> dict[str, np.ndarray]:
    """Checkpoint → its known values, in the order of the columns."""
    places = _places(flights, head, tail)
    return _known({place: flights[head + place + tail] for place in places})


def _places(flights: Flights, head: str, tail: str) -> list[str]:
    names = flights.table.column_names
    return [
        name.removeprefix(head).removesuffix(tail)
        for name in names
        if name.startswith(head) and name.endswith(tail)
    ]


def _known(found: dict) -> dict[str, np.ndarray]:
    known = {place: values[np.isfinite(values)] for place, values in found.items()}
    return {place: values for place, values in known.items() if values.size}


def _drawn(words: tuple[str, str, str], axis: str, found: dict, band: tuple) -> Figure:
    names = [name.replace("_", " ") for name in found]
    low, mean, high = (
        [float(of(values)) for values in found.values()]
        for of in (lambda v: np.percentile(v, 5), np.mean, lambda v: np.percentile(v, 95))
    )
    spread = {
        "type": "data",
        "symmetric": False,
        "array": [top - at for top, at in zip(high, mean, strict=True)],
        "arrayminus": [at - bottom for at, bottom in zip(mean, low, strict=True)],
        "color": CLEAN,
        "thickness": 1.4,
    }
    trace = {
        "type": "scatter",
        "mode": "markers",
        "name": axis,
        "x": names,
        "y": mean,
        "error_y": spread,
        "marker": {"color": CLEAN, "size": 8},
        "hovertemplate": "%{x}: mean %{y:.3g}<extra></extra>",
    }
    body = plain("checkpoint, in the order they are passed", axis, [trace], height=360)
    body["layout"]["xaxis"] |= {"type": "category", "tickangle": -40}
    body["layout"]["yaxis"] |= _scale(low, [*high, *mean], band)
    ends = {"xref": "paper", "x0": 0, "x1": 1, "y0": max(band[0], 1e-3), "y1": band[1]}
    body["layout"]["shapes"] += [
        {
            "type": "rect",
            "fillcolor": "--green-fill",
            "line": {"width": 0},
            "layer": "below",
            **ends,
        }
    ]
    return Figure(*words, body, (*_LEGEND, (band[2], "--green", "band")))


def _scale(low: list, high: list, band: tuple) -> dict:
    """From zero, or by decades where the flights reach far over the band."""
    top = 1.08 * max(*high, band[1])
    if top < _FAR * band[1]:
        return {"range": [0.0, top]}
    bottom = max(min(*low, max(band[0], 0.1)), 1e-3)
    return {"type": "log", "dtick": 1, "range": [float(np.log10(bottom)), float(np.log10(top))]}


def _most(found: dict) -> int:
    return max(len(values) for values in found.values())


def _mean_words(found: dict, axes: int) -> str:
    count = axes * _most(found)
    low, high = chi2.ppf([(1 - INSIDE) / 2, (1 + INSIDE) / 2], count) / count
    return f"{low:.2f} and {high:.2f} 95 times in 100"
