"""From a lander's numbers to the points that may touch the ground, its hull's and bells' with them.

`lander` is a table of `design.numbers`, arrays throughout; lengths are in the body frame.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.design.build_legs import build_legs
from perilune.design.layout import Layout
from perilune.design.typed_arrays import Tables
from perilune.truth.vehicle.vehicle import ContactPoints

TOP_POINT_COUNT, LOW_POINT_COUNT, BELL_POINT_COUNT = 5, 3, 4
"""Points on the rings of the hull's ends and of each bell's rim."""


def engine_units(lander: Tables) -> list[Tables]:
    """The engines' tables of numbers, in the order of their names."""
    engine = lander.engine
    return [engine[name] for name in sorted(engine)] if isinstance(engine, dict) else [engine]


def contact_points(lander: Tables, layout: Layout, soil: Tables | None) -> ContactPoints:
    """The footpads, then the hull: five points on top, three below, the parts; then the bells.

    Each bell has four points on its rim.
    """
    legs, hull, engines = lander.legs, lander.hull, engine_units(lander)
    feet = _pads(legs, layout)
    top = _ring(TOP_POINT_COUNT, hull.radius_m, hull.top_height_m)
    bottom = _ring(LOW_POINT_COUNT, hull.radius_m, hull.bottom_height_m)
    parts = [part.position_m[None] for part in lander.parts]
    bells = [
        _ring(BELL_POINT_COUNT, engine.bell_radius_m, engine.bell_exit_height_m)
        + jnp.append(engine.off_axis_m, 0.0)
        for engine in engines
    ]
    points = jnp.concatenate([feet, top, bottom, *parts, *bells])
    body_count = len(points) - len(feet)

    def each(of_legs: float, of_hull: float) -> Float[Array, " points"]:
        return jnp.concatenate([of_legs * jnp.ones(len(feet)), of_hull * jnp.ones(body_count)])

    return ContactPoints(
        position_body_m=points,
        stiffness_n_per_m=each(legs.stiffness_n_per_m, hull.stiffness_n_per_m),
        damping_n_s_per_m=each(legs.damping_n_s_per_m, hull.damping_n_s_per_m),
        friction_factor=each(legs.friction_factor, hull.friction_factor),
        legs=build_legs(legs, feet, soil),
        leg_count=len(feet),
        bell_count=BELL_POINT_COUNT * len(engines),
        switches=lander.contact_switches,
    )


def _pads(legs: Tables, layout: Layout) -> Float[Array, "legs 3"]:
    """Where the footpads are, (L, 3): one by one where the file has them so, else on a ring."""
    if legs.pads:
        return jnp.stack([pad.position_m for pad in legs.pads])
    azimuth = legs.first_azimuth_rad + 2.0 * jnp.pi * layout.leg_index_count / legs.count
    return _circle(legs.tread_radius_m, 0.0, azimuth)


def _ring(
    size: int, radius_m: Float[Array, ""], height_m: Float[Array, ""]
) -> Float[Array, "size 3"]:
    """Points (size, 3) evenly spaced on a level circle about the axis, from +x on."""
    return _circle(radius_m, height_m, 2.0 * jnp.pi * jnp.arange(float(size)) / float(size))


def _circle(
    radius_m: Float[Array, ""], height_m: Float[Array, ""] | float, azimuth_rad: Float[Array, " n"]
) -> Float[Array, "n 3"]:
    height = height_m * jnp.ones_like(azimuth_rad)
    ahead, aside = jnp.cos(azimuth_rad), jnp.sin(azimuth_rad)
    return jnp.stack([radius_m * ahead, radius_m * aside, height], axis=-1)
