"""The estimate: nominal state, biases and the covariance of their errors.

The filter's errors, true minus estimated, stand in this order: position, velocity, attitude; the
map's; the biases of the inertial units; and those of all other sensors, by label. Which there are
follows from the sensors that are fitted and what their declarations name as states.
"""

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.interfaces.sensor_kinds import sensor_of
from perilune.interfaces.units import kind_of
from perilune.mechanics.rotation import from_rotation_vector, multiply, normalize
from perilune.onboard.navigation.past import Instant, no_past, remembered
from perilune.onboard.navigation.trend import Trends, no_speed_trend, no_trend
from perilune.onboard.navigation.watch import Watch, unwatched
from perilune.onboard.upload import Upload

POSITION = slice(0, 3)  # m, inertial
VELOCITY = slice(3, 6)  # m/s, inertial
ATTITUDE = slice(6, 9)  # rad, true = exp(error) * estimated, inertial axes
MOVING = 9
"""Position, velocity and attitude errors move; the biases after them only fade."""
GYRO_BIAS, ACCELEROMETER_BIAS = "gyro_bias_rad_s", "accelerometer_bias_m_s2"

HEIGHT = ":height"
"""Ends the name of the watch of a height beside a unit's channels."""

Biases = Mapping[str, Mapping[str, Array]]
"""Label of a unit → name of a bias → its components."""


@dataclass(frozen=True)
class Layout:
    """Where each error stands."""

    of: Mapping[str, Mapping[str, slice]]
    """Label of a unit → name of a bias → its place."""
    map_bias: int
    """m, true ground above the map's where the beam last struck, less the range's bias."""
    count: int

    def inertial(self, bias: str) -> list[slice]:
        """The places of one bias of the inertial units, unit by unit."""
        return [self.of[label][bias] for label in self.of if kind_of(label) == "imu"]


def layout_of(labels: Iterable[str]) -> Layout:
    """The layout for sensors with these labels."""
    return _layout(tuple(sorted(labels)))


@functools.cache
def _layout(labels: tuple[str, ...]) -> Layout:
    places: dict[str, dict[str, slice]] = {}
    inertial = [label for label in labels if kind_of(label) == "imu"]
    end = MOVING + 1
    for label in [*inertial, *(each for each in labels if each not in inertial)]:
        end = _place(places, label, end)
    return Layout(places, MOVING, end)


def _place(places: dict[str, dict[str, slice]], label: str, start: int) -> int:
    for name, size in sensor_of(label).bias_states.items():
        places.setdefault(label, {})[name] = slice(start, start + size)
        start += size
    return start


class Estimate(eqx.Module):
    """What the filter believes."""

    _: KW_ONLY
    position_inertial_m: Float[Array, "3"]
    velocity_inertial_m_s: Float[Array, "3"]
    inertial_from_body: Float[Array, "4"]
    biases: Biases
    map_bias_m: Float[Array, ""]  # of the ground in `strike_direction`
    strike_direction: Float[Array, "3"]  # Moon-fixed; zero before the first range
    map_variance_m2: Float[Array, ""]  # of the map's error hereabouts, as uploaded
    covariance: Float[Array, "errors errors"]
    watches: Mapping[str, Watch]  # by the label of the unit whose innovations they are of
    trends: Trends | None  # None while an update runs
    past: Instant | None  # a leading axis of `past.KEPT_COUNT`; None while an update runs
    corrections: Float[Array, "9"]  # sum of all that moved position, velocity and attitude

    @property
    def layout(self) -> Layout:
        """Where each error stands."""
        return layout_of(self.biases)


def first_estimate(upload: Upload) -> Estimate:
    """The upload's state with no known bias."""
    settings = upload.filter
    layout = layout_of(upload.sensors)
    return Estimate(
        position_inertial_m=settings.start_position_inertial_m,
        velocity_inertial_m_s=settings.start_velocity_inertial_m_s,
        inertial_from_body=settings.start_inertial_from_body,
        biases={
            label: {name: jnp.zeros(place.stop - place.start) for name, place in of.items()}
            for label, of in layout.of.items()
        },
        map_bias_m=jnp.array(0.0),
        strike_direction=jnp.zeros(3),
        map_variance_m2=settings.start_covariance[layout.map_bias, layout.map_bias],
        covariance=settings.start_covariance,
        watches=_no_watches(sorted(upload.sensors)),
        trends=_no_trends(sorted(upload.sensors)),
        past=no_past(),
        corrections=jnp.zeros(MOVING),
    )


def _no_watches(labels: Iterable[str]) -> dict[str, Watch]:
    """Those of every unit that is compared, and of heights beside their channels."""
    found = {}
    for label in labels:
        sensor = sensor_of(label)
        if sensor.scalar_count:
            found[label] = unwatched(sensor.scalar_count)
        if sensor.height_beside:
            found[height_of(label)] = unwatched(1)
    return found


def _no_trends(labels: Iterable[str]) -> Trends:
    """Those of altimeters of either kind, and of velocimeters."""
    ranging = [label for label in labels if sensor_of(label).in_use is not None]
    speeds = [label for label in labels if sensor_of(label).height_beside]
    return Trends(
        heights={label: no_trend() for label in ranging},
        speeds={label: no_speed_trend() for label in speeds},
    )


def height_of(label: str) -> str:
    """The name of the watch of a unit's height beside its channels."""
    return f"{label}{HEIGHT}"


def correct(
    estimate: Estimate, error: Float[Array, " errors"], covariance: Float[Array, "errors errors"]
) -> Estimate:
    """Move the nominal state by an estimated error and take the new covariance."""
    layout = estimate.layout
    turn = from_rotation_vector(error[ATTITUDE])
    return dataclasses.replace(
        estimate,
        position_inertial_m=estimate.position_inertial_m + error[POSITION],
        velocity_inertial_m_s=estimate.velocity_inertial_m_s + error[VELOCITY],
        inertial_from_body=normalize(multiply(turn, estimate.inertial_from_body)),
        biases={
            label: {name: value + error[layout.of[label][name]] for name, value in of.items()}
            for label, of in estimate.biases.items()
        },
        map_bias_m=estimate.map_bias_m + error[layout.map_bias],
        corrections=estimate.corrections + error[:MOVING],
        covariance=covariance,
    )


def instant_of(
    estimate: Estimate, time_s: Float[Array, ""], rate_body_rad_s: Float[Array, "3"]
) -> Instant:
    """What is kept of an estimate, and of all its corrections so far."""
    return Instant(
        time_s=time_s,
        position_inertial_m=estimate.position_inertial_m,
        velocity_inertial_m_s=estimate.velocity_inertial_m_s,
        inertial_from_body=estimate.inertial_from_body,
        rate_body_rad_s=rate_body_rad_s,
        moved_m=estimate.corrections[POSITION],
        sped_m_s=estimate.corrections[VELOCITY],
        turned_rad=estimate.corrections[ATTITUDE],
    )


def with_past(
    estimate: Estimate, time_s: Float[Array, ""], rate_body_rad_s: Float[Array, "3"]
) -> Estimate:
    """The estimate with its present kept."""
    assert estimate.past is not None
    past = remembered(estimate.past, instant_of(estimate, time_s, rate_body_rad_s))
    return dataclasses.replace(estimate, past=past)
