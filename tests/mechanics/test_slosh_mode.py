"""The mode of a liquid in a cylinder against quadrature of the potential flow that it stands for.

The flow is phi = J1(k r) cos(a) cosh(k (z + h)) under a linear free surface (Lamb, Hydrodynamics,
art. 257): its force, moment, kinetic energy and wall layers are summed up here point by point.
"""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import j1, jnp_zeros, jvp

from perilune.mechanics.slosh_mode import LEAST_DEPTH_FACTOR, ROOT, slosh_mode

RADIUS_M, DENSITY_KG_M3, VISCOSITY_M2_S, GRAVITY_M_S2 = 0.55, 1141.0, 1.7e-7, 2.0
DEPTHS_M = (0.1, 0.3, 0.8, 2.0)
WAVE_PER_M = ROOT / RADIUS_M
ACROSS = np.pi * quad(lambda r: j1(WAVE_PER_M * r) ** 2 * r, 0.0, RADIUS_M)[0]


def mode(depth_m):
    liquid_kg = DENSITY_KG_M3 * np.pi * RADIUS_M**2 * depth_m
    row = (np.array([each]) for each in (liquid_kg, DENSITY_KG_M3, RADIUS_M, VISCOSITY_M2_S))
    return slosh_mode(*row, xp=np)


def up(depth_m, z_m):
    """cosh(k (z + h)), z up from the surface."""
    return np.cosh(WAVE_PER_M * (z_m + depth_m))


def kinetic_j(depth_m):
    """Half the density times the integral of phi dphi/dz over the surface."""
    slope = WAVE_PER_M * np.sinh(WAVE_PER_M * depth_m)
    return 0.5 * DENSITY_KG_M3 * up(depth_m, 0.0) * slope * ACROSS


def momentum_n_s(depth_m):
    """Along the axis of the wave: density times the integral of phi cos(a) over the wall."""
    wall = quad(lambda z: up(depth_m, z), -depth_m, 0.0)[0]
    return DENSITY_KG_M3 * np.pi * RADIUS_M * j1(ROOT) * wall


def moment_n_m_s(depth_m):
    """About the floor's centre, of the impulsive pressure -rho phi on wall and floor."""
    wall = quad(lambda z: (z + depth_m) * up(depth_m, z), -depth_m, 0.0)[0]
    floor = quad(lambda r: r**2 * j1(WAVE_PER_M * r), 0.0, RADIUS_M)[0]
    return DENSITY_KG_M3 * np.pi * (RADIUS_M * j1(ROOT) * wall + floor)


def test_the_root_is_the_first_of_the_derivative_of_j1():
    assert pytest.approx(jnp_zeros(1, 1)[0], rel=1e-14) == ROOT


@pytest.mark.parametrize("depth_m", DEPTHS_M)
def test_the_frequency_is_that_of_the_free_surface(depth_m):
    """d2 phi/dt2 + g d phi/dz = 0 at z = 0."""
    slope = WAVE_PER_M * np.sinh(WAVE_PER_M * depth_m) / up(depth_m, 0.0)
    assert mode(depth_m).stiffness_per_m[0] == pytest.approx(slope, rel=1e-12)


@pytest.mark.parametrize("depth_m", DEPTHS_M)
def test_the_mass_has_the_momentum_and_the_kinetic_energy_of_the_flow(depth_m):
    heavy_kg = momentum_n_s(depth_m) ** 2 / (2.0 * kinetic_j(depth_m))
    assert mode(depth_m).mass_kg[0] == pytest.approx(heavy_kg, rel=1e-9)


@pytest.mark.parametrize("depth_m", DEPTHS_M)
def test_force_and_weight_of_the_mass_make_the_moment_of_the_pressure(depth_m):
    """Of a mass m out by s under the force m w^2 s: m w^2 s z1 + m g s, about the floor."""
    of = mode(depth_m)
    arm_m = of.height_m[0] + 1.0 / of.stiffness_per_m[0]
    assert arm_m == pytest.approx(moment_n_m_s(depth_m) / momentum_n_s(depth_m), rel=1e-9)


@pytest.mark.parametrize("depth_m", DEPTHS_M)
def test_the_walls_damp_by_what_their_layers_lose(depth_m):
    """Stokes's layer loses U^2 sqrt(nu w/2)/2 of each square metre's kinetic energy a second."""
    of = mode(depth_m)
    frequency = np.sqrt(of.stiffness_per_m[0] * GRAVITY_M_S2)

    def wall(z):
        around, along = up(depth_m, z) / RADIUS_M, WAVE_PER_M * np.sinh(WAVE_PER_M * (z + depth_m))
        return np.pi * RADIUS_M * j1(ROOT) ** 2 * (around**2 + along**2)

    def floor(r):
        out, around = WAVE_PER_M * jvp(1, WAVE_PER_M * r), j1(WAVE_PER_M * r) / r
        return np.pi * r * (out**2 + around**2)

    square = quad(wall, -depth_m, 0.0)[0] + quad(floor, 1e-12, RADIUS_M)[0]
    lost_w = 0.5 * DENSITY_KG_M3 * np.sqrt(0.5 * VISCOSITY_M2_S * frequency) * square
    damping = lost_w / (2.0 * frequency * kinetic_j(depth_m))
    assert np.sqrt(of.wall_per_s[0] / frequency) == pytest.approx(damping, rel=1e-8)


def test_what_sways_of_a_shallow_liquid_is_nearly_all_and_of_a_deep_one_little():
    whole_kg = [DENSITY_KG_M3 * np.pi * RADIUS_M**2 * depth_m for depth_m in (1e-6, 100.0)]
    share = [mode(depth).mass_kg[0] / kg for depth, kg in zip((1e-6, 100.0), whole_kg, strict=True)]
    assert share[0] == pytest.approx(2.0 / (ROOT**2 - 1.0), rel=1e-9)
    assert share[1] < 0.003


def test_the_modes_of_a_shallow_liquid_are_all_of_it():
    """The sum of 2/(X_n^2 - 1) over the roots of J1' is 1; so the formula of the first is whole."""
    roots = jnp_zeros(1, 4000)
    assert np.sum(2.0 / (roots**2 - 1.0)) == pytest.approx(1.0, abs=1e-4)


def test_an_empty_tank_has_no_mass_and_a_finite_spring():
    of = mode(0.0)
    assert of.mass_kg[0] == 0.0
    assert of.height_m[0] == 0.0
    least = np.tanh(ROOT * LEAST_DEPTH_FACTOR) * WAVE_PER_M
    assert of.stiffness_per_m[0] == pytest.approx(least, rel=1e-12)
    assert np.isfinite(of.wall_per_s[0])
