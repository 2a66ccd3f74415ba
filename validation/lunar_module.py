"""Knows Apollo's lunar module on its legs, and its touchdown at Tranquility Base.

Gear and soil are those of the catalog: figures of Rogers, NASA TN D-6850, 1972; where the struts
meet the vehicle is not in it and is assumed from the size of the descent stage.
"""

import jax.numpy as jnp
import numpy as np

from perilune.design.build_legs import build_legs
from perilune.design.typed_arrays import as_arrays
from perilune.mission.legs import Legs
from perilune.mission.mission_files import catalog_folders, read
from perilune.mission.soil import Soil
from perilune.truth.vehicle.vehicle import ContactPoints, Vehicle
from validation import bodies

POUND_N, INCH_M, FOOT_M = 4.4482216152605, 0.0254, 0.3048
LEGS = read(catalog_folders(None)[0] / "landers" / "lunar-module.toml").values["legs"] | {
    "ultimate_load": "1 GN",  # nothing breaks here
    "stiffness": "350 kN/m",  # [assumed]
    "damping": "30 kN*s/m",  # [assumed: gives back a tenth of the speed]
}
SOIL = read(catalog_folders(None)[0] / "sites" / "tranquility-base.toml").values["soil"]
MASS_KG = 16_000.0 * 0.45359237  # [sourced: TN D-6850, the mass of its energies]
INERTIA_KG_M2 = (22_000.0, 24_000.0, 24_000.0)  # [assumed]
CENTER_HEIGHT_M = 4.2  # [assumed]


def lunar_module(legs: dict = LEGS, soil: dict | None = SOIL) -> Vehicle:
    """Its vehicle, origin at its centre of mass, on pads alone; no soil is rock."""
    built = Legs.model_validate(legs)
    turn = np.pi / 2.0 * np.arange(4)
    feet = np.stack([np.cos(turn), np.sin(turn), 0.0 * turn], axis=-1) * built.tread_radius_m
    ground = None if soil is None else as_arrays(Soil.model_validate(soil))
    each = np.ones(4)
    contact = ContactPoints(
        **bodies.named(
            position_body_m=feet - np.array([0.0, 0.0, CENTER_HEIGHT_M]),
            stiffness_n_per_m=built.stiffness_n_per_m * each,
            damping_n_s_per_m=built.damping_n_s_per_m * each,
            friction_factor=built.friction_factor * each,
        ),
        legs=build_legs(as_arrays(built), jnp.asarray(feet), ground),
        leg_count=4,
        bell_count=0,
    )
    mass = bodies.rigid_mass(MASS_KG, INERTIA_KG_M2)
    return Vehicle(mass, bodies.engine(), bodies.no_nozzles(), contact)
