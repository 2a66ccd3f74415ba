"""Which engines burn, which nozzles turn and which sensors are used in a phase; all, where its list
names none."""

import dataclasses

from jaxtyping import Array, Int

from perilune.interfaces.inbox import Message, valid_if
from perilune.onboard.upload import Upload, VehicleBelief


def vehicle_of(upload: Upload, phase: Int[Array, ""]) -> VehicleBelief:
    """The believed vehicle with the engines that the phase burns and the nozzles that turn it."""
    vehicle, table = _turned(upload, phase), upload.phases.engines
    if table is None:
        return vehicle
    return dataclasses.replace(
        vehicle,
        max_thrust_n=vehicle.max_thrust_n * table.max_thrust_factor[phase],
        min_thrust_n=vehicle.min_thrust_n * table.min_thrust_factor[phase],
        specific_impulse_s=vehicle.specific_impulse_s * table.specific_impulse_factor[phase],
        engine_fraction=table.engine_fraction[phase],
        engine_floor_factor=table.engine_floor_factor[phase],
        engine_axis_factor=table.engine_axis_factor[phase],
        throttle_axis_factor=table.throttle_axis_factor[phase],
    )


def _turned(upload: Upload, phase: Int[Array, ""]) -> VehicleBelief:
    vehicle, table = upload.vehicle, upload.phases.nozzles
    if table is None:
        return vehicle
    return dataclasses.replace(
        vehicle,
        nozzle_torque_n_m=table.nozzle_torque_n_m[phase],
        multiplier_per_torque=table.multiplier_per_torque[phase],
        nozzle_per_axis=table.nozzle_per_axis[phase],
    )


def heard(
    upload: Upload, phase: Int[Array, ""], messages: dict[str, Message]
) -> dict[str, Message]:
    """Messages by label; one that the phase does not listen to is as one that is not valid."""
    table = upload.phases.sensor_used
    if table is None:
        return messages
    return {label: valid_if(table[label][phase], message) for label, message in messages.items()}
