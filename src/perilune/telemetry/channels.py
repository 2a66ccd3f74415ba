"""Every column `telemetry.parquet` may have: its name, which carries the unit, and what it says."""

from collections.abc import Iterable

from perilune.interfaces.sensor import Sensor
from perilune.interfaces.sensor_kinds import SENSORS as KINDS

_AXES = ("x", "y", "z")
_LOCAL = ("along", "cross", "radial")
_LEGS = tuple("12345678")
_ENGINES = tuple(map(str, range(1, 13)))


def _each(names: str, parts: Iterable[str], says: str) -> dict[str, str]:
    return {names.replace("*", part): says.replace("*", part) for part in parts}


def _state(whose: str, adjective: str) -> dict[str, str]:
    inertial = "in the Moon-centred ICRF axes (J2000)"
    return (
        _each(f"{whose}_position_*_m", _AXES, f"{adjective} position, *, {inertial}.")
        | _each(f"{whose}_velocity_*_m_s", _AXES, f"{adjective} velocity, *, {inertial}.")
        | _each(
            f"{whose}_attitude_*",
            ("w", *_AXES),
            f"{adjective} attitude quaternion `inertial_from_body`, scalar first: *.",
        )
    )


TIME = {
    "time_s": "Time after the start of the flight.",
    "phase": "0 orbit and coast, 1 powered descent, 2 contact.",
    "mode": "Place of the software's phase in the mission's list; the file's metadata names it.",
}
TRUTH = (
    _state("true", "True")
    | _each("true_rate_*_deg_s", _AXES, "True body rate about *.")
    | {
        "true_latitude_deg": "True latitude, planetocentric, MOON_ME.",
        "true_longitude_deg": "True longitude, east positive, MOON_ME.",
        "map_latitude_deg": "Latitude at which the map draws the ground below.",
        "map_longitude_deg": "Longitude at which the map draws the ground below.",
        "altitude_m": "True altitude of the centre of mass above the 1,737.4 km sphere.",
        "height_m": "True height of the lowest footpad above the ground.",
        "vertical_speed_m_s": "True speed relative to the ground, down positive.",
        "horizontal_speed_m_s": "True speed over the ground.",
        "range_m": "Distance over the true ground to where the aim point truly is.",
        "from_aim_east_m": "The part of that distance east of the aim point.",
        "from_aim_north_m": "The part of that distance north of the aim point.",
        "tilt_deg": "True angle of the body's axis from local vertical.",
        "thrust_n": "True thrust of all engines.",
        "mass_kg": "True mass.",
        "propellant_kg": "True propellant left.",
        "cold_gas_kg": "True cold gas left.",
        "total_energy_j": "Energy of motion, height and springs; in contact only.",
        "thrust_work_j": "Work of engine and thrusters since the handover, less the energy that "
        "left with their propellant; in contact only.",
    }
    | _each("gimbal_*_deg", ("x", "y"), "True turn of the gimbal about *.")
    | _each(
        "thrust_*_n",
        _ENGINES,
        "True thrust of engine *, where there are several; the file's metadata names them.",
    )
    | _each("gimbal_*_x_deg", _ENGINES, "True turn of the gimbal of engine * about x; of several.")
    | _each("gimbal_*_y_deg", _ENGINES, "True turn of the gimbal of engine * about y; of several.")
    | _each("leg_stroke_*_m", _LEGS, "True crush of the primary strut of leg * so far.")
    | _each("pad_sinkage_*_m", _LEGS, "How deep the pad of leg * stands in the soil.")
    | _each("leg_load_*_n", _LEGS, "Normal force of the ground on the pad of leg *.")
    | {
        "hull_load_n": "Normal force on the most loaded point of the hull.",
        "bell_load_n": "Normal force on the most loaded point of the engine's bell.",
    }
)
BELIEF = (
    _state("estimated", "Estimated")
    | {
        "estimated_height_m": "Height of the footpads, upright, above the ground, as believed.",
        "height_error_over_ground_m": "Estimated less true height of the footpads, upright.",
        "height_sigma_over_ground_m": "The filter's own 1 sigma of that height.",
        "estimated_mass_kg": "Mass, as believed; where cycles end.",
        "throttle": "Commanded throttle, as a fraction of full thrust.",
    }
    | {"thrust_short_n": "Thrust wanted less what the command makes, as believed; along body z."}
    | _each("torque_short_*_n_m", _AXES, "Torque wanted less what the command makes, about *.")
    | _each("throttle_*", _ENGINES, "Commanded throttle of engine *; of several.")
    | _each("position_error_*_m", _LOCAL, "Estimated less true position, *.")
    | _each("position_sigma_*_m", _LOCAL, "The filter's own 1 sigma of position, *.")
    | _each("velocity_error_*_m_s", _LOCAL, "Estimated less true velocity, *.")
    | _each("velocity_sigma_*_m_s", _LOCAL, "The filter's own 1 sigma of velocity, *.")
    | _each("attitude_error_*_deg", _AXES, "Estimated less true attitude about body *.")
    | _each("attitude_sigma_*_deg", _AXES, "The filter's own 1 sigma of attitude about body *.")
)


def channels_of(sensor: Sensor) -> dict[str, str]:
    """The columns of a kind, as those of a lander with one unit are called."""
    what = f"{sensor.kind.replace('_', ' ').capitalize()}"
    found = {}
    for channel, words in sensor.channels.items():
        name, whose = f"{sensor.kind}_{channel}", f"{what}, {words}"
        if sensor.value:
            found[f"{name}_{sensor.value[1]}"] = f"{whose}: {sensor.value_words}."
        found |= {f"{name}_{shown}": f"{whose}: {says}." for shown, says in sensor.shown.items()}
        if not sensor.one_validity:
            found[f"{name}_valid"] = f"{whose}: the reading is good."
            found[f"{name}_used"] = f"{whose}: the filter took it."
        unit = sensor.column_unit
        found[f"{name}_innovation_{unit}"] = f"{whose}: reading less what was expected."
        found[f"{name}_gate_{unit}"] = f"{whose}: largest innovation let in."
    if sensor.one_validity:
        found[f"{sensor.kind}_valid"] = f"{what}: the reading is good."
        found[f"{sensor.kind}_used"] = f"{what}: the filter took it."
    return found


SENSORS = {name: says for sensor in KINDS for name, says in channels_of(sensor).items()}
CHANNELS = TIME | TRUTH | BELIEF | SENSORS


def words_of(name: str) -> str | None:
    """What a column says, of a named unit too; None where there is no such column."""
    if name in CHANNELS:
        return CHANNELS[name]
    for sensor in KINDS:
        for known, says in channels_of(sensor).items():
            rest = known.removeprefix(sensor.kind)
            unit = name.removeprefix(sensor.kind).removesuffix(rest)
            if name == f"{sensor.kind}{unit}{rest}" and unit.startswith("_"):
                return f"{says.rstrip('.')}; unit `{unit[1:]}`."
    return None
