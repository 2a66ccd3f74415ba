"""Rocks of a site in flight: when contact begins above them, what holds pads, what they stand on.

The lander is Athena; at its site the ground slopes by 2.7 degrees, 11 cm over the reach of a pad.
"""

import dataclasses
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.app.sampled_flight import compiled_flight as compiled_flight_of
from perilune.design import nominal
from perilune.design.build_truth import build_truth, put_truth
from perilune.design.typed_arrays import as_arrays
from perilune.flight.carry import Event, Flight, begin
from perilune.flight.contact_phase import settle
from perilune.flight.fly import place_fixed_m
from perilune.flight.handover import center_of_mass_m, ground_is_near
from perilune.flight.outcome import Outcome
from perilune.mechanics.randomness import run_key
from perilune.mechanics.rotation import conjugate, cross, from_rotation_vector, rotate
from perilune.mission.site_stop import SiteStop
from perilune.telemetry.flight_columns import telemetry_columns
from perilune.truth.dynamics.contact import crushed_places_m
from perilune.truth.dynamics.ground_clearance import bell_clearance_m, point_places_m
from perilune.truth.dynamics.ground_plane import Ground
from perilune.truth.dynamics.stop_faces import Stops
from perilune.truth.environment.ephemeris import fixed_from_inertial, spin_inertial_rad_s
from perilune.truth.environment.rocks import NEAREST_COUNT
from tests.flight.test_contact_phase import Burning

NO_BURN = jnp.array([False])
ROCK_HEIGHT_M, ROCK_RADIUS_M = 0.15, 0.7
HELD_M = 0.005
"""How far a pad's spring may give way to a face, at 0.4 m/s."""


class Quiet(Burning):
    """Commands nothing."""

    def step(self, upload, memory, inbox):
        memory, command, said = super().step(upload, memory, inbox)
        return memory, dataclasses.replace(command, engine_on=NO_BURN), said


def rock(east_m, north_m, radius_m, height_m):
    lengths = {"east": east_m, "north": north_m, "radius": radius_m, "height": height_m}
    return SiteStop.model_validate({name: f"{value} m" for name, value in lengths.items()})


def with_rocks(plan, rocks):
    """The plan as it would be with these rocks in the site's file."""
    site = dataclasses.replace(plan.numbers.site, stops=as_arrays(rocks))
    numbers = dataclasses.replace(plan.numbers, site=site)
    plan = dataclasses.replace(plan, numbers=numbers)
    return put_truth(plan, build_truth(numbers, plan.nominal_start))


def above_the_aim(flight, foot_m, velocity_site_m_s):
    """The carry of a lander upright over the aim point, its feet this high, at this speed."""
    plan, start = flight.plan, begin(flight)
    inertial_from_fixed = conjugate(fixed_from_inertial(plan.world.sky, 0.0))
    site = rotate(inertial_from_fixed[None], plan.nominal_start.site_from_fixed)
    aim_m = rotate(inertial_from_fixed, plan.world.aim_fixed_m)
    place_m = aim_m + (plan.upload.vehicle.foot_below_center_m + foot_m) * site[2]
    turn = jnp.cross(jnp.array([0.0, 0.0, 1.0]), site[2])
    angle = jnp.arctan2(jnp.linalg.norm(turn), site[2, 2])
    ground_m_s = cross(spin_inertial_rad_s(plan.world.sky, 0.0), place_m)
    state = dataclasses.replace(
        start.state,
        position_inertial_m=place_m,
        velocity_inertial_m_s=ground_m_s + velocity_site_m_s @ site,
        inertial_from_body=from_rotation_vector(angle * turn / jnp.linalg.norm(turn)),
        rate_body_rad_s=jnp.zeros(3),
    )
    return dataclasses.replace(start, state=state, clearance_m=foot_m)


def pads_site_m(plan, place_fixed_m):
    """Where places are from the aim point: east, north, up."""
    return (place_fixed_m - plan.world.aim_fixed_m) @ plan.nominal_start.site_from_fixed.T


