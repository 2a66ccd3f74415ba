"""Parts of a lander that refer to one another: tanks drawn from, pads counted, curves in order."""

import math
from collections.abc import Iterator
from itertools import pairwise

from perilune.mission.mission import Mission
from perilune.mission.propulsion import engines_of, thrusters_of
from perilune.mission.value_location import place

NEARLY_M = 1e-3
MOST_ENGINES = 12
"""As many as telemetry has columns for."""


def misfits(mission: Mission) -> Iterator[str]:
    """A sentence for each part of the lander that does not fit another."""
    yield from _engine_count(mission)
    yield from _drawn_tanks(mission)
    yield from _pads(mission)
    yield from _part_names(mission)
    yield from _curves(mission)
    yield from _stages(mission)
    yield from _directions(mission)
    yield from _alike(mission)
    yield from _bands(mission)
    yield from _sloshing(mission)
    yield from _on_or_off(mission)


def _engine_count(mission: Mission) -> Iterator[str]:
    count = len(engines_of(mission.lander))
    if count > MOST_ENGINES:
        yield (
            f"{place(mission, 'lander.engine')} must have at most {MOST_ENGINES} engines, for "
            f"which telemetry has columns, but has {count}; those that only turn it are"
            " `thrusters`."
        )


def _drawn_tanks(mission: Mission) -> Iterator[str]:
    lander, known = mission.lander, [tank.name for tank in mission.lander.tanks]
    for index, name in enumerate(known):
        if name in known[:index]:
            yield (
                f"{place(mission, f'lander.tanks.{index}.name')} must be a name of its own, but "
                f"`{name}` is that of another tank too."
            )
    for name, unit in (engines_of(lander) | thrusters_of(lander)).items():
        for tank in unit.tanks:
            if tank not in known:
                yield (
                    f"{place(mission, f'lander.{name}.tanks')} must name tanks of the lander "
                    f"({', '.join(known)}), but has `{tank}`."
                )


def _part_names(mission: Mission) -> Iterator[str]:
    known = [part.name for part in mission.lander.parts]
    for index, name in enumerate(known):
        if name in known[:index]:
            yield (
                f"{place(mission, f'lander.parts.{index}.name')} must be a name of its own, but "
                f"`{name}` is that of another part too."
            )


def _pads(mission: Mission) -> Iterator[str]:
    legs = mission.lander.legs
    if not legs.pads:
        return
    if len(legs.pads) != legs.count:
        yield (
            f"{place(mission, 'lander.legs.pads')} must have an entry for each of the "
            f"{legs.count} legs (`count`), but has {len(legs.pads)}."
        )
    upright = (0.0, 0.0, 1.0)
    if legs.secondaries and any(pad.crush_direction != upright for pad in legs.pads):
        yield (
            f"{place(mission, 'lander.legs.pads')} must have no `crush_direction` on a leg with "
            "`secondaries`, whose struts say which way it crushes, but has one; leave it out."
        )
    furthest_m = max(math.hypot(*pad.position_m[:2]) for pad in legs.pads)
    if abs(furthest_m - legs.tread_radius_m) > NEARLY_M:
        yield (
            f"{place(mission, 'lander.legs.tread_radius_m')} must be the distance of the furthest "
            f"of `pads` from the axis, {furthest_m:.4g} m, but is {legs.tread_radius_m:g} m."
        )


def _stages(mission: Mission) -> Iterator[str]:
    """Stages of struts and rows of the soil go by rising stroke and depth."""
    legs, soil = mission.lander.legs, mission.site.soil
    rows = {"lander.legs.early_stages": [stage.to_m for stage in legs.early_stages]}
    if legs.secondaries is not None:
        for way in ("compression", "tension"):
            stages = getattr(legs.secondaries, way)
            rows[f"lander.legs.secondaries.{way}"] = [stage.to_m for stage in stages]
    if soil is not None:
        rows["site.soil.bearing"] = [row.depth_m for row in soil.bearing]
    for path, along_m in rows.items():
        if any(after <= before for before, after in pairwise(along_m)):
            key = "depth" if path.startswith("site") else "to"
            yield (
                f"{place(mission, path)} must go by rising `{key}`, but has "
                f"{', '.join(f'{each:g} m' for each in along_m)}."
            )
    if legs.early_stages and legs.early_stages[-1].to_m >= legs.stroke_m:
        yield (
            f"{place(mission, 'lander.legs.early_stages')} must end below `stroke`, "
            f"{legs.stroke_m:g} m, but ends at {legs.early_stages[-1].to_m:g} m."
        )


