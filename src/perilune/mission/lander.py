"""What a lander file says: masses, tanks, engine, thrusters, legs, hull, control, limits.

Body frame: origin at the centre of the plane of the undeployed footpads, +z up along the engine's
thrust axis, +x towards the side on which the canted altimeter beam points. All values are SI.
"""

import math
from typing import Annotated, Any

from pydantic import Field

from perilune.interfaces.contact_switches import ContactSwitchesSpec
from perilune.interfaces.sensor import Rate, Sensor
from perilune.interfaces.sensor_kinds import SENSORS
from perilune.interfaces.table import (
    Angle,
    Direction,
    Friction,
    Length,
    Name,
    NotNegative,
    Positive,
    SmallAngle,
    SpecificImpulse,
    Table,
    Vector,
    Why,
    table_of,
)
from perilune.interfaces.units import Units, labelled_units, units_of
from perilune.mission.legs import Legs


class Mass(Table):
    """What does not burn, and where it is; the inertia is about the dry centre of mass."""

    dry_kg: Positive
    """The empty vehicle, without payload and cold gas."""
    payload_kg: NotNegative
    """Carried to the ground; taken to sit at the dry centre of mass."""
    cold_gas_kg: NotNegative
    """What the thrusters may use."""
    dry_center_of_mass_m: Vector
    """In the body frame."""
    dry_inertia_kg_m2: tuple[Positive, Positive, Positive]
    """About the three body axes through the dry centre of mass."""
    dry_inertia_products_kg_m2: Vector = (0.0, 0.0, 0.0)
    """Entries xy, xz and yz of the same inertia matrix, which are minus the integrals of x y,
    x z and y z over the mass."""


class Slosh(Table):
    """Lets the liquid of a tank sway: a mass on a spring across its axis, first mode alone."""

    viscosity_m2_s: Annotated[float, Field(gt=0.0, le=1e-3), Why("no propellant is thicker")]
    """Kinematic, of the liquid; by it walls and floor damp the sway."""
    baffle_damping_factor: Annotated[
        float, Field(ge=0.0, le=0.5), Why("no baffle damps more, and none does less than nothing")
    ] = 0.0
    """Damping ratio that baffles add to that of the bare walls; zero is a bare tank."""


class Tank(Table):
    """An upright cylinder, holding its share of the propellant's mass."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    """What it holds."""
    propellant_fraction: Annotated[float, Field(gt=0.0, le=1.0)]
    """Its share of the propellant by mass; the shares add up to 1."""
    density_kg_m3: Annotated[float, Field(ge=50.0, le=5_000.0), Why("no propellant is outside it")]
    """Of the liquid."""
    radius_m: Length
    """Of the cylinder."""
    bottom_height_m: float
    """Height of its flat bottom over the footpads."""
    off_axis_m: tuple[float, float] = (0.0, 0.0)
    """Where its own axis stands, x and y in the body frame."""
    slosh: Slosh | None = None
    """How the liquid sways; left out, it is carried rigidly."""


class ImpulsePoint(Table):
    """The specific impulse at one throttle."""

    throttle_fraction: Annotated[float, Field(gt=0.0, le=1.0)]
    """Thrust over full thrust."""
    impulse_factor: Annotated[float, Field(ge=0.1, le=2.0)]
    """Specific impulse there over the engine's `specific_impulse`."""


class ThrottleBand(Table):
    """Throttles between which and full thrust the engine does not burn steadily."""

    ceiling_fraction: Annotated[float, Field(gt=0.0, lt=1.0)]
    """Most of full thrust at which it is throttled; above it there is only full thrust. A command
    between the two is flown at the nearer one."""
    full_above_fraction: Annotated[float, Field(gt=0.0, lt=1.0)]
    """While it is throttled, guidance goes to full thrust when it asks for more than this."""
    throttled_below_fraction: Annotated[float, Field(gt=0.0, lt=1.0)]
    """At full thrust, guidance throttles again when it asks for less than this."""


