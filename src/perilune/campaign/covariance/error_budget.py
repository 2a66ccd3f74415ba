"""The budget of navigation errors: what each source makes of ten errors, and what the filter says.

Every figure is one standard deviation in the unit of its axis; the squares of the sources add up.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Float, Int

from perilune.campaign.covariance.drawn_errors import Drawn
from perilune.campaign.covariance.error_axes import AXES, HEIGHT, UP, Shown, shown
from perilune.campaign.covariance.ground_left_out import left_out_m2
from perilune.campaign.covariance.linear_flight import LinearFlight, mapped
from perilune.campaign.covariance.moments import Moment
from perilune.campaign.covariance.propagation import Carried, GroundError, propagated
from perilune.campaign.covariance.reference_flight import Record
from perilune.campaign.covariance.true_cycle import noise_size
from perilune.design.flight_plan import FlightPlan
from perilune.flight import suite
from perilune.interfaces.sensor import Rate
from perilune.interfaces.sensor_kinds import sensor_of
from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.rotation import conjugate, multiply
from perilune.onboard.navigation.estimate import MOVING

GROUNDS = ("map between its points", "relief below the map")
LEAST_SHARE = 1e-6
"""Of a variance: a source that makes less of every error shown is left out."""
Figures = Float[AnyArray, "rows 10"]


class Budget(NamedTuple):
    """At each of some times: one sigma of ten errors, true and as the filter has it."""

    time_s: Float[AnyArray, " rows"]
    claimed: Figures
    by_source: Mapping[str, Figures]

    @property
    def true(self) -> Figures:
        """All sources together."""
        return np.sqrt(sum(each**2 for each in self.by_source.values()))

    def at(self, places: Int[AnyArray, " some"]) -> "Budget":
        """Those of its times, with the sources that tell in any of them."""
        by_source = {name: each[places] for name, each in self.by_source.items()}
        return Budget(self.time_s[places], self.claimed[places], telling(by_source))


def telling(by_source: Mapping[str, Figures]) -> dict[str, Figures]:
    """The sources that make more than a trace of some error."""
    total = sum(each**2 for each in by_source.values())
    return {name: each for name, each in by_source.items() if np.any(each**2 > LEAST_SHARE * total)}


class Along(NamedTuple):
    """What a budget is made along."""

    record: Record
    moment: Moment
    drawn: Drawn
    rows: Int[AnyArray, " rows"]  # ascending


def budget_along(plan: FlightPlan, linear: LinearFlight, along: Along) -> Budget:
    """The budget of a flight that has been made linear."""
    grounds, noises = ground_errors(plan, along.moment), noises_of(plan)
    found = propagated(
        linear,
        start_errors(along.drawn, linear.steps.through.shape[1]),
        noises,
        grounds,
        along.rows,
    )
    some = jax.tree.map(lambda each: each[along.rows], along.moment)
    axes = mapped("shown", shown, (plan, along.drawn.truth, along.drawn.directions), some)
    scale = np.array([unit for _, unit in AXES])
    variances = _variances(found, axes, along.drawn.groups, noises)
    variances |= _of_ground(found, axes, grounds, along.rows)
    return Budget(
        time_s=0.1 * along.moment.clock[along.rows, -1],
        claimed=scale * _claimed(along.record, axes, along.rows),
        by_source=telling({name: scale * np.sqrt(each) for name, each in variances.items()}),
    )


def start_errors(drawn: Drawn, count: int) -> Float[AnyArray, "n p"]:
    """What the start's errors are of the filter's, estimated less true; the rest is nothing."""
    start, truth = drawn.directions.truth.start, drawn.truth.start
    back = conjugate(truth.inertial_from_body)
    turned = jax.vmap(lambda change: 2.0 * multiply(change, back)[1:])(start.inertial_from_body)
    moved = (start.position_inertial_m, start.velocity_inertial_m_s, np.asarray(turned))
    whole = np.zeros((count, len(drawn.groups)))
    whole[:MOVING] = -np.concatenate(moved, axis=1).T
    return whole


def noises_of(plan: FlightPlan) -> dict[str, tuple[str, slice]]:
    """Name of a source of noise → its unit, and which of the numbers of a reading are its."""
    found = {}
    for rate in Rate:
        for label, _ in suite.units(plan, rate):
            for name, place in _parts(plan, label):
                found[f"{spelled(label)}: {name}"] = (label, place)
    return found


def _parts(plan: FlightPlan, label: str) -> list[tuple[str, slice]]:
    sensor, size = sensor_of(label), noise_size(plan, label)
    own = size - (sensor.error_size if size > int(np.prod(sensor.normals, dtype=int)) else 0)
    found, begin = [], 0
    for name, count in sensor.noises.items():
        end = own if count < 0 else begin + count
        found.append((name, slice(begin, end)))
        begin = end
    return found if own == size else [*found, ("noise of its faults", slice(own, size))]


def ground_errors(plan: FlightPlan, moment: Moment) -> dict[str, GroundError]:
    """What the onboard map leaves out, as the maps have it; the relief as the filter is told."""
    settings = plan.upload.filter
    of_map_m2 = left_out_m2(plan, moment)
    relief_m2 = np.full(len(of_map_m2), float(settings.relief_m) ** 2)
    lengths_m = (float(settings.map_mismatch_length_m), float(settings.relief_length_m))
    found = zip(GROUNDS, (of_map_m2, relief_m2), lengths_m, strict=True)
    return {name: GroundError(size_m2, length_m) for name, size_m2, length_m in found}


def _variances(
    found: Sequence[Carried], axes: Shown, groups: Sequence[str], noises: Mapping[str, Any]
) -> dict[str, Figures]:
    """Of what lasts the flight, by its path, and of noise."""
    by_error = np.stack([each.by_error for each in found])
    felt = axes.of_filter @ by_error + axes.by_error
    variances = {}
    for name in dict.fromkeys(groups):
        mine = [place for place, each in enumerate(groups) if each == name]
        variances[spelled(name)] = np.sum(felt[:, :, mine] ** 2, axis=-1)
    for place, name in enumerate(noises):
        covariance = np.stack([each.by_noise[place] for each in found])
        variances[name] = quadratic(axes.of_filter, covariance)
    return variances


def _of_ground(
    found: Sequence[Carried],
    axes: Shown,
    grounds: Mapping[str, GroundError],
    rows: Int[AnyArray, " rows"],
) -> dict[str, Figures]:
    """Of the ground over the map: below the vehicle it is like that at the strike but in part."""
    variances = {}
    for place, (name, error) in enumerate(grounds.items()):
        alike = axes.alike_fraction[:, place]
        wide = np.concatenate([axes.of_filter, np.zeros((len(rows), len(AXES), 1))], axis=-1)
        wide[:, HEIGHT, -1] = alike
        found_m2 = quadratic(wide, np.stack([each.by_ground[place] for each in found]))
        found_m2[:, HEIGHT] += error.variance_m2[rows] * (1.0 - alike**2)
        variances[name] = found_m2
    return variances


def _claimed(record: Record, axes: Shown, rows: Int[AnyArray, " rows"]) -> Figures:
    heard = jax.tree.map(lambda each: each[rows + 1], record.heard)
    variance = quadratic(axes.of_filter, heard.covariance)
    variance[:, UP] += heard.datum_variance_m2
    variance[:, HEIGHT] = heard.height_variance_m2
    return np.sqrt(variance)


def quadratic(
    along: Float[AnyArray, "rows a n"], covariance: Float[AnyArray, "rows n n"]
) -> Float[AnyArray, "rows a"]:
    """The variance along each axis, row by row: one that rounds to less than nothing is none."""
    return np.maximum(np.sum((along @ covariance) * along, axis=-1), 0.0)


def spelled(path: str) -> str:
    """A path or label as a source is called: `errors.imu.gyro_bias` is `imu: gyro bias`."""
    if path == "start":
        return "start: place and speed"
    parts = path.removeprefix("errors.").split(".")
    return ": ".join(part.replace("_", " ") for part in (".".join(parts[:-1]), parts[-1]) if part)
