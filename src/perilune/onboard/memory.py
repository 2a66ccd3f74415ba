"""What the flight software carries from tick to tick."""

from collections.abc import Mapping
from dataclasses import KW_ONLY

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from perilune.interfaces import Command, Shortfall, quiet_command
from perilune.onboard.navigation.disturbance import Disturbance, as_believed
from perilune.onboard.navigation.estimate import Estimate, first_estimate
from perilune.onboard.navigation.ground import units
from perilune.onboard.navigation.mass_filter import MassKnowledge, first_knowledge
from perilune.onboard.navigation.propagate import HeldGravity
from perilune.onboard.navigation.repeats import Repeat, no_repeats
from perilune.onboard.phases.progress import Progress
from perilune.onboard.touchdown import SwitchMemory, first_switches
from perilune.onboard.upload import Upload


class Memory(eqx.Module):
    """Estimate, progress through the flight, and the few things kept beside them."""

    _: KW_ONLY
    command: Command  # the last one given
    tick_s: Float[Array, ""]  # of the tick that it was given for; 0 before the first
    estimate: Estimate
    progress: Progress
    held_gravity: HeldGravity
    height_variance_m2: Float[Array, ""]  # of the believed height over ground, at the last frame
    gain_inertial_m_s: Float[Array, "3"]  # from thrust since the cycle began
    cycle_s: Float[Array, ""]  # since the cycle began
    imu_in_use: Bool[Array, " units"]
    rate_body_rad_s: Float[Array, "3"]
    mass_kg: Float[Array, ""]
    of_mass: MassKnowledge | None  # None where no gauge is fitted
    repeats: Mapping[str, Repeat]  # by the label of the unit
    shortfall: Shortfall  # of the last command
    disturbance: Disturbance
    held_inertial_from_body: Float[Array, "4"] | None  # as the phase began; None where none holds
    unfired_n_m_s: Float[Array, "3"]  # left to the nozzles
    unspent_s: Float[Array, " E"] | None  # left to engines that pulse; None where none does
    switches: SwitchMemory | None  # of the footpads; None where they are acted on at once


def wake(upload: Upload) -> Memory:
    """The memory at the start of the flight: nothing but the upload."""
    vehicle = upload.vehicle
    return Memory(
        command=quiet_command(len(vehicle.engine_fraction), len(vehicle.min_pulse_s)),
        tick_s=jnp.array(0.0),
        estimate=first_estimate(upload),
        progress=Progress(jnp.array(0), *map(jnp.array, (0.0, 0.0, 0.0))),
        held_gravity=HeldGravity(upload.chart.gravity.gm_m3_s2, jnp.zeros(3)),
        height_variance_m2=jnp.array(0.0),
        gain_inertial_m_s=jnp.zeros(3),
        cycle_s=jnp.array(0.0),
        imu_in_use=jnp.zeros(len(units(upload, "imu")), bool),
        rate_body_rad_s=jnp.zeros(3),
        mass_kg=vehicle.start_mass_kg,
        of_mass=first_knowledge(upload),
        repeats=no_repeats(sorted(upload.sensors)),
        shortfall=Shortfall(jnp.array(0.0), jnp.zeros(3)),
        disturbance=as_believed(),
        held_inertial_from_body=upload.filter.start_inertial_from_body
        if upload.phases.holds
        else None,
        unfired_n_m_s=jnp.zeros(3),
        unspent_s=None if vehicle.pulsing is None else jnp.zeros(len(vehicle.engine_fraction)),
        switches=first_switches(upload.touchdown),
    )