class GimbalDrive(Table):
    """A slow drive of the gimbal: it takes standing torque off the nozzles, which do the rest."""

    rate_rad_s: Annotated[
        float, Field(gt=0.0, le=0.2), Why("a faster one turns the lander by itself: leave it out")
    ]
    """At which it swings at most, about each axis."""


class Pulsing(Table):
    """Pulse-width modulation: in each tick of 0.1 s the valve is open once, from its start. What a
    least time takes off the impulse wanted, or adds to it, is carried over to the next tick."""

    min_on_s: Annotated[
        float, Field(gt=0.0, le=0.05), Why("a longer one leaves half a tick no choice of thrusts")
    ]
    """The shortest pulse; one of these in each tick is the least thrust that it holds."""
    min_off_s: Annotated[float, Field(ge=0.0, le=0.05), Why("as the shortest pulse")] = 0.0
    """The shortest break between pulses."""


class Engine(Table):
    """An engine: thrust between a floor and a maximum, or on and off, lags, a gimbal."""

    max_thrust_n: Positive
    """Full thrust in vacuum."""
    min_thrust_n: Positive
    """The least it burns at; a command for less is flown at this. Full thrust of an engine that
    cannot be throttled."""
    specific_impulse_s: SpecificImpulse
    """In vacuum, at every throttle unless `impulse_curve` says how it varies."""
    impulse_curve: Annotated[tuple[ImpulsePoint, ...], Field(max_length=16)] = ()
    """How the specific impulse varies, by rising throttle, linear between and constant beyond."""
    throttle_band: ThrottleBand | None = None
    """Of throttles that it cannot hold, if there are any."""
    pulsing: Pulsing | None = None
    """Where it is on at full thrust or off, and its mean is modulated by pulses."""
    lag_s: Annotated[float, Field(gt=0.0, le=2.0), Why("guidance could hold no rate with it")]
    """Time constant of the thrust."""
    lag_down_factor: Annotated[float, Field(gt=0.0, le=10.0)] = 1.0
    """Time constant of falling thrust over `lag`, which is that of rising thrust."""
    gimbal_limit_rad: Annotated[
        float, Field(ge=0.0, le=0.5235987755982988), Why("the thrust's direction is a series in it")
    ] = 0.0
    """How far it swings about each axis; zero where it is fixed."""
    gimbal_lag_s: Annotated[
        float, Field(gt=0.0, le=2.0), Why("the attitude loop would be too slow with it")
    ] = 0.1
    """Time constant of the swing."""
    gimbal_drive: GimbalDrive | None = None
    """Where it is too slow to turn the lander; left out, the swing has its lag alone."""
    pivot_height_m: float
    """Height of the pivot, where the thrust acts."""
    off_axis_m: tuple[float, float] = (0.0, 0.0)
    """Where pivot and bell stand, x and y in the body frame."""
    direction: Direction = (0.0, 0.0, 1.0)
    """Of the force on the vehicle at no gimbal, in the body frame."""
    bell_exit_height_m: Positive
    """Height of the lowest rim of the bell."""
    bell_radius_m: Length
    """Of that rim."""
    tanks: tuple[Name, ...] = ()
    """Which tanks it draws from, in proportion to their shares; all of them where none is named."""


class Nozzle(Table):
    """One pulsed nozzle; `direction` is that of the force on the vehicle."""

    position_m: Vector
    """In the body frame."""
    direction: Direction
    """Of the force on the vehicle, in the body frame."""


class Thrusters(Table):
    """Pulsed nozzles, all alike, on or off; other sizes are further groups, `[thrusters.NAME]`."""

    thrust_n: Positive
    """Of one nozzle."""
    specific_impulse_s: SpecificImpulse
    """In vacuum."""
    min_pulse_s: Annotated[
        float, Field(gt=0.0, le=0.1), Why("a pulse lasts at most a tick, so none would be fired")
    ]
    """The shortest firing."""
    nozzles: Annotated[tuple[Nozzle, ...], Field(min_length=4, max_length=32)]
    """One by one; fewer than four cannot turn it every way."""
    tanks: tuple[Name, ...] = ()
    """Which tanks they draw from, in proportion to their shares; cold gas where none is named."""


