"""The sensors that fly: units with their errors and faults, and what is believed of them."""

import importlib
import math
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from perilune.design.belief import drawn_variance
from perilune.design.flight_plan import FaultsOf, Fitted
from perilune.design.numbers import WITH_VELOCIMETER, Numbers
from perilune.interfaces.sensor_kinds import SENSORS, sensor_of
from perilune.interfaces.table import Table
from perilune.interfaces.units import kind_of, labelled_units
from perilune.mechanics.constants import MOON_GM_M3_S2, MOON_RADIUS_M
from perilune.mechanics.si_units import bare_name
from perilune.mission.distributions import Row
from perilune.mission.fault import ALWAYS_THERE, WHEN
from perilune.mission.lander import Lander
from perilune.onboard.navigation.estimate import MOVING, layout_of
from perilune.onboard.navigation.sight import Craft

APPROACH_TIME_S = 100.0
"""How long thrust takes to change from that of braking to what holds the lander up."""
WEIGHT_M_S2 = MOON_GM_M3_S2 / MOON_RADIUS_M**2
KINDS = [sensor.kind for sensor in SENSORS]


def onboard_model(label: str) -> ModuleType:
    """What the flight software knows of a kind: `onboard/navigation/<kind>.py`."""
    return importlib.import_module(f"perilune.onboard.navigation.{kind_of(label)}")


def build_sensors(numbers: Numbers) -> dict[str, Fitted]:
    """Truth's units by label, each with its errors."""
    errors = labelled_units(numbers.errors, KINDS)
    specs = labelled_units(numbers.lander, KINDS)
    return {label: Fitted(spec, errors[label]) for label, spec in specs.items()}


def build_faults(numbers: Numbers) -> FaultsOf:
    """What happens to each signal that a fault strikes: every unit of a kind, or one unit."""
    signals = [*labelled_units(numbers.lander, KINDS), *ALWAYS_THERE]
    strikes = [each for fault in numbers.faults for each in _strikes(fault)]
    found = {
        label: tuple(effects for struck, effects in strikes if struck in (label, kind_of(label)))
        for label in signals
    }
    return {label: faults for label, faults in found.items() if faults}


def _strikes(fault: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """Each signal that a fault strikes and how; where asked, velocimeters go with the altimeter."""
    strikes = [(label, effects) for label, effects in fault.items() if label != WITH_VELOCIMETER]
    going = fault.get("altimeter", {})
    if "lost_after_s" in going:
        chosen = fault[WITH_VELOCIMETER]["on"] > 0.0
        when = {name: value for name, value in going.items() if name in WHEN}
        lost_after_s = jnp.where(chosen, going["lost_after_s"], jnp.inf)
        strikes.append(("velocimeter", {**when, "lost_after_s": lost_after_s}))
    return strikes


def believed_sensors(lander: Lander, rows: Sequence[Row], craft: Craft) -> dict[str, Any]:
    """What the flight software is given of each unit, by label."""
    return {
        label: onboard_model(label).believe(spec, drawn_errors(rows, label), craft)
        for label, spec in lander.sensors.items()
    }


def first_covariance(
    lander: Lander, rows: Sequence[Row], craft: Craft, start: Float[np.ndarray, "9 9"], map_m: float
) -> Float[np.ndarray, "errors errors"]:
    """Covariance at the start, as `onboard.navigation.estimate` lays it out.

    `start` (9, 9) is that of position, velocity and attitude.
    """
    layout = layout_of(lander.sensors)
    covariance = np.zeros((layout.count, layout.count))
    covariance[:MOVING, :MOVING] = start
    covariance[layout.map_bias, layout.map_bias] = map_m**2
    for label, places in layout.of.items():
        spec, drawn = lander.sensors[label], drawn_errors(rows, label)
        variances = onboard_model(label).first_variances(spec, drawn, craft)
        for name, place in places.items():
            covariance[place, place] = np.diag(variances[name])
    return covariance


def drawn_errors(rows: Sequence[Row], label: str) -> Table:
    """Mean square of each error of a unit, in the table of its errors; SI."""
    model = sensor_of(label).errors
    squares: dict[str, Any] = {
        name: _mean_squares(rows, f"errors.{label}.{bare_name(name)}", field.default)
        for name, field in model.model_fields.items()
    }
    return model.model_construct(**squares)


def _mean_squares(rows: Sequence[Row], path: str, default: Any) -> float | tuple[float, ...]:
    if isinstance(default, tuple):
        return tuple(drawn_variance(rows, f"{path}.{index}") for index in range(len(default)))
    return drawn_variance(rows, path)


def worst(lander: Lander, name: str) -> float:
    """The largest of a figure of the inertial units: the one in use may be any of them."""
    specs: Mapping[str, Any] = lander.sensors
    return max(getattr(spec, name) for label, spec in specs.items() if kind_of(label) == "imu")


def accelerometer_walk_m_s2_per_sqrt_s(
    lander: Lander, braking_m_s2: float
) -> Float[np.ndarray, "3"]:
    """How errors that grow with thrust change the accelerometers' biases, body axes.

    Thrust is along the body's z axis: scale acts along it, misalignment and the mount's bending
    across. As thrust changes from that of braking to the lander's weight, over the approach, so do
    they.
    """
    changed_m_s2 = abs(braking_m_s2 - WEIGHT_M_S2)
    scale = worst(lander, "accelerometer_scale_fraction")
    bent_rad = worst(lander, "mount_flex_rad_per_m_s2") * braking_m_s2
    across = math.hypot(worst(lander, "accelerometer_misalignment_rad"), bent_rad)
    return changed_m_s2 * np.array([across, across, scale]) / math.sqrt(APPROACH_TIME_S)