def _curves(mission: Mission) -> Iterator[str]:
    for name, engine in engines_of(mission.lander).items():
        throttles = [point.throttle_fraction for point in engine.impulse_curve]
        if any(after <= before for before, after in pairwise(throttles)):
            yield (
                f"{place(mission, f'lander.{name}.impulse_curve')} must go by rising "
                f"`throttle_fraction`, but has {', '.join(f'{each:g}' for each in throttles)}."
            )


def _directions(mission: Mission) -> Iterator[str]:
    for name, engine in engines_of(mission.lander).items():
        if engine.direction[2] < 0.5:
            yield (
                f"{place(mission, f'lander.{name}.direction')} must be within 60 deg of the body's "
                f"+z, along which engines brake and carry the lander, but is "
                f"{', '.join(f'{each:g}' for each in engine.direction)}."
            )


def _alike(mission: Mission) -> Iterator[str]:
    """Engines are throttled and trimmed together: a band is the same of all, a slow drive too."""
    engines = engines_of(mission.lander)
    for table, what in (("throttle_band", "the same"), ("gimbal_drive", "one")):
        label, first = next(iter(engines.items()))
        kept = getattr(first, table)
        for other, engine in engines.items():
            own = getattr(engine, table)
            if own != kept if table == "throttle_band" else (own is None) != (kept is None):
                yield (
                    f"{place(mission, f'lander.{other}')} must have {what} `{table}` if "
                    f"`lander.{label}` has one, as engines are throttled and trimmed together."
                )


def _sloshing(mission: Mission) -> Iterator[str]:
    """The liquid of every tank sways or that of none does."""
    tanks = mission.lander.tanks
    rigid = [index for index, tank in enumerate(tanks) if tank.slosh is None]
    if 0 < len(rigid) < len(tanks):
        yield (
            f"{place(mission, f'lander.tanks.{rigid[0]}')} must have a table `slosh` if another "
            "tank has one: the liquid of all tanks sways, or that of none."
        )


def _bands(mission: Mission) -> Iterator[str]:
    """Thresholds in order, all of them where the engine can be throttled."""
    for label, engine in engines_of(mission.lander).items():
        band = engine.throttle_band
        if band is None or engine.pulsing is not None:
            continue
        rising = (
            engine.min_thrust_n / engine.max_thrust_n,
            band.throttled_below_fraction,
            band.full_above_fraction,
            band.ceiling_fraction,
        )
        if any(after < before for before, after in pairwise(rising)):
            yield (
                f"{place(mission, f'lander.{label}.throttle_band')} must have its floor, "
                "`throttled_below_fraction`, `full_above_fraction` and `ceiling_fraction` in this "
                f"order, but has {', '.join(f'{each:.3g}' for each in rising)}."
            )


def _on_or_off(mission: Mission) -> Iterator[str]:
    """An engine that pulses is at full thrust or off, and has no throttles."""
    for label, engine in engines_of(mission.lander).items():
        if engine.pulsing is None:
            continue
        if engine.min_thrust_n != engine.max_thrust_n:
            yield (
                f"{place(mission, f'lander.{label}.min_thrust_n')} must be `max_thrust`, "
                f"{engine.max_thrust_n:g} N, as an engine with `pulsing` is on or off, but is "
                f"{engine.min_thrust_n:g} N."
            )
        if engine.throttle_band is not None:
            yield (
                f"{place(mission, f'lander.{label}.throttle_band')} must be left out, as an engine "
                "with `pulsing` is not throttled, but is there."
            )
