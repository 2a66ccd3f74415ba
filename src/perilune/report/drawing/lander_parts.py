"""The parts of a lander as its file has them: shapes in the body frame, and words about them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from perilune.design.build_contact import contact_points
from perilune.design.build_lander import mass_model, tank_loads_kg
from perilune.design.layout import layout_of
from perilune.design.typed_arrays import Tables, as_arrays
from perilune.interfaces import ranging, velocimeter
from perilune.interfaces.units import labelled
from perilune.mechanics.mass_properties import mass_properties
from perilune.mission.lander import Engine, Lander, Tank
from perilune.mission.legs import Secondaries
from perilune.mission.propulsion import engines_of, name_of, nozzles_of
from perilune.report.drawing.body_shapes import (
    Callout,
    Shape,
    Solid,
    Stroke,
    arrow,
    cone,
    cylinder,
    ring,
    spot,
)

THROAT_FACTOR = 0.25
"""The throat of a bell over its rim, on the paper: files have the rim alone."""
ARROW_FACTOR, BEAM_FACTOR, PLUME_FACTOR = 0.09, 0.2, 0.16
"""Lengths on the paper over the lander's size: of a force, a beam, a gimbal's cone."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A lander to draw, and with how much propellant its tanks are full; None where none says."""

    lander: Lander
    propellant_kg: float | None

    @property
    def size_m(self) -> float:
        """The larger of its height and the span of its pads."""
        return max(self.lander.hull.top_height_m, 2.0 * self.lander.legs.tread_radius_m)


@dataclass(frozen=True, kw_only=True)
class Centers:
    """Centres of mass in the body frame, and masses; full is None where nothing says how full."""

    empty_body_m: Float[np.ndarray, "3"]
    empty_kg: float
    full_body_m: Float[np.ndarray, "3"] | None
    full_kg: float | None


def centers_of(subject: Subject) -> Centers:
    """As truth computes them: settled liquid on the tanks' floors."""
    empty_kg, empty_m = _mass(subject.lander, 0.0)
    full_kg, full_m = None, None
    if subject.propellant_kg is not None:
        full_kg, full_m = _mass(subject.lander, subject.propellant_kg)
    return Centers(empty_body_m=empty_m, empty_kg=empty_kg, full_body_m=full_m, full_kg=full_kg)


def _mass(lander: Lander, propellant_kg: float) -> tuple[float, Float[np.ndarray, "3"]]:
    numbers = _numbers(lander)
    of = mass_properties(mass_model(numbers), tank_loads_kg(numbers, jnp.asarray(propellant_kg)))
    return float(of.mass_kg), np.asarray(of.center_body_m)


def _numbers(lander: Lander) -> Tables:
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, float), as_arrays(lander))


def pads_body_m(lander: Lander) -> Float[np.ndarray, "legs 3"]:
    """Where the footpads are, as contact with the ground has them."""
    points = contact_points(_numbers(lander), layout_of(lander), None)
    return np.asarray(points.position_body_m)[: points.leg_count]


def shapes_of(subject: Subject) -> tuple[Shape, ...]:
    """All that is drawn, from what lies at the back to what stands in front."""
    return (
        spot("origin", (0.0, 0.0, 0.0), "origin of the body frame"),
        *_legs(subject),
        *_hull(subject),
        *_tanks(subject),
        *_engines(subject),
        *_sensors(subject),
        *_nozzles(subject),
        *_centers(subject),
    )


def _hull(subject: Subject) -> Iterator[Shape]:
    hull = subject.lander.hull
    ends_m = (hull.bottom_height_m, hull.top_height_m)
    words = f"hull: radius {hull.radius_m:g} m, from {ends_m[0]:g} to {ends_m[1]:g} m"
    yield cylinder("hull", (0.0, 0.0), hull.radius_m, ends_m, words)


def _legs(subject: Subject) -> Iterator[Shape]:
    """Struts to each pad; from the lower edge of the hull where the file has none."""
    lander, hull = subject.lander, subject.lander.hull
    pads_m = pads_body_m(lander)
    low_m = float(np.max(pads_m[:, 2])) + lander.legs.stroke_m
    words = f"the ground at full stroke of the legs, {lander.legs.stroke_m:g} m"
    yield Solid("ground", ring((0.0, 0.0), lander.legs.tread_radius_m, low_m), words)
    for number, pad_m in enumerate(pads_m, start=1):
        azimuth = math.atan2(pad_m[1], pad_m[0])
        corner = (
            hull.radius_m * math.cos(azimuth),
            hull.radius_m * math.sin(azimuth),
            hull.bottom_height_m,
        )
        words = f"leg {number}: pad at {place_words(pad_m)}"
        struts = lander.legs.secondaries
        if struts is None:
            yield Stroke("leg", np.array([corner, pad_m]), words)
        else:
            yield from _struts(struts, number, azimuth, pad_m)
        yield spot("pad", pad_m, words, str(number))


