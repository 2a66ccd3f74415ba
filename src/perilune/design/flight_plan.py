"""The flight plan: everything a flight knows, already numbers."""

from collections.abc import Mapping
from dataclasses import KW_ONLY
from typing import Any

import equinox as eqx
import jax
from jaxtyping import Array, Bool, Float, Int

from perilune.mechanics.gravity import GravityField
from perilune.mechanics.track_gravity import TrackGravity
from perilune.onboard.upload import Upload
from perilune.truth.dynamics.state import TrueState
from perilune.truth.dynamics.stop_faces import Stops
from perilune.truth.environment.ephemeris import Sky
from perilune.truth.environment.lighting import GroundLight
from perilune.truth.environment.terrain import Terrain
from perilune.truth.vehicle.vehicle import Vehicle


class World(eqx.Module):
    """Gravity, sky and ground of this flight."""

    _: KW_ONLY
    gravity: GravityField  # to degree 24, everywhere
    track_gravity: TrackGravity  # the degrees above, near the planned track
    sky: Sky
    terrain: Terrain
    aim_fixed_m: Float[Array, "3"]  # where it is to land, on the true ground
    track_normal_fixed: Float[Array, "3"]
    orbit_normal_inertial: Float[Array, "3"]  # unit
    slope_fixed_fraction: Float[Array, "3"]  # more slope under the pads, up per metre this way
    light: GroundLight | None = None  # along the approach; None: no sensor needs light
    stops: Stops | None = None  # rocks and walls, Moon-fixed axes; None: there are none
    left_out_m_s2: Float[Array, "3"]  # steady pull that no field has: along track, cross track, up


class Fitted(eqx.Module):
    """One unit of a sensor: its data sheet and what is wrong with it in this flight."""

    spec: Any  # the `Spec` of its kind, arrays throughout
    errors: Any  # its `Errors`


FaultsOf = dict[str, tuple[Mapping[str, jax.Array], ...]]
"""Label of a sensor, or `command` → what happens to its signals, as `truth.faults` reads it."""


class Endings(eqx.Module):
    """Where the models stop being valid and a flight is over."""

    crash_speed_m_s: Float[Array, ""]
    tip_over_tilt_rad: Float[Array, ""]
    rest_direction_body: Float[Array, "3"] | None = None  # up at rest as meant; None: body z


class Caps(eqx.Module):
    """How long each phase may last before the flight is `TIMED_OUT`."""

    frame_count: Int[Array, ""]
    contact_tick_count: Int[Array, ""]


class NominalStart(eqx.Module):
    """What truth is built about, beside its numbers: settled by the design, the same for a draw."""

    _: KW_ONLY
    start_position_inertial_m: Float[Array, "3"]  # as believed
    start_velocity_inertial_m_s: Float[Array, "3"]
    start_inertial_from_body: Float[Array, "4"]
    orbit_normal_inertial: Float[Array, "3"]  # unit, along the orbit's angular momentum
    kept_fraction: Float[Array, ""]  # of the mass at separation, what the start has left
    aim_fixed_m: Float[Array, "3"]  # where it is to land, on the ground as the map has it
    site_from_fixed: Float[Array, "3 3"]
    largest_relief_m: Float[Array, ""]  # that no map shows; zero: the ground is the map


class Dispersions(eqx.Module):
    """What is drawn once a flight: 128 rows of one number each, those past the last one unused."""

    _: KW_ONLY
    kind: Int[Array, "128"]  # `mission.distributions.Kind`
    address: Int[Array, "128"]  # of the number among the plan's dials; past their end where unused
    name: Int[Array, "128"]  # CRC-32 of the path, which names the row's stream
    active: Bool[Array, "128"]  # whether it is drawn at all, or keeps its nominal value
    nominal: Float[Array, "128"]
    scale: Float[Array, "128"]  # one sigma; of the logarithm where log-normal
    low: Float[Array, "128"]
    high: Float[Array, "128"]
    cut: Float[Array, "128 2"]  # chances of a normal draw below `low` and below `high`
    mix: Float[Array, "128 128"]  # Cholesky factors of the correlated groups
    values: Float[Array, "128 8"]  # to choose from
    edges: Float[Array, "128 8"]  # chances of a choice up to each value


class FlightPlan(eqx.Module):
    """What `fly` needs beside a key."""

    _: KW_ONLY
    world: World
    vehicle: Vehicle
    sensors: dict[str, Fitted]  # by label
    faults: FaultsOf
    start: TrueState
    upload: Upload
    endings: Endings
    caps: Caps
    numbers: Any  # `design.numbers.Numbers`: what truth above is built from
    nominal_start: NominalStart
    dispersions: Dispersions
    noise_factor: Float[Array, ""]  # 1, or 0 when every draw is switched off
    event_phases: Int[Array, "6"]  # with which each event begins, as telemetry counts phases
    ignition_phase: Int[Array, ""]  # where braking begins
