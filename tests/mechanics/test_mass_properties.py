import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics.mass_properties import MassModel, mass_properties
from validation.bodies import named

DRY_KG, RADIUS_M, DENSITY_KG_M3 = 700.0, np.array([0.5, 0.6]), np.array([1000.0, 400.0])
BOTTOM_M, SHARE = np.array([1.0, 2.2]), np.array([0.7, 0.3])
DRY_INERTIA = np.array([900.0, 950.0, 450.0])
DRY_CENTER_M = np.array([0.05, -0.02, 1.7])
FLOOR_M = np.array([[0.0, 0.0, BOTTOM_M[0]], [0.3, -0.2, BOTTOM_M[1]]])
MODEL = MassModel(
    **named(
        dry_kg=DRY_KG,
        dry_center_body_m=DRY_CENTER_M,
        dry_inertia_kg_m2=np.diag(DRY_INERTIA),
        tank_floor_body_m=FLOOR_M,
        tank_radius_m=RADIUS_M,
        tank_density_kg_m3=DENSITY_KG_M3,
    )
)


def of(propellant_kg, cold_gas_kg=0.0):
    return mass_properties(MODEL, jnp.asarray([*SHARE * propellant_kg, cold_gas_kg]))


def test_empty_tanks_leave_the_dry_body_as_it_is():
    empty = of(0.0)
    np.testing.assert_allclose(empty.mass_kg, DRY_KG)
    np.testing.assert_allclose(empty.center_body_m, DRY_CENTER_M, rtol=1e-14)
    np.testing.assert_allclose(empty.inertia_kg_m2, np.diag(DRY_INERTIA), atol=1e-12)


def test_full_tanks_add_cylinders_by_the_parallel_axis_theorem():
    liquid_kg = SHARE * 600.0
    level_m = liquid_kg / DENSITY_KG_M3 / (np.pi * RADIUS_M**2)
    centers_m = np.concatenate([DRY_CENTER_M[None], FLOOR_M])
    centers_m[1:, 2] += level_m / 2.0
    masses_kg = np.array([DRY_KG, *liquid_kg])
    center_m = masses_kg @ centers_m / masses_kg.sum()
    expected = np.diag(DRY_INERTIA)
    for mass_kg, radius_m, high_m in zip(liquid_kg, RADIUS_M, level_m, strict=True):
        across = mass_kg * (radius_m**2 / 4.0 + high_m**2 / 12.0)
        expected += np.diag([across, across, mass_kg * radius_m**2 / 2.0])
    for mass_kg, arm_m in zip(masses_kg, centers_m - center_m, strict=True):
        expected += mass_kg * (arm_m @ arm_m * np.eye(3) - np.outer(arm_m, arm_m))
    full = of(600.0)
    np.testing.assert_allclose(full.mass_kg, 1300.0)
    np.testing.assert_allclose(full.center_body_m, center_m, rtol=1e-14)
    np.testing.assert_allclose(full.inertia_kg_m2, expected, rtol=1e-13)
    assert abs(expected[0, 2]) > 10.0, "products of inertia are there to be compared"


def test_many_loads_at_once_on_the_host_are_the_law_of_one():
    loads_kg = np.stack([[*SHARE * kg, gas_kg] for kg, gas_kg in ((0.0, 0.0), (90.0, 3.0))])
    every = mass_properties(MODEL, loads_kg, xp=np)
    for row, load_kg in enumerate(loads_kg):
        one = mass_properties(MODEL, jnp.asarray(load_kg))
        np.testing.assert_allclose(every.mass_kg[row], one.mass_kg, rtol=1e-15)
        np.testing.assert_allclose(every.center_body_m[row], one.center_body_m, rtol=1e-14)
        np.testing.assert_allclose(every.inertia_kg_m2[row], one.inertia_kg_m2, rtol=1e-13)


def test_cold_gas_rides_with_the_dry_body():
    np.testing.assert_allclose(of(0.0, 17.0).mass_kg, 717.0)
    np.testing.assert_allclose(of(0.0, 17.0).center_body_m, DRY_CENTER_M, rtol=1e-14)


@pytest.mark.parametrize("propellant_kg", [1.0, 100.0, 600.0])
def test_three_moments_are_those_of_a_real_body(propellant_kg):
    a, b, c = np.linalg.eigvalsh(np.asarray(of(propellant_kg).inertia_kg_m2))
    assert 0.0 < a <= b <= c <= a + b
