"""From the legs' numbers, and the soil's, to what gives way at each footpad."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.design.typed_arrays import Tables
from perilune.mechanics.rotation import cross
from perilune.mission.consistency_checks import SURFACE_GRAVITY_M_S2
from perilune.truth.dynamics.strut_crush import NEVER_N
from perilune.truth.vehicle.vehicle import Legs

Row = list[tuple[Float[Array, ""], Float[Array, ""]]]
"""The stages of one strut one way: stroke at the end, force."""


def build_legs(legs: Tables, feet_body_m: Float[Array, "L 3"], soil: Tables | None) -> Legs:
    """What gives way at each footpad, on this soil or on rock."""
    ways = jnp.zeros_like(feet_body_m).at[:, 2].set(1.0)[:, None]
    if legs.pads:
        ways = jnp.stack([pad.crush_direction for pad in legs.pads])[:, None]
    if legs.secondaries is not None:
        ways = _strut_ways(legs.secondaries, feet_body_m)
    ends_m, forces_n = _stages(legs)
    each = jnp.ones(len(feet_body_m))
    return Legs(
        crush_body_factor=ways,
        stage_end_m=jnp.broadcast_to(ends_m, (len(each), *ends_m.shape)),
        crush_force_n=jnp.broadcast_to(forces_n, (len(each), *forces_n.shape)),
        ultimate_load_n=legs.ultimate_load_n * each,
        **_ground(legs.pad_radius_m, soil, each),
    )


def _stages(legs: Tables) -> tuple[Float[Array, "J 2 R"], Float[Array, "J 2 R"]]:
    """(ends, forces) of all struts; shorter tables end where their last stage does."""
    never: Row = [(jnp.zeros(()), jnp.asarray(NEVER_N))]
    primary = [*_rows(legs.early_stages), (legs.stroke_m, legs.crush_force_n)]
    struts = [(primary, never)]
    across = legs.secondaries
    if across is not None:
        struts += 2 * [(_rows(across.compression), _rows(across.tension))]
    size = max(len(row) for strut in struts for row in strut)
    padded = [[row + row[-1:] * (size - len(row)) for row in strut] for strut in struts]
    ends, forces = (
        jnp.stack([jnp.stack([jnp.stack([one[part] for one in row]) for row in s]) for s in padded])
        for part in (0, 1)
    )
    return ends, forces


def _rows(stages: tuple[Any, ...]) -> Row:
    return [(stage.to_m, stage.force_n) for stage in stages]


def _strut_ways(across: Tables, feet_body_m: Float[Array, "L 3"]) -> Float[Array, "L 3 3"]:
    """How far each pad goes as one of its struts shortens, as the undeformed leg has it; (L, 3, 3).

    The primary strut takes the pad along itself. A secondary one turns the leg about its hinge: the
    joint goes across the primary strut, the pad with it and further out. Strut i shortens by
    g_i . u of the pad's way u across, so u is along the dual of the two g.
    """
    level = feet_body_m * jnp.array([1.0, 1.0, 0.0])
    outward = level / jnp.sqrt(jnp.sum(level**2, axis=-1, keepdims=True))
    up = jnp.array([0.0, 0.0, 1.0])
    hinge = across.hinge_radius_m * outward + across.hinge_height_m * up
    primary = _unit(hinge - feet_body_m)
    joint = hinge + across.joint_fraction * (feet_body_m - hinge)
    fitting = across.fitting_radius_m * outward + across.fitting_height_m * up
    aside = across.fitting_aside_m * cross(up[None], outward)
    g1, g2 = (
        across.joint_fraction * _across(_unit(fitting + way * aside - joint), primary)
        for way in (1.0, -1.0)
    )
    one, two, both = (
        jnp.sum(a * b, axis=-1, keepdims=True) for a, b in ((g1, g1), (g2, g2), (g1, g2))
    )
    apart = one * two - both**2
    dual = [(two * g1 - both * g2) / apart, (one * g2 - both * g1) / apart]
    return jnp.stack([primary, *dual], axis=1)


def _unit(vectors: Float[Array, "L 3"]) -> Float[Array, "L 3"]:
    return vectors / jnp.sqrt(jnp.sum(vectors**2, axis=-1, keepdims=True))


def _across(vectors: Float[Array, "L 3"], axis: Float[Array, "L 3"]) -> Float[Array, "L 3"]:
    return vectors - jnp.sum(vectors * axis, axis=-1, keepdims=True) * axis


def _ground(
    pad_radius_m: Float[Array, ""], soil: Tables | None, each: Float[Array, " L"]
) -> dict[str, Float[Array, "..."]]:
    """What the soil bears and how it holds a sunken pad: Rankine's passive pressure on its width.

    Of weight, of cohesion, and the momentum of the soil that a moving pad takes along.
    """
    if soil is None:
        nothing = jnp.zeros_like(each)
        held = dict.fromkeys(("wedge_n_per_m2", "cohesion_n_per_m", "pushed_kg_per_m2"), nothing)
        return {"bearing_depth_m": 0.0 * each[:, None], "bearing_n": NEVER_N * each[:, None]} | held
    depth_m = jnp.stack([row.depth_m for row in soil.bearing])
    pressure_pa = jnp.stack([row.pressure_pa for row in soil.bearing])
    sine = jnp.sin(soil.friction_angle_rad)
    passive_factor = (1.0 + sine) / (1.0 - sine)
    width_m, density = 2.0 * pad_radius_m, soil.density_kg_m3
    weight_n_m3 = density * SURFACE_GRAVITY_M_S2
    return {
        "bearing_depth_m": depth_m * each[:, None],
        "bearing_n": jnp.pi * pad_radius_m**2 * pressure_pa * each[:, None],
        "wedge_n_per_m2": 0.5 * width_m * weight_n_m3 * passive_factor * each,
        "cohesion_n_per_m": 2.0 * width_m * soil.cohesion_pa * jnp.sqrt(passive_factor) * each,
        "pushed_kg_per_m2": width_m * density * each,
    }
