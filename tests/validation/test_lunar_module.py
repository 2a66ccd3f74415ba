"""Apollo 11's touchdown: what its gear did, by the mission's report, whatever way the slope lay."""

import jax.numpy as jnp
import numpy as np
import pytest

from perilune import load_mission
from perilune.design.build_lander import build_vehicle
from perilune.design.numbers import numbers_of, to_arrays
from perilune.design.typed_arrays import as_arrays
from perilune.flight.drop_start import drops_of
from perilune.flight.lander_drop import DropEnd, DropLimits, flown_drops
from validation import lunar_module, random_touchdowns

INCH_M, FOOT_M = lunar_module.INCH_M, lunar_module.FOOT_M


LANDED_KG = 7_327.0  # [sourced: the mission report]


def apollo_11():
    """TN D-6850: 1.75 ft/s down, 2.15 ft/s across, on 4 degrees, pitch 0.8 and roll 2.6 degrees.

    The catalog's lander on its site's soil, the slope any way: the report does not say which.
    """
    mission = load_mission("apollo-11")
    numbers = to_arrays(numbers_of(mission))
    soil = as_arrays(mission.site.soil)
    vehicle = build_vehicle(numbers.lander, numbers.layout, numbers.errors, soil)
    left_kg = LANDED_KG - mission.lander.mass.dry_kg - mission.lander.mass.cold_gas_kg
    share = [tank.propellant_fraction for tank in mission.lander.tanks]
    tank_kg = jnp.array([*(left_kg * each for each in share), mission.lander.mass.cold_gas_kg])
    drops = drops_of(
        8,
        vertical_speed_m_s=1.75 * FOOT_M,
        horizontal_speed_m_s=2.15 * FOOT_M,
        slope_rad=np.deg2rad(4.0),
        azimuth_rad=np.deg2rad(45.0 * np.arange(8)),
        lean_rad=np.deg2rad([0.8, 2.6, 0.0]),
        rate_body_rad_s=np.deg2rad([0.6, 1.6, 0.6]),
    )
    limits = DropLimits(jnp.asarray(1.62), jnp.asarray(np.deg2rad(60.0)), jnp.asarray(2.0))
    return flown_drops(vehicle, tank_kg, limits, drops)


def test_apollo_11_spreads_its_legs_by_inches_crushes_none_and_stays_where_it_is():
    """Reported: no primary stroke, 2.8 to 4.5 in of secondary stroke by leg, slid 18 to 22 in.

    Penetration was 0.5 to 1.5 in, clearance under the skirt 13.5 in by photographs and 13.8 by the
    report's simulation, of 18.5 to 19 unstroked.
    """
    found = apollo_11()
    legs = found.touch.legs
    primary_in = np.asarray(legs.stroke_m)[:, :, 0, 0] / INCH_M
    tension_in = np.max(np.asarray(legs.stroke_m)[:, :, 1:, 1], axis=(1, 2)) / INCH_M
    sunk_in = np.max(np.asarray(legs.deepest_m), axis=1) / INCH_M
    clear_in = np.asarray(found.bell_clearance_m) / INCH_M
    assert np.all(np.asarray(found.ending) == int(DropEnd.SAFE))
    assert np.all(primary_in < 0.5)
    assert np.all((tension_in > 2.8) & (tension_in < 4.6))
    assert np.all((sunk_in > 0.5) & (sunk_in < 2.0))
    assert 8.0 < np.median(found.slid_m) / INCH_M < 22.0
    assert np.all((clear_in > 13.0) & (clear_in < 15.3))
    assert not np.any(legs.broken)


@pytest.mark.parametrize("name", [random_touchdowns.ROCK, random_touchdowns.GEAR])
def test_finer_steps_end_random_touchdowns_alike(name):
    """Fifty of the two hundred of `python -m validation.random_touchdowns`: 199 of them do."""
    once, finer = (random_touchdowns.endings(name, factor, 50) for factor in (1, 2))
    assert len({*once.tolist()}) > 1
    assert np.sum(once == finer) >= 49
