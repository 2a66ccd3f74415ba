"""Knows touchdowns with a closed form, and the same ones as MuJoCo has them."""

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np

from perilune.mechanics.rotation import from_rotation_vector, rotate
from perilune.truth.dynamics.stop_faces import Stops
from perilune.truth.vehicle.vehicle import Vehicle
from validation import bodies
from validation.comparison import AuthorityAbsentError, Comparison

GRAVITY_M_S2 = bodies.LUNAR_GRAVITY_M_S2
MASS_KG = 900.0
RIGID_N_PER_M, RIGID_TICK_S = 2e6, 0.02
TIP_HEIGHT_M = TIP_REACH_M = 2.0
TIP_GYRATION2_M2 = 1.5
FRICTION, WALL = "friction", "a wall"
"""What stops the leading pads."""
WALL_HEIGHT_M, WALL_GAP_M = 0.2, 1e-3
STANCE_M, CENTER_M, STIFFNESS_N_PER_M = 2.3, 1.75, 2e5
INERTIA_KG_M2 = (1100.0, 1100.0, 500.0)
SLOPE_RAD = np.deg2rad(5.0)
DROP_M = 2.0


def compare():
    """Tip-over speeds to 3 %, sliding to 0.1 %, and a drop beside MuJoCo's."""
    angles_rad = np.deg2rad([0.0, 12.0])
    tips = [tip_over(angle, held) for held in (FRICTION, WALL) for angle in angles_rad]
    return [*tips, sliding(), *beside_mujoco()]


def lander(places_body_m, stiffness_n_per_m, friction_factor, inertia_kg_m2):
    """900 kg on pads without crush, each damped to a rest of its quarter of the mass."""
    damping = 2.0 * np.sqrt(stiffness_n_per_m * MASS_KG / 4.0)
    return Vehicle(
        bodies.rigid_mass(MASS_KG, inertia_kg_m2),
        bodies.engine(),
        bodies.no_nozzles(),
        bodies.pads(places_body_m, stiffness_n_per_m, damping, friction_factor),
    )


def on_slope(angle_rad, height_m, downhill_m_s, sink_m_s=0.0):
    """A lander square to a slope, its centre `height_m` above it, sliding down it."""
    tilted = from_rotation_vector(jnp.array([0.0, angle_rad, 0.0]))
    speed = jnp.stack([jnp.asarray(downhill_m_s), jnp.array(0.0), -jnp.asarray(sink_m_s)])
    return dataclasses.replace(
        bodies.at_rest(),
        inertial_from_body=tilted,
        position_inertial_m=rotate(tilted, jnp.array([0.0, 0.0, height_m])),
        velocity_inertial_m_s=rotate(tilted, speed),
    )


def tip_speed_m_s(angle_rad):
    """The least speed that tips a body whose two leading pads stop dead.

    Momentum about the pads, then energy up to where the centre stands over them.
    """
    arm_m = np.hypot(TIP_HEIGHT_M, TIP_REACH_M)
    rise_m = arm_m - TIP_HEIGHT_M * np.cos(angle_rad) - TIP_REACH_M * np.sin(angle_rad)
    return np.sqrt(2.0 * GRAVITY_M_S2 * (TIP_GYRATION2_M2 + arm_m**2) * rise_m) / TIP_HEIGHT_M


def tip_over(angle_rad, held_by=FRICTION):
    """Four stiff pads that cannot slide, or slide freely into a wall.

    By trying 16 speeds at once and 16 between two of them.
    """
    theirs = tip_speed_m_s(angle_rad)
    low_m_s, high_m_s = 0.9 * theirs, 1.1 * theirs
    for _ in range(2):
        tried_m_s = np.linspace(low_m_s, high_m_s, 16)
        tipped = np.asarray(_tips(angle_rad, jnp.asarray(tried_m_s), held_by))
        assert not tipped[0]
        assert tipped[-1]
        first = int(np.argmax(tipped))
        low_m_s, high_m_s = tried_m_s[first - 1], tried_m_s[first]
    ours = float(0.5 * (low_m_s + high_m_s))
    name = f"tip-over speed by {held_by}, slope {np.rad2deg(angle_rad):g} deg"
    apart = 100.0 * abs(ours / theirs - 1.0)
    return Comparison(name, apart, 3.0, "%", "rigid body, closed form", ours=ours, theirs=theirs)


