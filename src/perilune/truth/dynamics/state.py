"""What the integrator advances, and nothing else."""

from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.truth.vehicle.vehicle import ContactPoints, Slosh


class SloshState(eqx.Module):
    """The liquid that sways in each tank of propellant, against the hull, along body x and y."""

    out_m: Float[Array, "T 2"]  # of its place
    speed_m_s: Float[Array, "T 2"]


class TrueState(eqx.Module):
    """The vehicle at an instant; position is that of the centre of mass, Moon-centred ICRF axes.

    Where liquid sways, it is that of the centre of mass with all liquid in its place.
    """

    _: KW_ONLY
    position_inertial_m: Float[Array, "3"]
    velocity_inertial_m_s: Float[Array, "3"]
    inertial_from_body: Float[Array, "4"]
    rate_body_rad_s: Float[Array, "3"]
    tank_kg: Float[Array, " S"]  # in each tank of propellant, then the cold gas
    thrust_n: Float[Array, " E"]  # of each engine
    gimbal_rad: Float[Array, "E 2"]
    sensed_velocity_body_m_s: Float[Array, "3"]  # specific force integrated since the tick began
    sensed_rotation_body_rad: Float[Array, "3"]  # rate integrated since the tick began
    slosh: SloshState | None = None  # None: the liquid is carried rigidly

    @property
    def propellant_kg(self) -> Float[Array, "..."]:
        """In all tanks of propellant together; leading axes stay."""
        return self.tank_kg[..., :-1].sum(axis=-1)

    @property
    def cold_gas_kg(self) -> Float[Array, "..."]:
        """Cold gas left; leading axes stay."""
        return self.tank_kg[..., -1]


def slosh_at_rest(slosh: Slosh | None) -> SloshState | None:
    """Liquid in its place, if it sways at all."""
    if slosh is None:
        return None
    none = jnp.zeros((len(slosh.viscosity_m2_s), 2))
    return SloshState(none, none)


class LegState(eqx.Module):
    """What has given way at each leg, for good."""

    stroke_m: Float[Array, "L J 2"]  # of each strut, in compression and in tension
    sinkage_m: Float[Array, " L"]  # depth of the hole that the pad stands in
    deepest_m: Float[Array, " L"]  # of any of its holes
    broken: Bool[Array, " L"]


class ContactState(eqx.Module):
    """What the ground remembers of each contact point, and each leg of the ground."""

    bristle_inertial_m: Float[Array, "P 3"]  # elastic tangential displacement of the stuck pad
    normal_force_n: Float[Array, " P"]  # of the last step
    peak_force_n: Float[Array, " P"]  # largest so far
    legs: LegState
    top_entered: Bool[Array, "P S"] | None = None  # passed above which stop; None: there are none


class Touchdown(eqx.Module):
    """The first touch: the state just before it, and how long after its tick began."""

    touched: Bool[Array, ""]
    after_s: Float[Array, ""]
    state: TrueState


class ContactStep(eqx.Module):
    """What is seen of one step of contact, with place, attitude and speeds at its end."""

    state: TrueState
    touch: ContactState
    thrust_work_j: Float[Array, ""]  # done in this step by engine and thrusters, over the ground


def untouched(points: ContactPoints, stop_count: int = 0) -> ContactState:
    """No contact yet, on ground with this many stops."""
    count, crush = len(points.position_body_m), points.legs.crush_body_factor
    legs = len(crush)
    whole = LegState(
        jnp.zeros((*crush.shape[:2], 2)), jnp.zeros(legs), jnp.zeros(legs), jnp.zeros(legs, bool)
    )
    over = jnp.zeros((count, stop_count), bool) if stop_count else None
    return ContactState(jnp.zeros((count, 3)), jnp.zeros(count), jnp.zeros(count), whole, over)


def not_down(state: TrueState) -> Touchdown:
    """No first touch yet; the state only gives the shapes."""
    return Touchdown(jnp.array(False), jnp.array(0.0), state)
