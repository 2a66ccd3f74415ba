"""Height over the ground of many instants, true and believed, with the filter's sigma, in NumPy.

The law is that of `onboard.navigation.ground`; the tests hold the two against each other.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from perilune.design.flight_plan import FlightPlan
from perilune.flight.ground_view import BEAM_FOOTPRINT_M
from perilune.interfaces.telemetry import SHOWN, BelievedState
from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.map_tiles import heights_on_host
from perilune.mechanics.terrain_map import TerrainMap
from perilune.onboard.navigation.ground import steady_errors
from perilune.onboard.upload import Upload
from perilune.telemetry import host_geometry
from perilune.telemetry.samples import Rows
from perilune.telemetry.true_ground import clearances_and_normals

STEP_M = 1.0


@dataclass(frozen=True)
class Heights:
    """Of the footpads under an upright lander, above the ground below; (n,) each."""

    believed_m: Float[np.ndarray, " n"]
    true_m: Float[np.ndarray, " n"]
    sigma_m: Float[np.ndarray, " n"]  # at the row after each cycle, not-a-number between


class Below(NamedTuple):
    """The map under the believed place, row by row."""

    place_fixed_m: Float[np.ndarray, "n 3"]
    above_m: Float[np.ndarray, " n"]  # how high that place is above the map
    alike_fraction: Float[np.ndarray, " n"]  # what of the map bias holds there


def heights_over_ground(
    plan: FlightPlan, rows: Rows, fixed_from_inertial: Float[np.ndarray, "n 4"]
) -> Heights:
    """`Heights` of the rows before the handover, whose Moon is turned by `fixed_from_inertial`."""
    estimate = rows.estimate
    place = host_geometry.rotate(fixed_from_inertial, estimate.position_inertial_m)
    above_m = _above_m(plan.upload.chart.terrain_map, place)
    alike = _alike_fraction(plan.upload, estimate, place)
    foot_m = float(plan.upload.vehicle.foot_below_center_m)
    return Heights(
        above_m - alike * estimate.map_bias_m - foot_m,
        _true_m(plan, rows, fixed_from_inertial) - foot_m,
        _sigma_m(plan, rows, fixed_from_inertial, Below(place, above_m, alike)),
    )


def _true_m(
    plan: FlightPlan, rows: Rows, fixed_from_inertial: Float[np.ndarray, "n 4"]
) -> Float[np.ndarray, " n"]:
    """Of the true centre of mass above the true ground, as drawn."""
    inertial_m = rows.state.position_inertial_m[: rows.free_count]
    place = host_geometry.rotate(fixed_from_inertial, inertial_m)
    return clearances_and_normals(plan, rows.ground, place, BEAM_FOOTPRINT_M)[0]


def _sigma_m(
    plan: FlightPlan, rows: Rows, fixed_from_inertial: Float[np.ndarray, "n 4"], below: Below
) -> Float[np.ndarray, " n"]:
    """One sigma."""
    place, above_m, alike = below
    at, covariance = covariances(plan, rows)
    normal = _normals(plan.upload.chart.terrain_map, place[at])
    slope = np.zeros((len(at), covariance.shape[-1]))
    slope[:, :3] = host_geometry.rotate(host_geometry.conjugate(fixed_from_inertial[at]), normal)
    slope[:, -1] = -alike[at]
    known_m2 = np.einsum("ni,nij,nj->n", slope, covariance, slope)
    varying_m2 = rows.estimate.map_variance_m2[at]
    bias_m, scale_fraction = map(float, steady_errors(plan.upload))
    steady_m2 = bias_m**2 + (scale_fraction * above_m[at]) ** 2
    sigma_m = np.full(rows.free_count, np.nan)
    sigma_m[at] = np.sqrt(known_m2 + varying_m2 * (1.0 - alike[at] ** 2) + steady_m2)
    return sigma_m


def covariances(
    plan: FlightPlan, rows: Rows
) -> tuple[Int[np.ndarray, " k"], Float[np.ndarray, "k 10 10"]]:
    """Rows where a covariance is known, and it, (n, 10, 10): the start's, then after each cycle."""
    at = np.concatenate([[0], rows.cycles.row_count + 1])
    start = np.asarray(plan.upload.filter.start_covariance)[:SHOWN, :SHOWN]
    covariance = np.concatenate([start[None], rows.covariance])
    known = at < rows.free_count
    return at[known], covariance[known]


def _above_m(
    terrain_map: TerrainMap, place: Float[np.ndarray, "... 3"]
) -> Float[np.ndarray, "..."]:
    return np.linalg.norm(place, axis=-1) - MOON_RADIUS_M - heights_on_host(terrain_map, place)


def _alike_fraction(
    upload: Upload, estimate: BelievedState, place: Float[np.ndarray, "n 3"]
) -> Float[np.ndarray, " n"]:
    apart = np.linalg.norm(host_geometry.unit(place) - estimate.strike_direction, axis=-1)
    settings = upload.filter

    def alike(length_m: Float[AnyArray, ""]) -> Float[np.ndarray, " n"]:
        found: Float[np.ndarray, " n"] = np.exp(-((MOON_RADIUS_M * apart / float(length_m)) ** 2))
        return found

    fraction = of_map = alike(settings.map_correlation_length_m)
    for sigma_m, length_m in (
        (settings.relief_m, settings.relief_length_m),
        (settings.waves_m, settings.waves_length_m),
    ):
        share = float(sigma_m) ** 2 / estimate.map_variance_m2
        fraction = fraction + share * (alike(length_m) - of_map)
    return fraction


def _normals(terrain_map: TerrainMap, place: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    """How height above the map changes with place, (n, 3), Moon-fixed, by central differences."""
    steps = STEP_M * np.eye(3)
    ahead, behind = (_above_m(terrain_map, place[:, None] + way * steps) for way in (1.0, -1.0))
    return (ahead - behind) / (2.0 * STEP_M)
