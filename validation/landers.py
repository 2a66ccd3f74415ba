"""Knows landers of other layouts than the catalog's, written as files and read like any other."""

import tomllib
from importlib import resources

import tomlkit

from perilune import load_mission
from perilune.design.believed_vehicle import believed_vehicle
from perilune.design.build_lander import build_vehicle
from perilune.design.numbers import numbers_of, to_arrays
from perilune.design.typed_arrays import as_arrays

ENGINE = {
    "specific_impulse": "320 s",
    "lag": "0.05 s",
    "bell_exit_height": "0.5 m",
    "bell_radius": "0.15 m",
}
CORNERS = {"a": (1, 1), "b": (-1, 1), "c": (-1, -1), "d": (1, -1)}


def four_throttled(places_m: float = 0.5) -> dict:
    """Four engines of 1.2 kN without a gimbal, at the corners of a square: `[engine.a]` to `d`."""
    return {
        name: ENGINE
        | {
            "max_thrust": "1.2 kN",
            "min_thrust": "0.2 kN",
            "pivot_height": "0.95 m",
            "off_axis": [f"{places_m * x} m", f"{places_m * y} m"],
        }
        for name, (x, y) in CORNERS.items()
    }


def four_on_or_off() -> dict:
    """The same, of full thrust or none, modulated by pulses."""
    on_off = {"min_thrust": "1.2 kN", "pulsing": {"min_on": "20 ms", "min_off": "15 ms"}}
    return {name: engine | on_off for name, engine in four_throttled().items()}


def fixed() -> dict:
    """One engine of 4 kN on the axis that does not swing."""
    figures = {"max_thrust": "4 kN", "min_thrust": "0.8 kN", "pivot_height": "0.95 m"}
    return ENGINE | figures


def eight_pulsed() -> dict:
    """Eight engines of 60 N on propellant, two at each corner, canted to push up and around."""
    up, round_ = 0.8, 0.6
    every = [
        {
            "position": [f"{0.7 * x} m", f"{0.7 * y} m", "1.0 m"],
            "direction": [-way * round_ * y / 2**0.5, way * round_ * x / 2**0.5, up],
        }
        for x, y in CORNERS.values()
        for way in (1, -1)
    ]
    figures = {"thrust": "60 N", "specific_impulse": "220 s", "min_pulse": "20 ms"}
    return figures | {"tanks": ["oxygen", "methane"], "nozzles": every}


def two_of(kind: str, **right) -> dict:
    """Two units of a sensor of Nova-C, `left` and `right`, the right one with changed figures."""
    unit = nova_c()[kind]
    return {"left": unit, "right": unit | right}


def five_legs() -> dict:
    """Nova-C's legs, one fewer, so that no two stand opposite one another."""
    return nova_c()["legs"] | {"count": 5}


def nova_c() -> dict:
    """Its file."""
    catalog = resources.files("perilune") / "catalog"
    return tomllib.loads((catalog / "landers" / "nova-c.toml").read_text(encoding="utf-8"))


def mission_with(folder, **parts):
    """Athena with parts of its lander replaced, as files in a folder: no code knows of them."""
    return load_mission(write_mission(folder, **parts))


def write_mission(folder, **parts):
    """The path of its file."""
    catalog = resources.files("perilune") / "catalog"
    lander = nova_c() | {"name": "changed", "dispersions": []} | parts
    (folder / "changed.toml").write_text(tomlkit.dumps(lander), encoding="utf-8")
    mission = (catalog / "missions" / "athena.toml").read_text(encoding="utf-8")
    mission = mission.replace('lander = "nova-c"', 'lander = "changed.toml"')
    (folder / "mission.toml").write_text(mission, encoding="utf-8")
    return folder / "mission.toml"


def vehicles(mission, mass_kg: float):
    """Truth's vehicle of a mission, nothing drawn, and what the flight software believes of it."""
    lander, numbers = mission.lander, to_arrays(numbers_of(mission))
    vehicle = build_vehicle(numbers.lander, numbers.layout, numbers.errors)
    solid_kg = float(vehicle.mass.dry_kg) + lander.mass.cold_gas_kg
    believed = believed_vehicle(lander, vehicle, mass_kg, mass_kg - solid_kg)
    return vehicle, as_arrays(believed)
