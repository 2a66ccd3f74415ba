"""The lander as its flight software believes it: masses, engines, nozzles and lags."""

from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float

from perilune.design.control_rule import engine_lag_s, gimbal_lag_s
from perilune.design.engine_axes import engine_axes
from perilune.design.nozzle_allocation import NozzleTables, nozzle_tables
from perilune.design.typed_arrays import of_numbers
from perilune.mechanics.mass_properties import mass_properties
from perilune.mission.lander import Lander
from perilune.mission.propulsion import Propulsion, engines_of, propulsion_of
from perilune.onboard.upload import PulsingBelief, ThrottleBandBelief, VehicleBelief
from perilune.truth.actuators.engines import Engines, least_thrust_n
from perilune.truth.vehicle.vehicle import Vehicle

properties = jax.jit(mass_properties)


def believed_vehicle(
    lander: Lander, vehicle: Vehicle, start_mass_kg: float, propellant_kg: float
) -> VehicleBelief:
    """What the flight software knows of a lander; `vehicle` is truth's, with nothing drawn."""
    full = properties(vehicle.mass, loads_kg(lander, propellant_kg))
    empty = properties(vehicle.mass, loads_kg(lander, 0.0))
    tables = nozzle_tables(vehicle.nozzles, empty.center_body_m)
    nozzles = vehicle.nozzles
    return of_numbers(
        VehicleBelief,
        start_mass_kg=start_mass_kg,
        empty_mass_kg=empty.mass_kg,
        full_mass_kg=full.mass_kg,
        full_inertia_kg_m2=full.inertia_kg_m2,
        empty_inertia_kg_m2=empty.inertia_kg_m2,
        full_center_body_m=full.center_body_m,
        empty_center_body_m=empty.center_body_m,
        **_engines(propulsion_of(lander), vehicle.engines, empty.center_body_m, tables),
        nozzle_torque_n_m=tables.torque_n_m,
        nozzle_force_n=nozzles.force_n,
        multiplier_per_torque=tables.multiplier_per_torque,
        nozzle_per_axis=tables.per_axis,
        min_pulse_s=nozzles.min_pulse_s,
        foot_below_center_m=landing_center_m(lander, vehicle)[2],
        thrust_lag_s=engine_lag_s(lander),
        gimbal_lag_s=gimbal_lag_s(lander),
        throttle_band=_band(lander),
        gimbal_rate_rad_s=vehicle.engines.gimbal_rate_rad_s,
        pulsing=_pulsing(vehicle.engines),
    )


def _band(lander: Lander) -> ThrottleBandBelief | None:
    """That of the engines, which all have the same or none."""
    band = next(iter(engines_of(lander).values())).throttle_band
    return None if band is None else of_numbers(ThrottleBandBelief, **vars(band))


def _pulsing(engines: Engines) -> PulsingBelief | None:
    pulsing = engines.pulsing
    if pulsing is None:
        return None
    return of_numbers(
        PulsingBelief,
        pulses_factor=np.asarray(pulsing.pulses, float),
        min_on_s=pulsing.min_on_s,
        min_off_s=pulsing.min_off_s,
    )


def _engines(
    together: Propulsion, engines: Engines, center_body_m: Float[Array, "3"], tables: NozzleTables
) -> dict[str, Any]:
    """The engines' part of the `VehicleBelief`."""
    full_n = np.asarray(engines.max_thrust_n)
    floor = np.asarray(least_thrust_n(engines)) / full_n
    turned, throttled = engine_axes(engines, center_body_m, tables.authority_n_m())
    return {
        "max_thrust_n": together.max_thrust_n,
        "min_thrust_n": together.min_thrust_n,
        "specific_impulse_s": together.specific_impulse_s,
        "engine_fraction": full_n / together.max_thrust_n,
        "engine_floor_factor": floor / (together.min_thrust_n / together.max_thrust_n),
        "engine_position_body_m": engines.position_body_m,
        "engine_from_mount": engines.body_from_mount,
        "gimbal_limit_rad": engines.gimbal_limit_rad,
        "gimballed": engines.gimballed,
        "engine_axis_factor": turned,
        "throttle_axis_factor": throttled,
    }


def loads_kg(lander: Lander, propellant_kg: float) -> Float[np.ndarray, " tanks"]:
    """What is in each tank, then the cold gas, (T + 1,)."""
    shares = [tank.propellant_fraction * propellant_kg for tank in lander.tanks]
    return np.array([*shares, lander.mass.cold_gas_kg])


def landing_center_m(lander: Lander, vehicle: Vehicle) -> Float[np.ndarray, "3"]:
    """Centre of mass with a tenth of the dry mass left as propellant, as a landing leaves it."""
    left_kg = 0.1 * float(vehicle.mass.dry_kg)
    left = properties(vehicle.mass, loads_kg(lander, left_kg))
    return np.asarray(left.center_body_m)
