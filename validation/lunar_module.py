"""Knows Apollo's lunar module on its legs, and its touchdown at Tranquility Base.

Figures of the gear are those of Rogers, NASA TN D-6850, 1972; where its struts meet the vehicle is
not in it and is assumed from the size of the descent stage.
"""

import jax.numpy as jnp
import numpy as np

from perilune.design.build_legs import build_legs
from perilune.design.typed_arrays import as_arrays
from perilune.mission.legs import Legs
from perilune.mission.soil import Soil
from perilune.truth.vehicle.vehicle import ContactPoints, Vehicle
from validation import bodies

POUND_N, INCH_M, FOOT_M = 4.4482216152605, 0.0254, 0.3048
LEGS = {
    "count": 4,
    "tread_radius": "167 inch",  # [sourced: TN D-6850]
    "first_azimuth": "0 deg",
    "stroke": "32 inch",  # [sourced: TN D-6850]
    "crush_force": "9500 lbf",  # [sourced: TN D-6850]
    "early_stages": [{"to": "10 inch", "force": "4500 lbf"}],  # [sourced: TN D-6850]
    "pad_radius": "18 inch",  # [sourced: TN D-6850, about 3 ft across]
    "stiffness": "350 kN/m",  # [assumed]
    "damping": "30 kN*s/m",  # [assumed: gives back a tenth of the speed]
    "friction_factor": 0.4,  # [sourced: TN D-6850, postflight]
    "secondaries": {
        "hinge_radius": "2.75 m",  # [assumed: the outriggers of the descent stage]
        "hinge_height": "2.8 m",  # [assumed: the top of the descent stage]
        "joint_fraction": 0.55,  # [assumed: the lower end of the outer cylinder]
        "fitting_radius": "2.2 m",  # [assumed: the side of the descent stage]
        "fitting_height": "1.35 m",  # [assumed: its lower edge]
        "fitting_aside": "1.2 m",  # [assumed]
        "compression": [{"to": "12 inch", "force": "4500 lbf"}],  # [sourced: TN D-6850]
        "tension": [  # [sourced: TN D-6850]
            {"to": "4 inch", "force": "500 lbf"},
            {"to": "16 inch", "force": "5000 lbf"},
        ],
    },
}
SOIL = {
    "bearing": [  # [sourced: TN D-6850, at least 2 to 3 psi for each inch, postflight]
        {"depth": "0 m", "pressure": "0 Pa"},
        {"depth": "24 inch", "pressure": "60 psi"},
    ],
    "friction_angle": "40 deg",  # [recalled: Carrier, 30 to 50 deg]
    "cohesion": "0.5 kPa",  # [recalled: Carrier, 0.1 to 1 kPa]
    "density": "1600 kg/m**3",  # [recalled: Carrier, 1.5 to 1.8 g/cm3]
}
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
