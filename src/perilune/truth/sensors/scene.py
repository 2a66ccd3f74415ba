"""What is true at the instant of a reading: all that a sensor can look at."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.ray_march import march, refined
from perilune.mechanics.rotation import cross, from_rotation_vector, multiply, rotate
from perilune.truth.dynamics.state import TrueState
from perilune.truth.environment.lighting import Lighting

CLOSE_M, CLOSE_FRACTION = 4.0, 0.02
"""How near the ground the last look along a beam is, at least and of the range.

The plane of that look leads down to the ground: off by up to 13 cm rms, from heights of 30 m to
3 km.
"""


@dataclass(frozen=True, kw_only=True)
class Ground:
    """The Moon below the vehicle, in Moon-fixed axes (MOON_ME)."""

    fixed_from_inertial: Float[Array, "4"]
    spin_fixed_rad_s: Float[Array, "3"]
    here_fixed_m: Float[Array, "3"]
    on_map_fixed_m: Float[Array, "3"]
    """Where the map draws the ground below."""
    height_m: Float[Array, ""]
    """Of the centre of mass over the ground below."""
    normal_fixed: Float[Array, "3"]
    """Of that ground."""
    track_normal_fixed: Float[Array, "3"]
    below: Callable[[Float[Array, "3"]], tuple[Float[Array, ""], Float[Array, "3"]]]
    """Height of a place over the ground below it, and the unit normal of that ground."""
    over_m: Callable[[Float[Array, "3"], Float[Array, ""]], Float[Array, ""]]
    """The height alone, over ground with its relief down to a detail, m."""
    rough_slope: Callable[[Float[Array, ""]], Float[Array, ""]]
    """The rms slope of the ground's roughness at a size, m, m per m."""
    over_map_m: Callable[[Float[Array, "3"]], Float[Array, ""]]
    """Height over the ground as the map has it, set to the height of the ground below."""
    lighting: Callable[[], Lighting]
    """How the Sun stands there, for sensors that see by it."""


class Bodies(NamedTuple):
    """Where Sun and Earth stand from the Moon's centre."""

    sun_inertial_m: Float[Array, "3"]
    earth_inertial_m: Float[Array, "3"]


class Tick(NamedTuple):
    """What happened in a tick, for sensors that follow the vehicle to an instant of a frame."""

    start_s: Float[Array, ""]
    end_s: Float[Array, ""]
    frame_end_s: Float[Array, ""]
    before: TrueState
    after: TrueState


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The vehicle and the ground below it."""

    time_s: Float[Array, ""]
    period_s: Float[Array, ""]
    """Since the last reading of sensors of this rate."""
    tick_s: Float[Array, ""]
    """Over which the state has sensed velocity and rotation."""
    state: TrueState
    pull_inertial_m_s2: Float[Array, "3"]
    """Gravity there."""
    center_body_m: Float[Array, "3"]
    """The centre of mass in the body frame, from which mounts are counted."""
    beam: Int[Array, ""]
    """The altimeter's beam that the flight software commands: 0 canted, 1 axial."""
    look: Callable[[], Ground]
    """Looks at the ground; a sensor that does not costs nothing."""
    watch: Callable[[], Bodies]
    """Looks for Sun and Earth, likewise."""

    @cached_property
    def ground(self) -> Ground:
        """The ground below. Ask before any branch that some lanes skip."""
        return self.look()

    def earlier(self, by_s: Float[AnyArray, ""]) -> "Scene":
        """What was to be seen some tenths of a second ago, over the same ground below.

        The state goes back with the acceleration and the angular acceleration of the last tick,
        beyond it with the rate that it began with; the height of the ground below and its normal
        stay, of which sensors only ask whether it is in reach.
        """
        state = _state_before(self, by_s)
        return dataclasses.replace(
            self,
            time_s=self.time_s - by_s,
            state=state,
            look=lambda: _ground_before(self, state, by_s),
        )

    @cached_property
    def bodies(self) -> Bodies:
        """Sun and Earth."""
        return self.watch()

    def place_fixed_m(self, mount_body_m: Float[Array, "3"]) -> Float[Array, "3"]:
        """Where a point of the body is, Moon-fixed."""
        arm_m = rotate(self.state.inertial_from_body, mount_body_m - self.center_body_m)
        return rotate(self.ground.fixed_from_inertial, self.state.position_inertial_m + arm_m)

    def facing_fixed(self, directions_body: Float[Array, "n 3"]) -> Float[Array, "n 3"]:
        """Directions of the body, Moon-fixed."""
        inertial = rotate(self.state.inertial_from_body[None], directions_body)
        return rotate(self.ground.fixed_from_inertial[None], inertial)


