"""Scenes for sensors: upright over level ground, at rest, unless a test says otherwise."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np

from perilune.interfaces.sensor import Draw
from perilune.mechanics.rotation import rotate
from perilune.truth.dynamics.state import TrueState
from perilune.truth.environment.lighting import Lighting
from perilune.truth.sensors.scene import Bodies, Ground, Scene

UP = jnp.array([0.0, 0.0, 1.0])
NO_TURN = jnp.array([1.0, 0.0, 0.0, 0.0])
FAR_M = 1e9
"""Height of the ground above the centre: so far that a sphere is level."""
FAR_BELOW = ((0.0, 0.0, -1e13), (0.0, 0.0, -1e13))
"""Sun and Earth, where no sensor looks for them."""


def state(**changes):
    """A true state at rest at the origin."""
    names = [field.name for field in dataclasses.fields(TrueState)]
    zero = {name: jnp.zeros(3) for name in names}
    loads = {"tank_kg": jnp.zeros(2), "thrust_n": jnp.array(0.0)}
    still = TrueState(**zero | loads | {"inertial_from_body": NO_TURN})
    return dataclasses.replace(still, **{k: jnp.asarray(v) for k, v in changes.items()})


def scene(
    height_m=100.0,
    *,
    normal=UP,
    beam=1,
    time_s=5.0,
    period_s=0.2,
    tick_s=0.1,
    pull=(0, 0, 0),
    spin=(0, 0, 0),
    center_body_m=(0, 0, 0),
    sun_elevation_rad=0.7,
    lit_fraction=1.0,
    below=None,
    over_m=None,
    rough_slope=jnp.zeros_like,
    over_map_m=None,
    bodies=FAR_BELOW,
    **moving,
):
    """A scene over ground whose normal is `normal`; `moving` is of the state.

    `bodies` are Sun and Earth, inertial; `below`, `over_m` and `over_map_m` shape the ground,
    which is level and without relief unless they are given.
    """
    here = state(position_inertial_m=[0.0, 0.0, FAR_M + height_m], **moving)
    ground = Ground(
        fixed_from_inertial=NO_TURN,
        spin_fixed_rad_s=jnp.asarray(spin, float),
        here_fixed_m=here.position_inertial_m,
        on_map_fixed_m=here.position_inertial_m,
        height_m=jnp.asarray(height_m),
        normal_fixed=jnp.asarray(normal),
        track_normal_fixed=jnp.array([0.0, 1.0, 0.0]),
        below=below or (lambda place: (place[2] - FAR_M, jnp.asarray(normal, float))),
        over_m=over_m or (lambda place, _: place[2] - FAR_M),
        rough_slope=rough_slope,
        over_map_m=over_map_m or (lambda place: place[2] - FAR_M),
        lighting=lambda: Lighting(jnp.asarray(sun_elevation_rad), jnp.asarray(lit_fraction)),
    )
    return Scene(
        time_s=jnp.asarray(time_s),
        period_s=jnp.asarray(period_s),
        tick_s=jnp.asarray(tick_s),
        pull_inertial_m_s2=jnp.asarray(pull, float),
        state=here,
        center_body_m=jnp.asarray(center_body_m, float),
        beam=jnp.asarray(beam),
        look=lambda: ground,
        watch=lambda: Bodies(*(jnp.asarray(place_m, float) for place_m in bodies)),
    )


def flown(table):
    """A table as it flies: arrays throughout."""
    return jax.tree.map(
        lambda leaf: jnp.asarray(leaf, float), table, is_leaf=lambda leaf: isinstance(leaf, tuple)
    )


def draw(normals=0.0, uniforms=1.0):
    """Random numbers: no noise and no dropout unless a test says otherwise."""
    return Draw(jnp.asarray(normals, float), jnp.asarray(uniforms, float))


def turned(quaternion, vector):
    """A vector in the body's axes, inertial."""
    return np.asarray(rotate(jnp.asarray(quaternion), jnp.asarray(vector)))
