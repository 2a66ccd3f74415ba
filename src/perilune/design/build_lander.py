"""From a lander's numbers to truth's vehicle; compiled or not, drawn or not.

`lander` and `errors` are tables of `design.numbers`, arrays throughout.
"""

import jax.numpy as jnp
from jaxtyping import Array, Float

from perilune.design.build_contact import contact_points, engine_units
from perilune.design.layout import Layout
from perilune.design.typed_arrays import Tables
from perilune.mechanics.mass_properties import MassModel
from perilune.mechanics.matrices import axes_of_turned_z
from perilune.truth.actuators.engines import Engines
from perilune.truth.actuators.nozzles import Nozzles
from perilune.truth.actuators.pulses import Pulsing
from perilune.truth.vehicle.vehicle import Slosh, Vehicle


def build_vehicle(
    lander: Tables, layout: Layout, errors: Tables, soil: Tables | None = None
) -> Vehicle:
    """Truth's vehicle, in arrays of the lander's own sizes; without a soil it stands on rock."""
    return Vehicle(
        mass_model(lander),
        _engines(lander, layout, errors),
        _nozzles(lander, layout),
        contact_points(lander, layout, soil),
        slosh_of(lander),
    )


def tank_loads_kg(lander: Tables, propellant_kg: Float[Array, ""]) -> Float[Array, " tanks"]:
    """Propellant shared out to the tanks, then the cold gas: (T + 1,) kg."""
    shares = [tank.propellant_fraction * propellant_kg for tank in lander.tanks]
    return jnp.stack([*shares, lander.mass.cold_gas_kg])


def mass_model(lander: Tables) -> MassModel:
    mass, tanks = lander.mass, lander.tanks
    xy, xz, yz = mass.dry_inertia_products_kg_m2
    none = jnp.zeros_like(xy)
    rows = ([none, xy, xz], [xy, none, yz], [xz, yz, none])
    products = jnp.stack([jnp.stack(row) for row in rows])
    return MassModel(
        dry_kg=mass.dry_kg + mass.payload_kg,
        dry_center_body_m=mass.dry_center_of_mass_m,
        dry_inertia_kg_m2=jnp.diag(mass.dry_inertia_kg_m2) + products,
        tank_floor_body_m=jnp.stack(
            [_standing(tank.off_axis_m, tank.bottom_height_m) for tank in tanks]
        ),
        tank_radius_m=jnp.stack([tank.radius_m for tank in tanks]),
        tank_density_kg_m3=jnp.stack([tank.density_kg_m3 for tank in tanks]),
    )


def slosh_of(lander: Tables) -> Slosh | None:
    """What damps the liquid of the tanks; None where it is carried rigidly."""
    tables = [tank.slosh for tank in lander.tanks]
    if None in tables:
        return None
    return Slosh(
        viscosity_m2_s=jnp.stack([each.viscosity_m2_s for each in tables]),
        baffle_damping_factor=jnp.stack([each.baffle_damping_factor for each in tables]),
    )


def _standing(off_axis_m: Float[Array, "2"], height_m: Float[Array, ""]) -> Float[Array, "3"]:
    """A place in the body frame."""
    return jnp.concatenate([off_axis_m, jnp.atleast_1d(height_m)])


def _drawn_fraction(lander: Tables, drawn_factor: Float[Array, " tanks"]) -> Float[Array, " tanks"]:
    """Of a flow, from each tank: in proportion to the shares of those it is drawn from."""
    shares = jnp.stack([tank.propellant_fraction for tank in lander.tanks])
    drawn = drawn_factor * jnp.append(shares, 1.0)
    return drawn / jnp.sum(drawn)