def _struts(
    struts: Secondaries, number: int, azimuth: float, pad_m: Float[np.ndarray, "3"]
) -> Iterator[Shape]:
    """The primary strut from its hinge to the pad, and the two across from it to the hull."""
    out = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    aside, up = np.array([-out[1], out[0], 0.0]), np.array([0.0, 0.0, 1.0])
    hinge_m = struts.hinge_radius_m * out + struts.hinge_height_m * up
    joint_m = hinge_m + struts.joint_fraction * (pad_m - hinge_m)
    fitting_m = struts.fitting_radius_m * out + struts.fitting_height_m * up
    words = f"leg {number}: primary strut from its hinge at {place_words(hinge_m)}"
    yield Stroke("leg", np.array([hinge_m, pad_m]), words)
    for side in (-1.0, 1.0):
        end_m = fitting_m + side * struts.fitting_aside_m * aside
        words = f"leg {number}: secondary strut to {place_words(end_m)}"
        yield Stroke("leg", np.array([joint_m, end_m]), words)


def _tanks(subject: Subject) -> Iterator[Shape]:
    for tank in subject.lander.tanks:
        bottom_m = tank.bottom_height_m
        words = f"tank {tank.name}: radius {tank.radius_m:g} m, floor at {bottom_m:g} m"
        top_m = ceiling_m(subject.lander, tank)
        yield cylinder("tank", tank.off_axis_m, tank.radius_m, (bottom_m, top_m), words)
        if subject.propellant_kg is not None:
            load_kg = tank.propellant_fraction * subject.propellant_kg
            level_m = bottom_m + load_kg / (tank.density_kg_m3 * math.pi * tank.radius_m**2)
            full = f"{tank.name}: {load_kg:.0f} kg, up to {level_m:.2f} m"
            yield cylinder("liquid", tank.off_axis_m, tank.radius_m, (bottom_m, level_m), full)


def ceiling_m(lander: Lander, tank: Tank) -> float:
    """How far up a tank may reach: to the next tank over it, or to the top of the hull."""
    over = [lander.hull.top_height_m]
    for other in lander.tanks:
        apart_m = math.dist(tank.off_axis_m, other.off_axis_m)
        if other.bottom_height_m > tank.bottom_height_m:
            over += [other.bottom_height_m] * (apart_m < tank.radius_m + other.radius_m)
    return min(over)


def _engines(subject: Subject) -> Iterator[Shape]:
    for label, engine in engines_of(subject.lander).items():
        pivot, force = pivot_body_m(engine), np.asarray(engine.direction)
        words = f"{label}: {engine.max_thrust_n:g} N, pivot at {place_words(pivot)}"
        if engine.gimbal_limit_rad > 0.0:
            swing = f"{label}: gimbal {math.degrees(engine.gimbal_limit_rad):g}° each way"
            along = -PLUME_FACTOR * subject.size_m * force
            yield cone("gimbal", pivot, along, engine.gimbal_limit_rad, swing)
        yield _bell(engine, words)
        length_m = 1.5 * ARROW_FACTOR * subject.size_m
        direction = f"{label}: force along {direction_words(force)}"
        yield arrow("engine", pivot, length_m * force, direction)
        yield spot("pivot", pivot, words, name_of(label) if "." in label else "")


def pivot_body_m(engine: Engine) -> Float[np.ndarray, "3"]:
    """Where its thrust acts."""
    return np.array([*engine.off_axis_m, engine.pivot_height_m])


def _bell(engine: Engine, words: str) -> Solid:
    rim = ring(engine.off_axis_m, engine.bell_radius_m, engine.bell_exit_height_m)
    throat = ring(engine.off_axis_m, THROAT_FACTOR * engine.bell_radius_m, engine.pivot_height_m)
    return Solid("bell", np.concatenate([rim, throat]), words)


def _nozzles(subject: Subject) -> Iterator[Shape]:
    length_m = ARROW_FACTOR * subject.size_m
    for number, (path, group, nozzle) in enumerate(nozzles_of(subject.lander)):
        along = length_m * np.asarray(nozzle.direction)
        words = (
            f"{path.removeprefix('lander.')}: {group.thrust_n:g} N along "
            f"{direction_words(nozzle.direction)} at {place_words(nozzle.position_m)}"
        )
        yield arrow("nozzle", nozzle.position_m, along, words, str(number))


