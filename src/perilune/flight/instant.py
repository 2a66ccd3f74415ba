"""What there is to see, and what has happened, at an instant of a flight."""

from jaxtyping import Array, Float

from perilune.design.flight_plan import FlightPlan
from perilune.flight import suite
from perilune.flight.carry import Carry, Flight
from perilune.flight.ground_view import ground_below
from perilune.flight.handover import center_of_mass_m
from perilune.interfaces.clock import seconds
from perilune.mechanics.gravity import point_mass_m_s2
from perilune.truth.environment.ephemeris import earth_position_m, sun_position_m
from perilune.truth.faults.fault_kinds import Now
from perilune.truth.sensors.scene import Bodies, Scene, Tick


def scene(
    flight: Flight, carry: Carry, tick_s: Float[Array, ""], tick_count: int
) -> tuple[Scene, Now]:
    """What there is to see now for sensors that last read so many ticks ago, and when that is."""
    plan, now = flight.plan, moment(carry)
    gm_m3_s2 = plan.world.gravity.gm_m3_s2
    here = Scene(
        time_s=now.time_s,
        period_s=tick_count * tick_s,
        tick_s=tick_s,
        state=carry.state,
        pull_inertial_m_s2=point_mass_m_s2(gm_m3_s2, carry.state.position_inertial_m),
        center_body_m=center_of_mass_m(plan, carry.state),
        beam=carry.command.altimeter_beam,
        look=lambda: ground_below(plan, flight.key, carry.state, now.time_s),
        watch=lambda: Bodies(
            sun_position_m(plan.world.sky, now.time_s), earth_position_m(plan.world.sky, now.time_s)
        ),
    )
    return here, now


def followed(
    plan: FlightPlan, before: Carry, after: Carry, frame_end_s: Float[Array, ""]
) -> dict[str, suite.SensorState]:
    """What sensors keep that follow the vehicle through the tick between two carries."""
    start_s, end_s = seconds(before.clock), seconds(after.clock)
    tick = Tick(start_s, end_s, frame_end_s, before.state, after.state)
    return suite.followed(plan, after.sensors, tick)


def moment(carry: Carry) -> Now:
    """When a signal is sent, as its faults ask."""
    return Now(
        time_s=seconds(carry.clock),
        event_time_s=carry.log.event_time_s,
        height_m=carry.clearance_m,
    )
