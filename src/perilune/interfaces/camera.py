"""The navigation camera: position fixes on mapped ground, as good as the light lets them be."""

from typing import Annotated, Any, Protocol

import equinox as eqx
import jax.numpy as jnp
from jax.typing import ArrayLike
from jaxtyping import Array, Bool, Float
from pydantic import Field

from perilune.interfaces.sensor import Period, Rate, Sensor, TimedErrors, TimedSpec
from perilune.interfaces.table import Angle, Fraction, NotNegative, Reach

FixBias = Annotated[float, Field(ge=-100_000.0, le=100_000.0)]
Turn = Annotated[float, Field(ge=0.0, le=3.141592653589793)]
LEAST_QUALITY = 0.05
"""However few matches a fix rests on, it is no worse than one on so small a share of them."""


class CameraSpec(TimedSpec):
    """Position fixes; errors are one sigma an axis in full light, and what the light takes."""

    noise_m: Annotated[float, Field(gt=0.0, le=10_000.0)]
    """One sigma an axis across, drawn for each fix."""
    noise_fraction: Annotated[float, Field(ge=0.0, le=0.1)]
    """One sigma an axis across that grows with height, of the height over ground."""
    vertical_factor: Annotated[float, Field(gt=0.0, le=100.0)]
    """One sigma in height over that across."""
    bias_m: Annotated[float, Field(ge=0.0, le=10_000.0)]
    """One sigma an axis, fixed per flight: of the map's tie to the ground."""
    period_s: Period
    """Between fixes."""
    min_height_m: NotNegative
    """Lowest height over ground of a fix."""
    max_height_m: Reach
    """Greatest height over ground of a fix."""
    dropout_fraction: Fraction
    """Share of fixes lost in full light."""
    view_rad: Angle
    """Field of view, from side to side."""
    map_resolution_m: Annotated[float, Field(gt=0.0, le=10_000.0)]
    """Of the images that the view is matched to: their pixel on the ground."""
    full_pixels_count: Annotated[float, Field(gt=0.0, le=100_000.0)]
    """Of the map's pixels across the view, from which matches are as many as they can be."""
    dark_sun_rad: Annotated[float, Field(ge=-0.1, le=1.5)]
    """Elevation of the Sun at the ground below up to which there is no fix."""
    full_sun_rad: Angle
    """Elevation of the Sun from which light is full."""
    full_lit_fraction: Annotated[float, Field(gt=0.0, le=1.0)]
    """Share of the ground in view that is lit, from which light is full."""
    map_light_rad: Turn
    """Between the Sun's direction at the landing and that of the map's images."""
    map_light_tolerance_rad: Annotated[float, Field(gt=0.0, le=10.0)]
    """Of that angle, with which matches fall as a normal curve of this sigma."""
    wrong_fraction: Fraction
    """Of fixes in lit ground, those that are wrong matches."""
    wrong_in_shadow_fraction: Fraction
    """Of fixes, those that are wrong matches besides where all ground is in shadow."""
    wrong_match_m: Annotated[float, Field(ge=0.0, le=100_000.0)]
    """How far off a wrong match is, one sigma an axis."""


class CameraErrors(TimedErrors):
    """Of the camera's fixes."""

    bias_m: tuple[FixBias, FixBias, FixBias] = (0.0, 0.0, 0.0)
    """Along the track, across it and up."""


class CameraReading(eqx.Module):
    """A position matched to the map, and what the matches say of how good it is."""

    position_fixed_m: Float[Array, "3"]  # MOON_ME, its radius over the map's datum
    height_m: Float[Array, ""]  # over the ground in view
    quality_fraction: Float[Array, ""]  # of the matches that there are in full light
    valid: Bool[Array, ""]


class Figures(Protocol):
    """What of the data sheet says how good a fix is, as it is or as it is believed to be."""

    @property
    def noise_m(self) -> Any:
        """One sigma across near the ground."""

    @property
    def noise_fraction(self) -> Any:
        """Growing with height."""

    @property
    def vertical_factor(self) -> Any:
        """In height over that across."""

    @property
    def map_resolution_m(self) -> Any:
        """Pixel of the map."""


def one_sigma_m(
    spec: Figures, height_m: Float[ArrayLike, ""], quality_fraction: Float[ArrayLike, ""]
) -> Float[Array, "3"]:
    """Of a fix along the track, across it and up.

    Across, (noise + fraction of height) and a pixel of the map, even over its width, in quadrature;
    over the root of the share of matches, as the mean of so many independent ones.
    """
    seen_m = jnp.asarray(spec.noise_m) + spec.noise_fraction * jnp.asarray(height_m)
    across_m = jnp.sqrt(seen_m**2 + jnp.asarray(spec.map_resolution_m) ** 2 / 12.0)
    across_m = across_m / jnp.sqrt(jnp.maximum(quality_fraction, LEAST_QUALITY))
    return across_m * jnp.stack([jnp.array(1.0), jnp.array(1.0), jnp.asarray(spec.vertical_factor)])


CAMERA = Sensor(
    kind="camera",
    title="camera position fixes",
    spec=CameraSpec,
    errors=CameraErrors,
    silent=lambda: CameraReading(jnp.zeros(3), jnp.array(0.0), jnp.array(0.0), jnp.array(False)),
    rate=Rate.CYCLE,
    normals=(3,),
    uniforms=(),
    bias_states={"bias_m": 3},
    channels={"along": "along", "cross": "cross", "up": "up"},
    column_unit="m",
    one_validity=True,
    error_units={"": ("m", 3)},
    needs_light=True,
    truth_alone=(
        "latency_s",
        "period_s",
        "min_height_m",
        "max_height_m",
        "dropout_fraction",
        "view_rad",
        "full_pixels_count",
        "dark_sun_rad",
        "full_sun_rad",
        "full_lit_fraction",
        "map_light_rad",
        "map_light_tolerance_rad",
        "wrong_fraction",
        "wrong_in_shadow_fraction",
        "wrong_match_m",
    ),
)
