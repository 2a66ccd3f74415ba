"""Tables beside a lander's drawing: what each part does by its place and its direction."""

import math

import numpy as np
from jaxtyping import Float

from perilune.interfaces.units import labelled
from perilune.mission.lander import Lander
from perilune.mission.propulsion import engines_of, nozzles_of
from perilune.report.drawing.lander_parts import (
    Centers,
    Subject,
    direction_words,
    pivot_body_m,
    place_words,
)
from perilune.report.pages.content import Inline, Table, code

NOT_KNOWN = "\N{EN DASH}"
NONE_N_M = 1e-9
ASIDE_FACTOR = 1e-3
"""A component of a torque below this share of the largest is not named."""


def masses_table(subject: Subject, centers: Centers) -> Table:
    """Empty and full, and each tank."""
    rows: list[list[Inline]] = [
        ["empty", f"{centers.empty_kg:.1f}", place_words(centers.empty_body_m)]
    ]
    if centers.full_body_m is not None:
        rows.append(["full", f"{centers.full_kg:.1f}", place_words(centers.full_body_m)])
    for tank in subject.lander.tanks:
        floor = (*tank.off_axis_m, tank.bottom_height_m)
        load_kg = tank.propellant_fraction * (subject.propellant_kg or 0.0)
        mass = NOT_KNOWN if subject.propellant_kg is None else f"{load_kg:.1f}"
        rows.append([f"tank {tank.name}", mass, f"floor at {place_words(floor)}"])
    return Table(["", "mass, kg", "centre of mass, or floor"], rows, "parts")


def engines_table(lander: Lander, centers: Centers) -> Table:
    """Where each engine's line of force passes the centre of mass, and the gimbal's reach."""
    rows: list[list[Inline]] = []
    for label, engine in engines_of(lander).items():
        pivot, force = pivot_body_m(engine), np.asarray(engine.direction)
        gimbal_deg = math.degrees(engine.gimbal_limit_rad)
        rows.append(
            [
                code(label),
                f"{engine.min_thrust_n:g} to {engine.max_thrust_n:g}",
                place_words(pivot),
                direction_words(force),
                _turn(np.cross(pivot - centers.empty_body_m, engine.max_thrust_n * force)),
                f"{gimbal_deg:g}°" if gimbal_deg else "fixed",
            ]
        )
    heads = ["engine", "thrust, N", "pivot", "force along", "torque at full thrust", "gimbal"]
    return Table(heads, rows, "parts")


def nozzles_table(lander: Lander, centers: Centers) -> Table:
    """What each nozzle does about the empty centre of mass: a wrong sign is a wrong turn."""
    rows: list[list[Inline]] = []
    for number, (path, group, nozzle) in enumerate(nozzles_of(lander)):
        arm_m = np.asarray(nozzle.position_m) - centers.empty_body_m
        torque = np.cross(arm_m, group.thrust_n * np.asarray(nozzle.direction))
        rows.append(
            [
                str(number),
                code(path.removeprefix("lander.")),
                place_words(nozzle.position_m),
                direction_words(nozzle.direction),
                f"{group.thrust_n:g}",
                _turn(torque),
            ]
        )
    heads = ["no.", "nozzle", "place", "force along", "thrust, N", "torque about the centre, empty"]
    return Table(heads, rows, "parts")


def sensors_table(lander: Lander) -> Table:
    """Beams and directions."""
    rows: list[list[Inline]] = []
    for label, spec in labelled("altimeter", lander.altimeter).items():
        cant = f"canted {math.degrees(spec.cant_rad):g}° from -z towards +x; axial along -z"
        rows.append([code(label), place_words(spec.mount_m), cant])
    for label, spec in labelled("radar_altimeter", lander.radar_altimeter).items():
        cant = f"canted {math.degrees(spec.cant_rad):g}° from -z towards +x; axial along -z"
        beam = f"{cant}; {math.degrees(spec.half_angle_rad):g}° to each side"
        rows.append([code(label), place_words(spec.mount_m), beam])
    for label, spec in labelled("velocimeter", lander.velocimeter).items():
        cone = f"three beams {math.degrees(spec.half_angle_rad):g}° from -z; beam 1 towards +x"
        rows.append([code(label), place_words(spec.mount_m), cone])
    for label, spec in labelled("star_tracker", lander.star_tracker).items():
        rows.append([code(label), NOT_KNOWN, f"boresight along {direction_words(spec.boresight)}"])
    return Table(["sensor", "mount", "directions"], rows, "parts")


def _turn(torque_n_m: Float[np.ndarray, "3"]) -> str:
    """A torque by its axes: `+12.5 N m about x`."""
    most = float(np.max(np.abs(torque_n_m)))
    if most < NONE_N_M:
        return "none"
    named = [
        f"{each:+.3g} about {axis}"
        for axis, each in zip("xyz", torque_n_m, strict=True)
        if abs(each) > ASIDE_FACTOR * most
    ]
    return f"{', '.join(named)} N m"
