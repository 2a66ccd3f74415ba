"""Covariances of the true navigation error, source by source, through all cycles of a flight.

With the gains K of the reference flight held, an error x of the estimate follows
x+ = (I - K H) F x + K (Z e + W w), e errors that last the flight and w white noise. The errors e
are carried as sensitivities, which treats each as a constant that is considered and correlated
with x as it comes; noise is carried as a covariance of its own for each source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from perilune.campaign.covariance.linear_flight import LinearFlight
from perilune.mechanics.array_types import AnyArray


@dataclass
class Carried:
    """What goes from cycle to cycle."""

    by_error: Float[AnyArray, "n p"]  # sensitivities to one sigma of each error
    by_noise: Float[AnyArray, "s n n"]  # a covariance for each source of noise
    by_ground: Float[AnyArray, "g n1 n1"]  # of the errors and the ground where a beam struck


@dataclass(frozen=True)
class GroundError:
    """Ground over the map along the strikes: a first-order Gauss-Markov process, cycle by cycle."""

    variance_m2: Float[AnyArray, " N"]
    length_m: float


def propagated(
    linear: LinearFlight,
    start: Float[AnyArray, "n p"],
    noises: Mapping[str, tuple[str, slice]],
    grounds: Mapping[str, GroundError],
    kept: Int[AnyArray, " rows"],
) -> list[Carried]:
    """The state after each of the cycles `kept`.

    `noises` says of which unit a source is and which of its numbers, `grounds` which errors of the
    ground there are.
    """
    count = len(start)
    now = Carried(
        start,
        np.zeros((len(noises), count, count)),
        np.zeros((len(grounds), count + 1, count + 1)),
    )
    for place, each in enumerate(grounds.values()):
        now.by_ground[place, -1, -1] = each.variance_m2[0]
    wanted, found = set(np.asarray(kept).tolist()), []
    inputs = _Inputs(linear, noises)
    for cycle in range(len(linear.steps.through)):
        _travel(now, linear.travelled, inputs, cycle)
        _update(now, linear, inputs, grounds, cycle)
        if cycle in wanted:
            found.append(Carried(now.by_error, now.by_noise.copy(), now.by_ground.copy()))
    return found


class _Inputs:
    """Where each unit's readings stand among those in which it was used, and its sources."""

    def __init__(self, linear: LinearFlight, noises: Mapping[str, tuple[str, slice]]) -> None:
        count = len(linear.steps.through)
        self.place = {name: np.full(count, -1) for name in linear.reads}
        for name, rows in self.place.items():
            rows[linear.places[name]] = np.arange(len(linear.places[name]))
        self.sources: dict[str, list[tuple[int, slice]]] = {}
        for number, (label, numbers) in enumerate(noises.values()):
            self.sources.setdefault(label, []).append((number, numbers))

    def of(self, name: str) -> list[tuple[int, slice]]:
        """The sources of a unit, or of the height beside its channels."""
        return self.sources.get(name.removesuffix(":height"), [])


def _travel(now: Carried, travelled: Any, inputs: _Inputs, cycle: int) -> None:
    through = travelled.through[cycle]
    now.by_error = through @ now.by_error + travelled.by_error[cycle]
    now.by_noise = through @ now.by_noise @ through.T
    wide = _wide(through)
    now.by_ground = wide @ now.by_ground @ wide.T
    for label, each in travelled.by_noise.items():
        for number, numbers in inputs.of(label):
            columns = (
                each[cycle].reshape(len(through), 2, -1)[:, :, numbers].reshape(len(through), -1)
            )
            now.by_noise[number] += columns @ columns.T


def _update(
    now: Carried,
    linear: LinearFlight,
    inputs: _Inputs,
    grounds: Mapping[str, GroundError],
    cycle: int,
) -> None:
    steps, through = linear.steps, linear.steps.through[cycle]
    now.by_error = through @ now.by_error
    now.by_noise = through @ now.by_noise @ through.T
    wide, of_ground = _wide(through), np.zeros(len(through))
    for name, rows in inputs.place.items():
        if rows[cycle] < 0:
            continue
        into, read = steps.into[name][cycle], linear.reads[name]
        now.by_error = now.by_error + into @ read.by_error[rows[cycle]]
        of_ground += into @ steps.slope[name][cycle][:, MAP_BIAS]
        for number, numbers in inputs.of(name):
            columns = into @ read.by_noise[rows[cycle]][:, numbers]
            now.by_noise[number] += columns @ columns.T
    wide[:-1, -1] = of_ground
    for place, each in enumerate(grounds.values()):
        left = np.exp(-steps.strike_moved_m[cycle] / each.length_m)
        fade = np.eye(len(wide))
        fade[-1, -1] = left
        faded = fade @ now.by_ground[place] @ fade.T
        faded[-1, -1] += each.variance_m2[cycle] * (1.0 - left**2)
        now.by_ground[place] = wide @ faded @ wide.T


MAP_BIAS = 9
"""Where the map's error stands among the filter's."""


def _wide(matrix: Float[AnyArray, "n n"]) -> Float[AnyArray, "n1 n1"]:
    """With one state more, which stays."""
    wide = np.eye(len(matrix) + 1)
    wide[:-1, :-1] = matrix
    return wide