@functools.partial(jax.jit, static_argnames="held_by")
def _tips(angle_rad, speeds_m_s, held_by):
    """Whether the centre comes to stand over the leading pads within six seconds."""
    reach, height = TIP_REACH_M, TIP_HEIGHT_M
    feet = [[x, y, -height] for x in (reach, -reach) for y in (1.0, -1.0)]
    friction = 100.0 if held_by == FRICTION else 0.0
    vehicle = lander(feet, RIGID_N_PER_M, friction, np.full(3, MASS_KG * TIP_GYRATION2_M2))
    ground = _slope(angle_rad)
    if held_by == WALL:
        ground = dataclasses.replace(ground, stops=_wall_below(angle_rad))
    sunk_m = MASS_KG * GRAVITY_M_S2 * jnp.cos(angle_rad) / 4.0 / RIGID_N_PER_M

    def one(speed_m_s):
        state = on_slope(angle_rad, height - sunk_m, speed_m_s)
        moved, _ = bodies.settle(vehicle, ground, state, jnp.asarray(RIGID_TICK_S), 300)
        return jnp.max(_lean_rad(moved, ground)) > np.pi / 4.0 - angle_rad

    return jax.vmap(one)(speeds_m_s)


def _wall_below(angle_rad):
    """Across the way of the leading pads, downhill of them."""
    way = jnp.stack([jnp.cos(angle_rad), jnp.array(0.0), -jnp.sin(angle_rad)])
    return Stops(
        point_m=(TIP_REACH_M + WALL_GAP_M) * way[None],
        out_direction=-way[None],
        curvature_per_m=jnp.zeros(1),
        height_m=jnp.full(1, WALL_HEIGHT_M),
    )


def _slope(angle_rad):
    flat = bodies.plane()
    normal = jnp.stack([jnp.sin(angle_rad), jnp.array(0.0), jnp.cos(angle_rad)])
    return dataclasses.replace(flat, normal=normal[None])


def _lean_rad(moved, ground):
    """Angle between body z and the ground's normal."""
    axis = rotate(moved.inertial_from_body, jnp.array([[0.0, 0.0, 1.0]]))
    return jnp.arccos(jnp.clip(jnp.sum(axis * ground.normal[0], axis=-1), -1.0, 1.0))


def six_feet():
    """Feet of a lander about as large as Nova-C, in body axes."""
    azimuth = np.pi / 6.0 + np.pi / 3.0 * np.arange(6)
    height = np.full(6, -CENTER_M)
    return np.stack([STANCE_M * np.cos(azimuth), STANCE_M * np.sin(azimuth), height], axis=-1)


@functools.cache
def our_drop(friction_factor):
    """Six feet dropped level at 1 m/s, 0.3 m/s downhill, on 5 degrees; four seconds every 10 ms.

    How far and how fast along the slope, and the angle from its normal in degrees.
    """
    vehicle = lander(six_feet(), STIFFNESS_N_PER_M, friction_factor, INERTIA_KG_M2)
    ground = _slope(jnp.asarray(SLOPE_RAD))
    state = on_slope(SLOPE_RAD, DROP_M, 0.3, 1.0)
    level = jnp.array([1.0, 0.0, 0.0, 0.0])
    state = dataclasses.replace(state, inertial_from_body=level)
    moved, _ = jax.jit(lambda s: bodies.settle(vehicle, ground, s, jnp.asarray(0.01), 400))(state)
    downhill = np.array([np.cos(SLOPE_RAD), 0.0, -np.sin(SLOPE_RAD)])
    place_m = np.asarray(moved.position_inertial_m - state.position_inertial_m)
    speed_m_s = np.asarray(moved.velocity_inertial_m_s)
    return place_m @ downhill, speed_m_s @ downhill, np.rad2deg(_lean_rad(moved, ground))