class Hull(Table):
    """The body as an upright cylinder, where it would touch the ground."""

    radius_m: Length
    """Of the cylinder."""
    bottom_height_m: Length
    """Of its lower edge."""
    top_height_m: Length
    """Of its upper edge."""
    stiffness_n_per_m: Positive
    """At each point that touches."""
    damping_n_s_per_m: NotNegative
    """At each point that touches."""
    friction_factor: Friction
    """Between hull and ground."""


class Part(Table):
    """A point of the body that must not touch the ground, such as an antenna or a payload."""

    name: Name
    """What a strike is reported under."""
    position_m: Vector
    """In the body frame."""


class Control(Table):
    """How the attitude is held."""

    attitude_frequency_rad_s: Annotated[
        float, Field(ge=0.05, le=1.5), Why("a loop of 0.1 s holds no faster and guidance no slower")
    ] = 1.2
    """Bandwidth of the attitude loop, at most: lags, arms and inertia may ask for a slower one."""
    damping_factor: Annotated[
        float, Field(ge=0.3, le=3.0), Why("outside it the sampled loop swings or creeps")
    ]
    """Its damping ratio."""
    coast_deadband_rad: SmallAngle
    """Error left alone while coasting."""
    rate_limit_rad_s: Positive
    """Fastest turn that is commanded."""


class Limits(Table):
    """What the lander is built for at touchdown, and where its leg model stops being valid."""

    vertical_speed_m_s: Positive
    """At first contact, down."""
    horizontal_speed_m_s: Positive
    """At first contact."""
    rest_direction: Direction = (0.0, 0.0, 1.0)
    """Of the body, up when the lander rests as it is meant to; in the body frame."""
    tilt_rad: Angle
    """At rest, of that direction from the local vertical."""
    body_rate_rad_s: Annotated[float, Field(gt=0.0, le=6.283185307179586)]
    """At first contact, about any axis."""
    crash_speed_m_s: Annotated[
        float, Field(gt=0.0, le=20.0), Why("legs and record are made for no harder contact")
    ]
    """A contact faster than this ends the flight as a crash."""
    tip_over_tilt_rad: Annotated[float, Field(gt=0.0, le=math.pi)]
    """Past this tilt, of the same direction, it has fallen over."""


class _Body(Table):
    name: Name
    """As the file is called."""
    title: str
    """For people."""
    mass: Mass
    tanks: Annotated[tuple[Tank, ...], Field(min_length=1, max_length=8)]
    engine: Units[Engine]
    thrusters: Units[Thrusters]
    legs: Legs
    hull: Hull
    parts: Annotated[tuple[Part, ...], Field(max_length=16)] = ()
    """Points of the body beside the hull's that must not touch; as stiff as the hull."""
    contact_switches: ContactSwitchesSpec | None = None
    """In the footpads; without them the first load on a pad tells the flight software."""


def _field(sensor: Sensor) -> Any:
    """The inertial unit must be fitted, other kinds may be; any number of units of each."""
    units = units_of(sensor.spec)
    return (units, ...) if sensor.rate is Rate.TICK else (units | None, None)


_Fitted: Any = table_of("_Fitted", _Body, {sensor.kind: _field(sensor) for sensor in SENSORS})


class Lander(_Fitted):
    """A lander, whole. Of its sensors only the inertial unit must be fitted."""

    control: Control
    limits: Limits

    @property
    def sensors(self) -> dict[str, Any]:
        """The data sheet of each sensor by label, such as `altimeter` or `altimeter.left`."""
        return labelled_units(self, [sensor.kind for sensor in SENSORS])
