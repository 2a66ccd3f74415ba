"""Where a flight aimed and came to rest, on the true ground and on the map, in degrees and metres.

The map is displaced from the true ground by `errors.map.east` and `errors.map.north`. `true` names
places as they are in MOON_ME, `map` the places where the map draws the same ground. A miss is a
distance over the true ground. Only sums, products, quotients and roots are taken, which every
processor rounds alike: a row's places have the same bits everywhere.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from perilune.flight.fly import FlightSummary
from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.portable_angles import angle_of
from perilune.mechanics.projection import east_and_north_m


@dataclass(frozen=True, kw_only=True)
class Aim:
    """The aim point: where it truly is, where the map has it, and how far the first is off.

    Distances are along the sphere through the true aim point, of `aim_radius_m`.
    """

    aim_true_latitude_deg: float
    aim_true_longitude_deg: float
    aim_map_latitude_deg: float
    aim_map_longitude_deg: float
    aim_radius_m: float
    map_error_east_m: float
    map_error_north_m: float


def aim_of(summary: FlightSummary) -> dict[str, Float[AnyArray, "..."]]:
    """The fields of `Aim`, of one summary or a batch on the host."""
    places = summary.places
    true, drawn = places.aim_true_fixed_m, places.aim_map_fixed_m
    east_m, north_m = east_and_north_m(drawn, true, _along_the_sphere_m(drawn, true))
    return {
        **_angles("aim_true", true),
        **_angles("aim_map", drawn),
        "aim_radius_m": np.linalg.norm(true, axis=-1),
        "map_error_east_m": east_m,
        "map_error_north_m": north_m,
    }


def rest_of(summary: FlightSummary) -> dict[str, Float[AnyArray, "..."]]:
    """Latitude and longitude at the end, true and on the map, and the miss to east and north.

    East and north are those of the map at its aim point, in which the site is described; the
    meridians through the true aim point lean from them by the map error over the distance to the
    pole, 0.2 degrees for 500 m at 85 degrees south.
    """
    places = summary.places
    east_m, north_m = east_and_north_m(
        places.aim_map_fixed_m, places.rest_map_fixed_m, summary.miss_m
    )
    return {
        **_angles("rest_true", places.rest_true_fixed_m),
        **_angles("rest_map", places.rest_map_fixed_m),
        "miss_east_m": east_m,
        "miss_north_m": north_m,
    }


def _angles(
    whose: str, place_fixed_m: Float[AnyArray, "... 3"]
) -> dict[str, Float[AnyArray, "..."]]:
    x, y, z = np.moveaxis(np.asarray(place_fixed_m), -1, 0)
    latitude, longitude = angle_of(z, np.sqrt(x * x + y * y)), angle_of(y, x)
    return {
        f"{whose}_latitude_deg": np.degrees(latitude),
        f"{whose}_longitude_deg": np.degrees(longitude),
    }


def _along_the_sphere_m(
    one_fixed_m: Float[AnyArray, "... 3"], other_fixed_m: Float[AnyArray, "... 3"]
) -> Float[AnyArray, "..."]:
    across = np.linalg.norm(np.cross(one_fixed_m, other_fixed_m), axis=-1)
    angle = angle_of(across, np.sum(one_fixed_m * other_fixed_m, axis=-1))
    return np.linalg.norm(one_fixed_m, axis=-1) * angle
