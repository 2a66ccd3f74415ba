"""Knows motions off the ground that have a closed form: rocket, spinning body, free fall."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import brentq
from scipy.special import ellipj

from perilune.interfaces import quiet_command
from perilune.mechanics.constants import MOON_GM_M3_S2, STANDARD_GRAVITY_M_S2
from perilune.mechanics.rotation import conjugate, from_rotation_vector, multiply, rotate
from perilune.truth.dynamics.free_flight import fly_tick, surroundings
from perilune.truth.vehicle.vehicle import Vehicle
from validation import bodies
from validation.comparison import Comparison

TICK_S = 0.1


def compare():
    """Each motion against its closed form, to rounding or the integrator's fourth order."""
    return [rocket(), axisymmetric_spin(), triaxial_spin(), free_fall()]


def body(mass_kg=1000.0, inertia_kg_m2=(800.0, 800.0, 500.0)):
    """A vehicle with an engine on the axis and neither tanks of its own shape nor legs."""
    return Vehicle(
        bodies.rigid_mass(mass_kg, inertia_kg_m2),
        bodies.engine(),
        bodies.no_nozzles(),
        bodies.pads(np.zeros((1, 3)), 1.0, 0.0, 0.0),
    )


def fly(vehicle, state, command, tick_count, gm_m3_s2=0.0):
    """The state after ticks of a tenth of a second under one command and a point mass."""

    def tick(now, _):
        pull = jnp.zeros(3)
        around = surroundings(vehicle, now, command, jnp.asarray(gm_m3_s2), pull)
        return fly_tick(vehicle, around, command, now, jnp.asarray(TICK_S)), None

    return jax.jit(lambda s: jax.lax.scan(tick, s, None, tick_count)[0])(state)


def rocket():
    """Two hundred seconds at full thrust, Tsiolkovsky 1903."""
    full, loads = jnp.array([4000.0]), jnp.array([600.0, 0.0])
    state = dataclasses.replace(bodies.at_rest(), tank_kg=loads, thrust_n=full)
    command = dataclasses.replace(
        quiet_command(), engine_on=jnp.array([True]), throttle=jnp.array([1.0])
    )
    end = fly(body(), state, command, 2000)
    exhaust_m_s = 320.0 * STANDARD_GRAVITY_M_S2
    theirs = exhaust_m_s * np.log(1600.0 / (1000.0 + float(end.propellant_kg)))
    burnt_kg = 600.0 - float(end.propellant_kg)
    assert abs(burnt_kg - 4000.0 * 200.0 / exhaust_m_s) < 1e-9
    return _figure("rocket equation, 200 s", float(end.velocity_inertial_m_s[2]), theirs, 1e-10)


def _figure(name, ours, theirs, limit):
    apart = abs(ours / theirs - 1.0)
    return Comparison(name, apart, limit, "relative", "closed form", ours=ours, theirs=theirs)


def axisymmetric_spin():
    """A coning body over a hundred seconds: the attitude is two turns, one after the other."""
    lateral, axial = 800.0, 500.0
    rate = np.array([0.08, 0.0, 0.3])
    tilted = from_rotation_vector(jnp.array([0.3, -0.2, 0.5]))
    state = dataclasses.replace(
        bodies.at_rest(), inertial_from_body=tilted, rate_body_rad_s=jnp.asarray(rate)
    )
    end = fly(body(), state, quiet_command(), 1000)
    momentum = rotate(tilted, jnp.asarray(rate * [lateral, lateral, axial]))
    cone = from_rotation_vector(100.0 * momentum / lateral)
    roll_rad = 100.0 * rate[2] * (1.0 - axial / lateral)
    theirs = multiply(multiply(cone, tilted), from_rotation_vector(jnp.array([0.0, 0.0, roll_rad])))
    between = multiply(conjugate(theirs), end.inertial_from_body)
    apart_rad = 2.0 * float(jnp.linalg.norm(between[1:]))
    return Comparison("coning body, 100 s", apart_rad, 1e-8, "rad", "closed form")


def triaxial_spin():
    """Rates of a body with three moments over a hundred seconds, by Jacobi's elliptic functions.

    Landau and Lifshitz, Mechanics, section 37.
    """
    first, second, third = inertia = np.array([500.0, 800.0, 1000.0])
    rate = np.array([0.2, 0.0, 0.25])
    state = dataclasses.replace(bodies.at_rest(), rate_body_rad_s=jnp.asarray(rate))
    end = fly(body(inertia_kg_m2=inertia), state, quiet_command(), 1000)
    energy2, momentum2 = np.sum(inertia * rate**2), np.sum((inertia * rate) ** 2)
    low, high = energy2 * third - momentum2, momentum2 - energy2 * first
    tau = 100.0 * np.sqrt((third - second) * high / (first * second * third))
    modulus2 = (second - first) * low / ((third - second) * high)
    sn, cn, dn, _ = ellipj(tau, modulus2)
    theirs = [
        np.sqrt(low / (first * (third - first))) * cn,
        np.sqrt(low / (second * (third - second))) * sn,
        np.sqrt(high / (third * (third - first))) * dn,
    ]
    apart_rad_s = float(np.max(np.abs(np.asarray(end.rate_body_rad_s) - theirs)))
    return Comparison("tumbling body, 100 s", apart_rad_s, 1e-10, "rad/s", "Jacobi, closed form")


def free_fall():
    """A hundred seconds from the top of a 15 by 100 km orbit, by Kepler's equation."""
    low_m, high_m = 1_752_400.0, 1_837_400.0
    axis_m = 0.5 * (low_m + high_m)
    shape = (high_m - low_m) / (high_m + low_m)
    motion = np.sqrt(MOON_GM_M3_S2 / axis_m**3)
    top_m_s = np.sqrt(MOON_GM_M3_S2 * (2.0 / high_m - 1.0 / axis_m))
    state = dataclasses.replace(
        bodies.at_rest(),
        position_inertial_m=jnp.array([-high_m, 0.0, 0.0]),
        velocity_inertial_m_s=jnp.array([0.0, -top_m_s, 0.0]),
    )
    end = fly(body(), state, quiet_command(), 1000, MOON_GM_M3_S2)
    mean = np.pi + motion * 100.0
    anomaly = brentq(lambda e: e - shape * np.sin(e) - mean, mean - 1.0, mean + 1.0, xtol=1e-16)
    flat_m = np.sqrt(1.0 - shape**2) * axis_m * np.sin(anomaly)
    theirs = np.array([axis_m * (np.cos(anomaly) - shape), flat_m, 0.0])
    apart_m = float(np.linalg.norm(np.asarray(end.position_inertial_m) - theirs))
    return Comparison("free fall, 100 s", apart_m, 1e-6, "m", "Kepler's equation")
