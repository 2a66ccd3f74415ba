"""The loops that hold a lander in a descent, with its liquid, and the gain on drift they allow.

The rule of `control_rule` knows the vehicle as rigid. Where liquid sways, a tank below the centre
of mass swings near the frequency at which the loop on drift hands over to that on attitude; the
rule's gain on drift is lowered until both keep their margins at every fill.
"""

import dataclasses
import math

from perilune.design.build_lander import mass_model
from perilune.design.control_rule import (
    GRAVITY_M_S2,
    TICK_S,
    ControlGains,
    actuations,
    control_gains,
    hover_masses_kg,
)
from perilune.design.linear_slosh import linear_slosh
from perilune.design.loop_margins import (
    Attitude,
    Drift,
    Margins,
    attitude_loop,
    drift_loop,
    margins,
)
from perilune.design.numbers import numbers_of, to_arrays
from perilune.mechanics.mass_properties import MassModel
from perilune.mission import Mission
from perilune.mission.lander import Lander
from perilune.onboard.upload import VehicleBelief

GAIN_FLOOR_DB, PHASE_FLOOR_DEG = 6.0, 30.0
DRIFT_FACTORS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
"""Of the rule's gain on drift, tried in turn; with half of it, and the gain on position as it is,
position settles with a damping ratio of 0.7."""
SWAYING_FILLS = tuple(fill / 16 for fill in range(17))
"""At which liquid is looked at: its modes pass through the loops' frequencies as tanks empty."""


def share_of_floor(of: Margins) -> float:
    """Of what a loop must have, the part that it has, in gain or phase; below zero it grows."""
    gain_db = min(of.gain_margin_db, of.gain_reduction_db)
    shares = gain_db / GAIN_FLOOR_DB, of.phase_margin_deg / PHASE_FLOOR_DEG
    return min(shares) if of.stable else -1.0


def is_low(of: Margins) -> bool:
    """Whether a loop has less than the floor."""
    return share_of_floor(of) < 1.0


def lander_gains(mission: Mission, vehicle: VehicleBelief) -> ControlGains:
    """The rule's, the gain on drift lowered for liquid that sways; as the rule if none will do."""
    lander = mission.lander
    gains, model = control_gains(lander, vehicle), swaying(mission)
    if model is None:
        return gains
    loops = [
        loop
        for mass_kg in hover_masses_kg(lander, vehicle, SWAYING_FILLS)
        for loop in hover_loops(lander, model, vehicle, gains, mass_kg)
    ]
    for factor in DRIFT_FACTORS:
        slowed = gains.slowed(factor)
        drift = drift_of(slowed)
        held = (
            margins(close(loop, drift)) for loop in loops for close in (attitude_loop, drift_loop)
        )
        if not any(is_low(each) for each in held):
            return slowed
    return gains


def swaying(mission: Mission) -> MassModel | None:
    """Masses and tanks of a lander whose liquid sways; None of one where it is carried rigidly."""
    if None in [tank.slosh for tank in mission.lander.tanks]:
        return None
    return mass_model(to_arrays(numbers_of(mission)).lander)


def drift_of(gains: ControlGains) -> Drift:
    """The loop on horizontal speed and position."""
    return Drift(
        drift_gain_per_s=gains.drift_gain_per_s, position_gain_per_s=gains.position_gain_per_s
    )


def hover_loops(
    lander: Lander,
    model: MassModel | None,
    vehicle: VehicleBelief,
    gains: ControlGains,
    mass_kg: float,
) -> list[Attitude]:
    """Of the attitude about x and y while thrust carries this mass; `model` as `swaying` has it."""
    damping = lander.control.damping_factor
    loops = [
        burning(gains, damping, each.lag_s, each.side_frequency_rad_s)
        for each in actuations(lander, vehicle, mass_kg)
    ]
    return with_slosh(lander, model, loops, mass_kg, mass_kg * GRAVITY_M_S2)


def burning(
    gains: ControlGains, damping: float, lag_s: float, side_frequency_rad_s: float = math.inf
) -> Attitude:
    """The attitude while engines burn, whose thrust and torque are felt."""
    return Attitude(
        frequency_rad_s=gains.attitude_frequency_rad_s,
        damping_factor=damping,
        lag_s=lag_s,
        side_frequency_rad_s=side_frequency_rad_s,
        tick_s=TICK_S,
        filter_s=gains.disturbance_time_s,
    )


def with_slosh(
    lander: Lander, model: MassModel | None, loops: list[Attitude], mass_kg: float, thrust_n: float
) -> list[Attitude]:
    """The loops about x and y with the lander's liquid, if it sways."""
    if model is None:
        return loops
    return [
        dataclasses.replace(loop, slosh=linear_slosh(lander, model, mass_kg, thrust_n, axis))
        for axis, loop in enumerate(loops)
    ]