@pytest.fixture(scope="module")
def is_near(athena_design):
    """Whether contact begins a metre up, at 1 m/s down and a cycle of 0.1 s, so 18 cm ahead."""

    @jax.jit
    def near(east_m, height_m, speed_m_s):
        there = rock(3.0, 0.0, 3.0, 1.0).model_copy(update={"east_m": east_m, "height_m": height_m})
        plan = with_rocks(nominal(athena_design.plan), (there,))
        flight = Flight(plan, run_key(0, 0), Quiet())
        moving = jnp.stack([speed_m_s, 0.0 * speed_m_s, -1.0 + 0.0 * speed_m_s])
        carry = above_the_aim(flight, jnp.array(1.0), moving)
        return ground_is_near(plan, flight.key, carry, jnp.array(0.1))

    return lambda *numbers: bool(near(*(jnp.asarray(each) for each in numbers)))


@pytest.mark.parametrize(
    ("east_m", "height_m", "speed_m_s", "near"),
    [
        (0.0, 1.0, 0.0, True),  # under all pads, and as high as they are
        (0.0, 0.5, 0.0, False),  # half a metre below them
        (10.0, 1.0, 0.0, False),  # 4.7 m beside the foremost pad
        (10.0, 1.0, 60.0, True),  # which is 7.8 m ahead of itself
        (-10.0, 0.5, 60.0, False),  # and would pass over this one
    ],
)
def test_contact_begins_where_a_pad_could_meet_a_rock_within_a_cycle(
    is_near, east_m, height_m, speed_m_s, near
):
    assert is_near(east_m, height_m, speed_m_s) == near


def test_pads_that_slide_against_a_rock_are_held_at_its_face(athena_design):
    """Without friction and at 0.4 m/s, where no leg breaks."""
    east_m, radius_m, start_m_s = 7.6, 5.0, jnp.array([0.4, 0.0, 0.0])
    gaps_m = {}
    for name, rocks in (("free", ()), ("held", (rock(east_m, 0.0, radius_m, 0.3),))):
        plan = with_rocks(nominal(athena_design.plan), rocks)
        points = plan.vehicle.contact
        points = dataclasses.replace(points, friction_factor=0.0 * points.friction_factor)
        plan = dataclasses.replace(plan, vehicle=dataclasses.replace(plan.vehicle, contact=points))
        flight = Flight(plan, run_key(0, 0), Quiet())
        start = above_the_aim(flight, jnp.array(0.05), start_m_s)
        here = place_fixed_m(plan, start)

        def flown(carry, flight=flight, here=here):
            step = settle(flight, here, False)
            return jax.lax.scan(lambda now, _: (step(now)[0], None), carry, None, 25)[0]

        ended = jax.jit(flown)(start)
        places = point_places_m(points, center_of_mass_m(plan, ended.state), ended.state)
        fixed = fixed_from_inertial(plan.world.sky, 2.5)
        pads = pads_site_m(plan, rotate(fixed[None], places[: points.leg_count]))
        gaps_m[name] = np.hypot(pads[:, 0] - east_m, pads[:, 1]) - radius_m
        assert bool(ended.first.touched)
        assert not np.any(ended.touch.legs.broken)
    assert ended.touch.top_entered.shape[1] == 1 + NEAREST_COUNT
    assert not np.any(ended.touch.top_entered)
    assert np.min(gaps_m["free"]) < -0.2
    assert np.min(gaps_m["held"]) == pytest.approx(0.0, abs=HELD_M)


@pytest.fixture(scope="module")
def on_a_rock(athena_nominal_flight, compiled_flight):
    """(plan, summary, samples) of Athena without draws, a rock where its pad 1 comes to rest."""
    bare, _, samples = athena_nominal_flight
    east_m, north_m, _ = pad_1_at_rest_site_m(bare, samples)
    plan = nominal(with_rocks(bare, (rock(east_m, north_m, ROCK_RADIUS_M, ROCK_HEIGHT_M),)))
    return plan, *compiled_flight(plan, run_key(0, 0))


