"""The list of phases as it flies: numbers, a row a phase; how many, and which laws, is compiled."""

from dataclasses import KW_ONLY

import equinox as eqx
from jaxtyping import Array, Bool, Float, Int

from perilune.interfaces.descent_phase import ATTITUDES, PACES

BURN, RETROGRADE, THRUST_IN_ORBIT, THRUST, HOLD, UPRIGHT = range(len(ATTITUDES))
SHORT, WAIT, LONG = range(len(PACES))


class Thresholds(eqx.Module):
    """What ends each phase; minus infinity for what does not."""

    _: KW_ONLY
    burn_due_s: Float[Array, "..."]
    burn_left_m_s: Float[Array, "..."]
    over_final_height_m: Float[Array, "..."]
    to_ignition_s: Float[Array, "..."]
    time_to_go_s: Float[Array, "..."]
    height_m: Float[Array, "..."]
    speed_m_s: Float[Array, "..."]
    range_m: Float[Array, "..."]
    minus_duration_s: Float[Array, "..."]


class EnginesInUse(eqx.Module):
    """The engines that each phase burns, where it is not all in all of them.

    In the place of what the `VehicleBelief` has of all together, or as a factor on it.
    """

    _: KW_ONLY
    max_thrust_factor: Float[Array, " p"]
    min_thrust_factor: Float[Array, " p"]
    specific_impulse_factor: Float[Array, " p"]
    engine_fraction: Float[Array, "p E"]  # zero of one that does not burn
    engine_floor_factor: Float[Array, "p E"]
    engine_axis_factor: Float[Array, "p 3"]
    throttle_axis_factor: Float[Array, "p 3"]


class NozzlesInUse(eqx.Module):
    """The nozzles that each phase turns by: in the place of what the `VehicleBelief` has of all."""

    _: KW_ONLY
    nozzle_torque_n_m: Float[Array, "p N 3"]  # zero of one that stays closed
    multiplier_per_torque: Float[Array, "p 3 3"]
    nozzle_per_axis: Float[Array, "p 6 N"]


class PhaseTable(eqx.Module):
    """A row a phase, in order; the last is that of being landed, which nothing ends."""

    _: KW_ONLY
    laws: tuple[str, ...] = eqx.field(static=True)  # those in use: no other is compiled
    law: Int[Array, " p"]  # its place in `laws`
    engine_on: Bool[Array, " p"]
    attitude: Int[Array, " p"]
    holds: bool = eqx.field(static=True)  # whether any phase holds the attitude it began with
    lean_rad: Float[Array, " p"] | None  # from upright; None where no phase is upright
    altimeter_beam: Int[Array, " p"]
    pace: Int[Array, " p"]
    ends: Thresholds  # (p,)
    figures: dict[str, Float[Array, "p ..."]]  # not-a-number where the plan's holds
    engines: EnginesInUse | None  # None where every phase burns all
    nozzles: NozzlesInUse | None  # None where every phase turns by all
    sensor_used: dict[str, Bool[Array, " p"]] | None  # by label, heard or not; None where all are
    target_site_m: Float[Array, "p 3"] | None  # from the aim point; None where that is all targets
