"""What the page says beside result and telemetry: limits, the shaded map, sources, terrain."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from perilune.design.dispersion_table import rows_and_addresses
from perilune.interfaces.quantities import in_words
from perilune.interfaces.sensor_kinds import SENSORS
from perilune.mechanics.map_tiles import heights_on_plane
from perilune.mechanics.si_units import bare_name
from perilune.mission.dispersions import rows_of
from perilune.mission.distributions import Kind, Row
from perilune.mission.fault import effects_of
from perilune.mission.propulsion import engines_of, in_braking, propulsion_of
from perilune.mission.settings import leaves
from perilune.mission.show import DOUBT, kind_of_tag, tags_of
from perilune.mission.sides import TRUTH

if TYPE_CHECKING:
    from perilune.design.flight_plan import FlightPlan
    from perilune.design.prepared import Prepared
    from perilune.design.terrain_report import TileReport
    from perilune.mission import Mission
    from perilune.mission.lander import Lander

NEAR_KM = 10.0
LEAST_KM = 1.0
AHEAD_KM, BEHIND_KM = 20.0, 100.0
SIDE_KM = 22.0


def extras_of(mission: "Mission", design: "Prepared", modes: Mapping[int, str]) -> dict[str, Any]:
    """The `extras` of `report_html`; `modes` names the flight software's, by number."""
    engines = propulsion_of(mission.in_truth.lander)
    return {
        "title": mission.title,
        "summary": mission.summary,
        "site": {
            "latitude_deg": math.degrees(mission.site.latitude_rad),
            "longitude_deg": math.degrees(mission.site.longitude_rad),
        },
        "modes": modes,
        "absent": [each.kind for each in SENSORS if getattr(mission.lander, each.kind) is None],
        "map": maps_of(mission, design),
        "terrain": terrain_rows(design.terrain),
        "sources": sources_of(mission),
        "limits": limits_of(mission),
        "leg_count": mission.lander.legs.count,
        "engines": engine_names(mission.lander),
        "throttle_floor": engines.min_thrust_n / engines.max_thrust_n,
    }


def engine_names(lander: "Lander") -> dict[int, str]:
    """Number in the names of columns → name of each engine; empty where there is but one."""
    names = [label.rpartition(".")[2] for label in engines_of(lander)]
    return dict(enumerate(names, 1)) if len(names) > 1 else {}


def limits_of(mission: "Mission") -> dict[str, float]:
    """The limits that figures draw, by the names the page knows."""
    mission = mission.in_truth
    limits = mission.lander.limits
    return {
        "vertical_speed_m_s": limits.vertical_speed_m_s,
        "horizontal_speed_m_s": limits.horizontal_speed_m_s,
        "tilt_deg": math.degrees(limits.tilt_rad),
        "body_rate_deg_s": math.degrees(limits.body_rate_rad_s),
        "crash_speed_m_s": limits.crash_speed_m_s,
        "leg_stroke_m": mission.lander.legs.stroke_m,
        "crush_force_n": mission.lander.legs.crush_force_n,
        "gimbal_deg": math.degrees(
            max(engine.gimbal_limit_rad for engine in engines_of(mission.lander).values())
        ),
        "miss_m": mission.criteria.miss_m,
        "full_thrust_n": propulsion_of(mission.lander).max_thrust_n,
        "planned_thrust_fraction": mission.descent.peak_thrust_fraction
        * in_braking(mission).max_thrust_n
        / propulsion_of(mission.lander).max_thrust_n,
    }


def legs_flown(points: Any, count: int) -> dict[str, Any]:
    """The legs' own values of one flight as drawn; `points` are its `ContactPoints`, all alike."""
    return {
        "count": count,
        "stiffness_n_per_m": float(points.stiffness_n_per_m[0]),
        "damping_n_s_per_m": float(points.damping_n_s_per_m[0]),
        "crush_force_n": float(points.legs.crush_force_n[0, 0, 0, -1]),
    }


def maps_of(mission: "Mission", design: "Prepared") -> list[dict[str, Any]]:
    """The ground that was flown over, near the site and along the approach, as heights."""
    made = "measured" if design.terrain.measured else "made up"
    around_km = max(LEAST_KM, 2.0 * mission.criteria.miss_m / 1e3)
    near, around = (-NEAR_KM, NEAR_KM), (-around_km, around_km)
    ground = {"ground": design.terrain.statement}
    return [
        _map(design, near, near, 0.1)
        | {"title": f"The site, 20 km square, ground {made}", "shows": "site"}
        | ground,
        _map(design, around, around, around_km / 100.0)
        | {"title": "About the aim point", "shows": "aim"}
        | ground,
        _map(design, *_along(_heading(design)), 0.4)
        | {
            "title": f"The last {BEHIND_KM:.0f} km of the approach, ground {made}",
            "shows": "approach",
        }
        | ground,
    ]


def _heading(design: "Prepared") -> tuple[float, float]:
    """Eastward and northward part of the planned motion at the site, a unit vector."""
    to_site = np.asarray(design.plan.nominal_start.site_from_fixed)
    normal = np.asarray(design.plan.world.track_normal_fixed)
    east, north, _ = to_site @ np.cross(normal, to_site[2])
    return float(east), float(north)


