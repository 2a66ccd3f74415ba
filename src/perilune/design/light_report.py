"""The light of a planned descent in figures: at the site, and over the ground below each phase."""

import functools
import math
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from perilune.design.build_light import KEY, MARCH_M
from perilune.design.flight_plan import FlightPlan
from perilune.mechanics.constants import EARTH_RADIUS_M, SUN_RADIUS_M
from perilune.mechanics.rotation import rotate
from perilune.truth.environment.ephemeris import (
    earth_position_m,
    fixed_from_inertial,
    sun_position_m,
)
from perilune.truth.environment.lighting import (
    Lighting,
    Seen,
    ground_heights,
    lighting_below,
    seen_from,
)

MAP_ALONE_M = 10_000.0
"""Detail of a ground without relief below its map."""


@dataclass(frozen=True, kw_only=True)
class Disc:
    """Sun or Earth in the sky of the site; angles over level ground, azimuth from north by east."""

    elevation_rad: float
    azimuth_rad: float
    horizon_rad: float  # of the map's ground there
    above_fraction: float  # of the disc above it


@dataclass(frozen=True, kw_only=True)
class PhaseLight:
    """Over the ground below the lander in one phase."""

    name: str
    sun_elevation_rad: tuple[float, float]  # at its start and at its end
    lit_fraction: tuple[float, float] | None  # least and mean of the view; None: not tabulated


@dataclass(frozen=True)
class SiteLight:
    """At the site when the plan touches down."""

    sun: Disc
    earth: Disc


def site_light(plan: FlightPlan, time_s: float) -> SiteLight:
    """Sun and Earth over the aim point, and whether the ground of the map hides them."""
    sun, earth = _seen(plan, jnp.asarray(time_s))
    return SiteLight(_disc(sun), _disc(earth))


def _disc(seen: Seen) -> Disc:
    return Disc(**{name: float(value) for name, value in seen._asdict().items()})


@jax.jit
def _seen(plan: FlightPlan, time_s: Float[Array, ""]) -> tuple[Seen, Seen]:
    world = plan.world
    fixed = fixed_from_inertial(world.sky, time_s)
    up = world.aim_fixed_m / jnp.linalg.norm(world.aim_fixed_m)
    ground = ground_heights(world.terrain, jnp.asarray(KEY), MAP_ALONE_M)
    see = functools.partial(seen_from, ground, up)
    along_m = jnp.asarray(MARCH_M)
    sun_m, earth_m = (each(world.sky, time_s) for each in (sun_position_m, earth_position_m))
    return (
        see(rotate(fixed, sun_m), SUN_RADIUS_M, along_m),
        see(rotate(fixed, earth_m), EARTH_RADIUS_M, along_m),
    )


@jax.jit
def lightings(
    plan: FlightPlan, times_s: Float[Array, " n"], places_inertial_m: Float[Array, "n 3"]
) -> Lighting:
    """The light below each of some places."""
    world = plan.world

    def below(time_s: Float[Array, ""], place_m: Float[Array, "3"]) -> Lighting:
        fixed = fixed_from_inertial(world.sky, time_s)
        sun_m = rotate(fixed, sun_position_m(world.sky, time_s))
        return lighting_below(world.light, sun_m, rotate(fixed, place_m), world.aim_fixed_m)

    return jax.vmap(below)(times_s, places_inertial_m)


def phase_light(name: str, seen: Lighting, tabulated: bool) -> PhaseLight:
    """Of the rows of one phase, in their order."""
    sun_rad, lit = np.asarray(seen.sun_elevation_rad), np.asarray(seen.lit_fraction)
    return PhaseLight(
        name=name,
        sun_elevation_rad=(float(sun_rad[0]), float(sun_rad[-1])),
        lit_fraction=(float(lit.min()), float(lit.mean())) if tabulated else None,
    )


def site_words(light: SiteLight) -> str:
    """Both discs in a sentence each."""
    sun, earth = _words("Sun", light.sun), _words("Earth", light.earth)
    return f"light at the site at touchdown: {sun}. {earth}."


def _words(name: str, disc: Disc) -> str:
    up, toward, ground = (
        math.degrees(each) for each in (disc.elevation_rad, disc.azimuth_rad, disc.horizon_rad)
    )
    return (
        f"{name} at {up:.1f} deg towards azimuth {toward:.0f} deg, where the ground of the map "
        f"stands at {ground:.1f} deg: {disc.above_fraction:.0%} of its disc is above it"
    )


def phase_words(lights: tuple[PhaseLight, ...]) -> str:
    """How the Sun stands below each phase with thrust, and how much of the view it lights."""
    parts = []
    for each in lights:
        first, last = (math.degrees(angle) for angle in each.sun_elevation_rad)
        part = f"{each.name} {first:.1f} to {last:.1f} deg"
        if each.lit_fraction is not None:
            least, mean = each.lit_fraction
            part += f", {mean:.0%} of the view lit, at least {least:.0%}"
        parts.append(part)
    return f"Sun over the ground below: {'; '.join(parts)}."