def last_step(samples):
    """The state and the contact at the end of the last tick flown, and its time, s."""
    last = int(np.sum(samples.contact.tick_mask)) - 1
    steps = jax.tree.map(lambda each: jnp.asarray(each[last, -1]), samples.contact.steps)
    return steps.state, steps.touch, 0.1 * samples.contact.tick_count[last]


def pad_1_at_rest_site_m(plan, samples):
    state, touch, time_s = last_step(samples)
    arm_m = crushed_places_m(plan.vehicle.contact, touch)[0] - center_of_mass_m(plan, state)
    place_m = state.position_inertial_m + rotate(state.inertial_from_body, arm_m)
    fixed = fixed_from_inertial(plan.world.sky, time_s)
    return np.asarray(pads_site_m(plan, rotate(fixed, place_m)))


def test_a_pad_stands_on_the_rock_that_it_came_down_on(athena_nominal_flight, on_a_rock):
    """Higher by the rock, but for how much further it has sunk; its spring gives by millimetres."""
    (plan, bare, before), (_, summary, samples) = athena_nominal_flight, on_a_rock
    assert summary.outcome == bare.outcome == Outcome.LANDED
    _, touch, _ = last_step(samples)
    entered = touch.top_entered[:, 0]
    assert bool(entered[0])
    assert not np.any(entered[1:])
    lifted_m = pad_1_at_rest_site_m(plan, samples)[2] - pad_1_at_rest_site_m(plan, before)[2]
    sunk_m = summary.legs.sinkage_m[0] - bare.legs.sinkage_m[0]
    assert lifted_m == pytest.approx(ROCK_HEIGHT_M - sunk_m, abs=0.005)
    touched_s = [each.event_time_s[Event.CONTACT] for each in (summary, bare)]
    begun_s = [0.1 * each.contact.tick_count[0] for each in (samples, before)]
    for with_s, without_s in (touched_s, begun_s):
        assert -0.1 < without_s - with_s < ROCK_HEIGHT_M / 1.0 + 0.1


def test_the_energy_of_its_springs_counts_the_rock_under_the_pad(on_a_rock):
    """At rest, F²/2k of what each leg bears and of its friction: half of it is pad 1's."""
    plan, _, samples = on_a_rock
    columns = telemetry_columns(plan, samples)
    points, (_, touch, _) = plan.vehicle.contact, last_step(samples)
    stiffness, legs = np.asarray(points.stiffness_n_per_m), np.s_[: points.leg_count]
    bears_j = np.asarray(touch.normal_force_n)[legs] ** 2 / (2.0 * stiffness[legs])
    bent_m = np.linalg.norm(touch.bristle_inertial_m, axis=-1)
    held_j = np.sum(bears_j) + 0.5 * np.sum(stiffness * bent_m**2)
    assert columns["total_energy_j"][-1] == pytest.approx(held_j, rel=0.02)


def test_a_flight_over_rocks_is_known_to_the_native_compiler(on_a_rock):
    refused = []
    assert compiled_flight_of(on_a_rock[0], None, refused.append).engine == "native", refused


def test_the_bell_is_as_far_over_a_rock_as_it_is_over_its_top():
    stops = Stops(
        point_m=jnp.zeros((1, 3)),
        out_direction=jnp.array([[1.0, 0.0, 0.0]]),
        curvature_per_m=jnp.array([1.0]),
        height_m=jnp.array([0.3]),
    )
    up = jnp.tile(jnp.array([0.0, 0.0, 1.0]), (2, 1))
    ground = Ground(jnp.zeros((2, 3)), up, jnp.zeros(3), stops)
    points = SimpleNamespace(bell_count=1)
    for over, clear_m in ((False, 0.5), (True, 0.2)):
        touch = SimpleNamespace(top_entered=jnp.array([[True], [over]]))
        found_m = bell_clearance_m(points, ground, 0.5 * up, touch)
        assert float(found_m) == pytest.approx(clear_m)