def is_due(period_s: Float[AnyArray, ""], scene: Scene) -> Bool[Array, ""]:
    """Whether one more period has gone by since the last reading of this rate."""
    before_s = scene.time_s - scene.period_s
    return jnp.floor(scene.time_s / period_s) > jnp.floor(before_s / period_s)


def over_ground_m_s(scene: Scene, arm_body_m: Float[Array, "3"] | None = None) -> Float[Array, "3"]:
    """Velocity over the turning ground, Moon-fixed axes: of the centre of mass, or of an arm."""
    state, ground = scene.state, scene.ground
    inertial_m_s = state.velocity_inertial_m_s
    if arm_body_m is not None:
        swing = rotate(state.inertial_from_body, cross(state.rate_body_rad_s, arm_body_m))
        inertial_m_s = inertial_m_s + swing
    moving = rotate(ground.fixed_from_inertial, inertial_m_s)
    return moving - cross(ground.spin_fixed_rad_s, ground.here_fixed_m)


def _state_before(scene: Scene, by_s: Float[AnyArray, ""]) -> TrueState:
    state = scene.state
    pushed = rotate(state.inertial_from_body, state.sensed_velocity_body_m_s) / scene.tick_s
    acceleration = pushed + scene.pull_inertial_m_s2
    velocity = state.velocity_inertial_m_s - by_s * acceleration
    rate, turned = _turned_since(scene, by_s)
    return dataclasses.replace(
        state,
        position_inertial_m=state.position_inertial_m
        - by_s * velocity
        - 0.5 * by_s**2 * acceleration,
        velocity_inertial_m_s=velocity,
        inertial_from_body=multiply(state.inertial_from_body, from_rotation_vector(-turned)),
        rate_body_rad_s=rate,
    )


def _turned_since(
    scene: Scene, by_s: Float[AnyArray, ""]
) -> tuple[Float[Array, "3"], Float[Array, "3"]]:
    """The rate of then, and the turn from then to now, as if the last tick's torque were even.

    The rate rose evenly from what it was as the tick began, so its mean lies half-way.
    """
    now, within_s = scene.state.rate_body_rad_s, jnp.minimum(by_s, scene.tick_s)
    mean = scene.state.sensed_rotation_body_rad / scene.tick_s
    rate = now - 2.0 * within_s / scene.tick_s * (now - mean)
    return rate, 0.5 * within_s * (now + rate) + (by_s - within_s) * rate


def _ground_before(scene: Scene, state: TrueState, by_s: Float[AnyArray, ""]) -> Ground:
    ground = scene.ground
    turn = from_rotation_vector(by_s * ground.spin_fixed_rad_s)
    fixed = multiply(turn, ground.fixed_from_inertial)
    here_m = rotate(fixed, state.position_inertial_m)
    return dataclasses.replace(
        ground,
        fixed_from_inertial=fixed,
        here_fixed_m=here_m,
        on_map_fixed_m=ground.on_map_fixed_m + here_m - ground.here_fixed_m,
    )


class Strike(NamedTuple):
    """Where a beam meets the ground."""

    range_m: Float[Array, ""]  # slant
    normal_fixed: Float[Array, "3"]
    hit: Bool[Array, ""]  # within reach


def strike(
    ground: Ground,
    mount_fixed_m: Float[Array, "3"],
    direction_fixed: Float[Array, "3"],
    reach_m: Float[AnyArray, ""],
) -> Strike:
    """Where a beam meets the ground: marched over the hills of the map, then down to its relief.

    The map is set to the height of the ground below the vehicle, so that the first look is near.

    """
    range_m, hit = march(ground.over_map_m, mount_fixed_m, direction_fixed, reach_m)
    close_m = jnp.maximum(CLOSE_M, CLOSE_FRACTION * range_m)
    settled_m, normal = refined(ground.below, mount_fixed_m, direction_fixed, range_m, close_m)
    return Strike(jnp.where(hit, settled_m, range_m), normal, hit)