def _engines(lander: Tables, layout: Layout, errors: Tables) -> Engines:
    engines = engine_units(lander)

    def each(name: str) -> Float[Array, "..."]:
        return jnp.stack([getattr(engine, name) for engine in engines])

    throttle, factor = _impulse_curves(engines)
    return Engines(
        max_thrust_n=each("max_thrust_n"),
        min_thrust_n=each("min_thrust_n"),
        specific_impulse_s=each("specific_impulse_s"),
        curve_throttle_fraction=throttle,
        curve_impulse_factor=factor,
        lag_s=each("lag_s"),
        lag_down_s=each("lag_down_factor") * each("lag_s"),
        gimbal_limit_rad=each("gimbal_limit_rad"),
        gimbal_lag_s=each("gimbal_lag_s"),
        gimbal_rate_rad_s=_of_inner(engines, "gimbal_drive", "rate_rad_s"),
        throttle_ceiling_fraction=_of_inner(engines, "throttle_band", "ceiling_fraction"),
        pulsing=_pulsing(engines),
        position_body_m=jnp.stack([_standing(e.off_axis_m, e.pivot_height_m) for e in engines]),
        body_from_mount=jnp.stack([axes_of_turned_z(_unit(e.direction)) for e in engines]),
        pointing_rad=jnp.stack([errors.engine.pointing_rad for _ in engines]),
        draw_fraction=jnp.stack(
            [_drawn_fraction(lander, row) for row in layout.engine_draw_factor]
        ),
        gimballed=layout.gimballed,
    )


def _of_inner(engines: list[Tables], table: str, name: str) -> Float[Array, " E"] | None:
    """A number of a table that every engine has or none; None where none has it."""
    tables = [getattr(engine, table) for engine in engines]
    return None if None in tables else jnp.stack([getattr(each, name) for each in tables])


def _pulsing(engines: list[Tables]) -> Pulsing | None:
    """None where every engine burns steadily."""
    tables, none = [engine.pulsing for engine in engines], jnp.zeros(())
    if not any(tables):
        return None
    return Pulsing(
        pulses=jnp.array([table is not None for table in tables]),
        min_on_s=jnp.stack([none if table is None else table.min_on_s for table in tables]),
        min_off_s=jnp.stack([none if table is None else table.min_off_s for table in tables]),
    )


def _units(value: Tables) -> list[Tables]:
    return [value[name] for name in sorted(value)] if isinstance(value, dict) else [value]


def _impulse_curves(
    engines: list[Tables],
) -> tuple[Float[Array, "E points"], Float[Array, "E points"]]:
    """Throttles and factors, each (E, P): shorter curves repeat their last point."""
    size = max(1, *(len(engine.impulse_curve) for engine in engines))
    one = jnp.ones(())
    rows = []
    for engine in engines:
        points = [(p.throttle_fraction, p.impulse_factor) for p in engine.impulse_curve]
        points = points or [(one, one)]
        rows.append(points + points[-1:] * (size - len(points)))
    throttles, factors = ([[point[part] for point in row] for row in rows] for part in (0, 1))
    stacked = [jnp.stack([jnp.stack(row) for row in part]) for part in (throttles, factors)]
    return stacked[0], stacked[1]


def _nozzles(lander: Tables, layout: Layout) -> Nozzles:
    groups = zip(_units(lander.thrusters), layout.thrusters_draw_factor, strict=True)
    every = [(group, draw, nozzle) for group, draw in groups for nozzle in group.nozzles]

    def each(name: str) -> Float[Array, "..."]:
        return jnp.stack([getattr(group, name) for group, _, _ in every])

    return Nozzles(
        thrust_n=each("thrust_n"),
        specific_impulse_s=each("specific_impulse_s"),
        min_pulse_s=each("min_pulse_s"),
        position_body_m=jnp.stack([nozzle.position_m for _, _, nozzle in every]),
        direction_body=_unit(jnp.stack([nozzle.direction for _, _, nozzle in every])),
        draw_fraction=jnp.stack([_drawn_fraction(lander, draw) for _, draw, _ in every]),
    )


def _unit(directions: Float[Array, "... 3"]) -> Float[Array, "... 3"]:
    """Unit vectors again after a draw."""
    return directions / jnp.linalg.norm(directions, axis=-1, keepdims=True)