def sliding():
    """Friction below the slope: over the last two seconds it gains g (sin - mu cos) a second."""
    _, speed_m_s, _ = our_drop(0.05)
    ours = (speed_m_s[-1] - speed_m_s[199]) / 2.0
    theirs = GRAVITY_M_S2 * (np.sin(SLOPE_RAD) - 0.05 * np.cos(SLOPE_RAD))
    apart = 100.0 * abs(ours / theirs - 1.0)
    return Comparison(
        "sliding down 5 deg", apart, 0.1, "%", "Coulomb, closed form", ours=ours, theirs=theirs
    )


def their_drop(friction_factor):
    """The same drop by MuJoCo: small spheres on a plane, elliptic cone, no crush either."""
    try:
        import mujoco
    except ImportError as absent:
        raise AuthorityAbsentError("install perilune[test] for MuJoCo") from absent
    model = mujoco.MjModel.from_xml_string(_scene(friction_factor))
    data = mujoco.MjData(model)
    data.qvel[:3] = [0.3, 0.0, -1.0]
    data.qpos[3:] = [np.cos(0.5 * SLOPE_RAD), 0.0, -np.sin(0.5 * SLOPE_RAD), 0.0]
    place_m, speed_m_s, lean_deg = [], [], []
    for _ in range(400):
        mujoco.mj_step(model, data, 10)
        place_m.append(data.qpos[0])
        speed_m_s.append(data.qvel[0])
        lean_deg.append(np.rad2deg(2.0 * np.arccos(min(abs(data.qpos[3]), 1.0))))
    return np.array(place_m), np.array(speed_m_s), np.array(lean_deg)


def _scene(friction_factor):
    """The slope is laid level and gravity leaned; contacts have our stiffness over a sixth."""
    pull = GRAVITY_M_S2 * np.array([np.sin(SLOPE_RAD), 0.0, -np.cos(SLOPE_RAD)])
    per_kg = STIFFNESS_N_PER_M / (MASS_KG / 6.0)
    feet = "".join(
        f'<geom type="sphere" size="0.05" pos="{x} {y} {z + 0.05}" mass="0" />'
        for x, y, z in six_feet()
    )
    moments = " ".join(str(moment) for moment in INERTIA_KG_M2)
    return f"""<mujoco>
      <option timestep="0.001" gravity="{pull[0]} 0 {pull[2]}" cone="elliptic" impratio="10"/>
      <default><geom friction="{friction_factor} 0 0" condim="3"
        solref="-{per_kg} -{2.0 * np.sqrt(per_kg)}" solimp="0.99 0.99 0.001"/></default>
      <worldbody><geom type="plane" size="50 50 1"/>
        <body pos="0 0 {DROP_M}"><freejoint/>
          <inertial pos="0 0 0" mass="{MASS_KG}" diaginertia="{moments}"/>{feet}</body>
      </worldbody></mujoco>"""


def beside_mujoco():
    """A level drop to rest, and one that slides on because friction is too small.

    MuJoCo's own figures move by 7 cm and 0.03 m/s when its contact damping is halved or doubled,
    so where it comes to rest is compared no closer than 5 cm and 0.04 m/s.
    """
    ours_m, ours_m_s, ours_deg = our_drop(0.5)
    theirs_m, theirs_m_s, theirs_deg = their_drop(0.5)
    _, fast_m_s, _ = our_drop(0.05)
    _, their_fast_m_s, _ = their_drop(0.05)
    rock_deg = np.max(np.abs(ours_deg - theirs_deg))
    return [
        _beside("downhill of the drop at rest", ours_m[-1], theirs_m[-1], 0.05, "m"),
        _beside("speed at rest", abs(ours_m_s[-1]), abs(theirs_m_s[-1]), 1e-3, "m/s"),
        _beside("lean from the slope at rest", ours_deg[-1], theirs_deg[-1], 0.1, "deg"),
        _beside("lean, at worst on the way", rock_deg, 0.0, 0.5, "deg"),
        _beside("speed after 4 s, friction 0.05", fast_m_s[-1], their_fast_m_s[-1], 0.04, "m/s"),
    ]


def _beside(name, ours, theirs, limit, unit):
    ours, theirs = float(ours), float(theirs)
    return Comparison(
        f"drop on 5 deg: {name}", abs(ours - theirs), limit, unit, "MuJoCo 4", ours, theirs
    )