def _sensors(subject: Subject) -> Iterator[Shape]:
    lander, length_m = subject.lander, BEAM_FACTOR * subject.size_m
    for label, spec in labelled("altimeter", lander.altimeter).items():
        canted, axial = np.asarray(ranging.beams_body(spec))
        cant = f"{label}: canted beam, {math.degrees(spec.cant_rad):g}° from -z towards +x"
        own = f"{name_of(label)} " if "." in label else ""
        yield arrow("altimeter", spec.mount_m, length_m * canted, cant, f"{own}canted")
        axis = f"{label}: axial beam, along -z"
        yield arrow("altimeter", spec.mount_m, length_m * axial, axis, f"{own}axial")
        yield spot("mount", spec.mount_m, f"{label} at {place_words(spec.mount_m)}")
    for label, spec in labelled("radar_altimeter", lander.radar_altimeter).items():
        wide = f"{math.degrees(spec.half_angle_rad):g}° to each side"
        cant = f"{math.degrees(spec.cant_rad):g}° from -z towards +x"
        places = (f"canted beam, {cant}", "axial beam, along -z")
        axes = np.asarray(ranging.beams_body(spec))
        for name, axis, where in zip(("canted", "axial"), axes, places, strict=True):
            words = f"{label}: {where}, {wide}"
            yield arrow("altimeter", spec.mount_m, length_m * axis, words, f"radar {name}")
        yield spot("mount", spec.mount_m, f"{label} at {place_words(spec.mount_m)}")
    for label, spec in labelled("velocimeter", lander.velocimeter).items():
        lean = f"{math.degrees(spec.half_angle_rad):g}° from -z"
        for number, beam in enumerate(np.asarray(velocimeter.beams_body(spec)), start=1):
            words = f"{label}: beam {number}, {lean}"
            yield arrow("velocimeter", spec.mount_m, length_m * beam, words, f"v{number}")
        yield spot("mount", spec.mount_m, f"{label} at {place_words(spec.mount_m)}")
    for label, spec in labelled("star_tracker", lander.star_tracker).items():
        top = (0.0, 0.0, lander.hull.top_height_m)
        words = f"{label}: boresight along {direction_words(spec.boresight)}"
        yield arrow(
            "stars", top, length_m * np.asarray(spec.boresight), words, label.replace("_", " ")
        )


def _centers(subject: Subject) -> Iterator[Shape]:
    centers = centers_of(subject)
    words = f"centre of mass, empty, {centers.empty_kg:.0f} kg"
    yield spot("center empty", centers.empty_body_m, words)
    if centers.full_body_m is not None:
        words = f"centre of mass, full, {centers.full_kg:.0f} kg"
        yield spot("center full", centers.full_body_m, words)


def callouts_of(subject: Subject) -> list[Callout]:
    """What stands at which height, highest first."""
    lander, centers = subject.lander, centers_of(subject)
    stroke_m = lander.legs.stroke_m
    side_m, hull = lander.legs.tread_radius_m, lander.hull
    found = {
        ("hull top", hull.top_height_m, hull.radius_m),
        ("hull bottom", hull.bottom_height_m, hull.radius_m),
        ("pads", float(pads_body_m(lander)[0][2]), side_m),
        ("full stroke", float(np.max(pads_body_m(lander)[:, 2])) + stroke_m, side_m),
        ("centre, empty", float(centers.empty_body_m[2]), 0.0),
    }
    if centers.full_body_m is not None:
        found.add(("centre, full", float(centers.full_body_m[2]), 0.0))
    for engine in engines_of(lander).values():
        found.add(("pivot", engine.pivot_height_m, 0.0))
        found.add(("bell rim", engine.bell_exit_height_m, engine.bell_radius_m))
    found |= {*_floors(lander)}
    found |= {("nozzles", nozzle.position_m[2], 0.0) for _, _, nozzle in nozzles_of(lander)}
    for kind in ("altimeter", "radar_altimeter", "velocimeter"):
        for label, spec in labelled(kind, getattr(lander, kind)).items():
            found.add((label, spec.mount_m[2], 0.0))
    return [
        Callout(height_m, from_m, f"{words} {round(height_m, 2) + 0.0:g} m")
        for words, height_m, from_m in sorted(found, key=lambda each: (-each[1], each[0]))
    ]


def _floors(lander: Lander) -> Iterator[tuple[str, float, float]]:
    """Floors of tanks, those at one height together."""
    for height_m in {tank.bottom_height_m for tank in lander.tanks}:
        alike = [tank for tank in lander.tanks if tank.bottom_height_m == height_m]
        words = f"{alike[0].name} floor" if len(alike) == 1 else f"{len(alike)} tank floors"
        yield words, height_m, max(tank.radius_m for tank in alike)


def place_words(place_m: Float[np.ndarray, "3"] | tuple[float, float, float]) -> str:
    """A place in metres."""
    return f"({', '.join(f'{round(float(each), 3) + 0.0:g}' for each in place_m)}) m"


def direction_words(along: Float[np.ndarray, "3"] | tuple[float, float, float]) -> str:
    """A direction: an axis by its name, else its components."""
    for index, each in enumerate(along):
        if abs(each) > 1.0 - 1e-9:
            return f"{'+' if each > 0.0 else '-'}{'xyz'[index]}"
    return f"({', '.join(f'{round(float(each), 3) + 0.0:g}' for each in along)})"
