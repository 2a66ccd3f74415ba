"""The vehicle as constants: every number of a lander that truth needs, padded to fixed sizes."""

import equinox as eqx
import jax

LEG_COUNT = 6
HULL_POINT_COUNT = 12  # the bell's rim counted in
BELL_POINT_COUNT = 4


class MassModel(eqx.Module):
    """A dry body and two cylindrical tanks that empty together from a settled level."""

    dry_kg: jax.Array
    dry_center_body_m: jax.Array  # (3,)
    dry_inertia_kg_m2: jax.Array  # (3,) about its own centre, principal
    tank_fraction: jax.Array  # (2,) share of the propellant mass
    tank_bottom_m: jax.Array  # (2,) height of the tank floor in body z
    tank_radius_m: jax.Array  # (2,)
    tank_density_kg_m3: jax.Array  # (2,)


class Engine(eqx.Module):
    """One gimballed engine with a floor and a first-order lag."""

    max_thrust_n: jax.Array
    min_thrust_n: jax.Array
    specific_impulse_s: jax.Array
    lag_s: jax.Array
    gimbal_limit_rad: jax.Array
    gimbal_lag_s: jax.Array
    pivot_height_m: jax.Array
    pointing_rad: jax.Array  # (2,) the thrust's lean at no gimbal, about body x and y


class Thrusters(eqx.Module):
    """On-off cold-gas nozzles; unused places have zero direction."""

    thrust_n: jax.Array
    specific_impulse_s: jax.Array
    min_pulse_s: jax.Array
    position_body_m: jax.Array  # (16, 3)
    direction_body: jax.Array  # (16, 3) of the force on the vehicle


class ContactPoints(eqx.Module):
    """Every point that may touch the ground: six footpads, then hull, then bell."""

    position_body_m: jax.Array  # (18, 3)
    stiffness_n_per_m: jax.Array  # (18,)
    damping_n_s_per_m: jax.Array  # (18,)
    friction_factor: jax.Array  # (18,)
    crush_force_n: jax.Array  # (18,) very large where nothing crushes
    stroke_limit_m: jax.Array  # (18,) zero where nothing crushes


class Vehicle(eqx.Module):
    """The lander."""

    mass: MassModel
    engine: Engine
    thrusters: Thrusters
    contact: ContactPoints