def _along(
    heading: tuple[float, float],
) -> tuple[tuple[float, float], tuple[float, float]]:
    """(east, north), km, of the box about the end of an approach along a unit vector."""

    def side(ahead: float, across: float) -> tuple[float, float]:
        low, high = sorted((-ahead * BEHIND_KM, ahead * AHEAD_KM))
        return low - abs(across) * SIDE_KM, high + abs(across) * SIDE_KM

    east, north = heading
    return side(east, north), side(north, east)


def _map(
    design: "Prepared", east_km: tuple[float, float], north_km: tuple[float, float], step_km: float
) -> dict[str, Float[np.ndarray, "..."]]:
    x_km, y_km = (
        np.arange(low, high + 0.5 * step_km, step_km) for low, high in (east_km, north_km)
    )
    plane_m = 1e3 * np.stack(np.meshgrid(x_km, y_km), axis=-1)
    height_m = heights_on_plane(design.plan.world.terrain.map, plane_m)
    return {"x_km": x_km, "y_km": y_km, "height_m": height_m}


def terrain_rows(report: Any) -> list[dict[str, Any]]:
    """A row for each tile of the ground: where it lies, how fine, and which map gave what share."""
    rows = [_tile_row(tile) for tile in report.tiles]
    return [*rows, {"piece": "finer than that", "origin": "smooth", "made_of": report.statement}]


def _tile_row(tile: "TileReport") -> dict[str, Any]:
    given = ", ".join(f"{name} {share:.0%}" for name, share in tile.source_fractions)
    origin = "made up" if tile.made_up_fraction == 1.0 else "measured"
    if 0.0 < tile.made_up_fraction < 1.0:
        origin = f"measured, {tile.made_up_fraction:.0%} made up"
    return {
        "piece": f"{tile.name} tile",
        "origin": origin,
        "spacing_m": tile.step_m,
        "uprange_km": tile.uprange_m / 1e3,
        "beyond_km": tile.ahead_m / 1e3,
        "half_width_km": tile.half_width_m / 1e3,
        "made_of": given or "published height and slope of the site",
    }


def sources_of(mission: "Mission") -> dict[str, dict[str, Any]]:
    """Path → {value, tag} of every value that needs a source, the most doubtful kind first.

    Where a value is drawn in each flight, `drawn` says from which distribution.
    """
    values, tags = dict(leaves(mission.written)), tags_of(mission)
    every = {path: {"value": _text(values[path]), "tag": tag} for path, tag in tags.items()}
    for path, words in _distributions(mission).items():
        drawn = f"{TRUTH}.{path}" if path in mission.apart(TRUTH) else path
        if drawn in every:
            every[drawn]["drawn"] = "; ".join(dict.fromkeys(words))
    return dict(sorted(every.items(), key=lambda each: DOUBT.index(kind_of_tag(each[1]["tag"]))))


def _distributions(mission: "Mission") -> dict[str, list[str]]:
    """Path → how each drawn number of it is drawn, of a vector one for each of its parts."""
    words: dict[str, list[str]] = {}
    for row in rows_of(mission.in_truth):
        stem, _, place = row.path.rpartition(".")
        path = stem if place.isdigit() else row.path
        words.setdefault(path, []).append(row.words)
    return words


def faults_of(
    mission: "Mission", plan: "FlightPlan", values: Float[np.ndarray, " rows"] | None
) -> list[dict[str, Any]]:
    """When each fault of each signal is on, a row each, with the numbers that this flight drew."""
    rows, _ = rows_and_addresses(mission.in_truth, plan)
    given = () if values is None else zip(rows, values[: len(rows)], strict=True)
    drawn = {row.path: float(value) for row, value in given}
    return [
        {"fault": name, "signal": label, "after_event": table.after_event}
        | {
            key: drawn.get(f"faults.{name}.{label}.{bare_name(key)}", getattr(table, key))
            for key in ("after_s", "below_height_m", "duration_s")
        }
        for name, fault in mission.faults.items()
        for label, table in fault.signals.items()
        if effects_of(table)
    ]


def draws_of(
    mission: "Mission", plan: "FlightPlan", values: Float[np.ndarray, " rows"]
) -> list[dict[str, Any]]:
    """What this flight drew, row by row of the dispersions; the furthest from nominal first.

    `values` are as `flight.draw.sample` gives them, SI. `sigma` says how far a value lies from its
    nominal one, None for draws that are not normal.
    """
    rows, _ = rows_and_addresses(mission.in_truth, plan)
    drawn = [
        {
            "path": row.path,
            "value": in_words(float(value), row.leaf.unit),
            "nominal": in_words(row.leaf.value, row.leaf.unit),
            "sigma": _sigmas(row, float(value)),
            "drawn": row.words,
        }
        for row, value in zip(rows, values[: len(rows)], strict=True)
    ]
    return sorted(drawn, key=lambda each: -abs(each["sigma"] or 0.0))


def _sigmas(row: Row, value: float) -> float | None:
    """How far a normal or log-normal draw lies from its nominal value, in sigmas."""
    if row.scale == 0.0 or row.kind not in (Kind.NORMAL, Kind.LOG_NORMAL):
        return None
    if row.kind == Kind.LOG_NORMAL:
        return math.log(value / row.leaf.value) / row.scale
    return (value - row.leaf.value) / row.scale


def _text(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
