"""A flight from a state vector is the flight from the orbit that the state is of."""

import re

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from perilune import InputError, load_mission
from perilune.data.spice_kernels import kernels
from perilune.data.utc import utc_text
from perilune.design import design, nominal
from perilune.design.state_path import path_of
from perilune.design.survey import survey
from perilune.flight.outcome import Outcome
from perilune.interfaces.events import Event
from perilune.mechanics.constants import MOON_GM_M3_S2
from perilune.mechanics.randomness import run_key
from perilune.mechanics.rotation import rotate, rotate_back
from perilune.mechanics.time import tdb_s
from perilune.onboard.guidance.polynomial import e_guidance
from perilune.truth.environment.ephemeris import fixed_from_inertial
from tests.state_missions import state_text, write_mission


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A mission with this state, as `write_mission` takes it."""
    folder = tmp_path_factory.mktemp("state")

    def load(state, lead_time=None, left_out=0, settings=()):
        return load_mission(
            write_mission(folder / "mine.toml", state, lead_time, left_out), settings
        )

    return load


@pytest.fixture(scope="module")
def start(athena_design):
    """Epoch in UTC, place and velocity where Athena's flight starts."""
    transfer = athena_design.transfer
    epoch_utc = utc_text(athena_design.epoch, 0.0, 6)
    return epoch_utc, transfer.start_position_m, transfer.start_velocity_m_s


def turning(start, epoch):
    """The same state in MOON_ME."""
    with kernels() as spice:
        turn = spice.sxform("J2000", "MOON_ME", tdb_s(epoch))
    turned = turn @ np.concatenate(start[1:])
    return start[0], turned[:3], turned[3:]


@pytest.mark.parametrize("frame", ["icrf", "moon_me"])
def test_an_orbit_by_its_own_state_vector_is_the_same_flight(athena_design, start, own, frame):
    """Epoch to a microsecond, which is 1.6 mm of the path; the burn's time adds as much."""
    given = start if frame == "icrf" else turning(start, athena_design.epoch)
    designed = design(own(state_text(*given, frame=frame)))
    of_orbit, of_state = athena_design.transfer, designed.transfer
    assert tdb_s(designed.epoch) == pytest.approx(tdb_s(athena_design.epoch), abs=2e-6)
    np.testing.assert_allclose(of_state.start_position_m, of_orbit.start_position_m, atol=1e-3)
    np.testing.assert_allclose(
        of_state.ignition_position_m, of_orbit.ignition_position_m, atol=0.02
    )
    np.testing.assert_allclose(
        of_state.ignition_velocity_m_s, of_orbit.ignition_velocity_m_s, atol=1e-4
    )
    np.testing.assert_allclose(
        of_state.deorbit_velocity_m_s, of_orbit.deorbit_velocity_m_s, atol=1e-4
    )
    assert of_state.deorbit_time_s == pytest.approx(of_orbit.deorbit_time_s, abs=1e-3)
    assert designed.course.ignition_range_m == pytest.approx(
        athena_design.course.ignition_range_m, abs=0.1
    )
    assert designed.rehearsal.touchdown_s == pytest.approx(
        athena_design.rehearsal.touchdown_s, abs=1e-3
    )
    assert designed.rehearsal.end_mass_kg == pytest.approx(
        athena_design.rehearsal.end_mass_kg, abs=1e-3
    )


def test_a_state_of_hours_before_leads_to_the_same_start(start, own):
    """Two revolutions earlier, on the path that leads there in truth's whole field."""
    surveyed = survey(own(state_text(*start)))
    path = path_of(own(state_text(*start)), surveyed.gravity, surveyed.aim_fixed)
    early = path.at(-14_000.0)
    epoch_utc = utc_text(path.epoch, -14_000.0, 6)
    state = state_text(epoch_utc, early.position_m, early.velocity_m_s)
    found = design(own(state, lead_time="60 s"))
    np.testing.assert_allclose(found.transfer.start_position_m, start[1], atol=1.0)
    np.testing.assert_allclose(found.transfer.start_velocity_m_s, start[2], atol=1e-3)
    assert found.transfer.deorbit_time_s == pytest.approx(60.0, abs=1e-6)


def test_a_path_beside_the_site_is_refused_with_the_distance_and_the_side(start, own):
    """Turned to the left about the start's radius by 10 deg, 203 deg before the site, it passes
    10 deg times sin 203 deg, 119 km, on the other side."""
    epoch_utc, place, speed = start
    left = Rotation.from_rotvec(np.radians(10.0) * place / np.linalg.norm(place))
    state = state_text(epoch_utc, place, left.apply(np.array(speed)))
    with pytest.raises(InputError, match=r"state\.position.*passes the site 11\d\.\d km to the ri"):
        design(own(state))


def test_a_state_after_the_burn_is_refused_with_how_long(start, own):
    surveyed = survey(own(state_text(*start)))
    path = path_of(own(state_text(*start)), surveyed.gravity, surveyed.aim_fixed)
    late = path.at(100.0)
    state = state_text(utc_text(path.epoch, 100.0, 6), late.position_m, late.velocity_m_s)
    with pytest.raises(InputError, match=r"epoch_utc` must be before the descent-orbit.* 40\.\d s"):
        design(own(state))


def ignition_text(designed):
    """The state vector with which a design ignites."""
    transfer = designed.transfer
    epoch_utc = utc_text(designed.epoch, transfer.ignition_time_s, 6)
    place, speed = transfer.ignition_position_m, transfer.ignition_velocity_m_s
    return state_text(epoch_utc, place, speed, at="ignition")


@pytest.fixture(scope="module")
def at_ignition(athena_design, own):
    """Athena from its state of ignition, its first phase the one that looks along the thrust."""
    state = ignition_text(athena_design)
    # The mass that the descent-orbit burn leaves: 19.7 m/s more are spent before the flight.
    return design(own(state, left_out=3, settings=["masses.insertion=820 m/s"]))


def test_a_flight_may_start_at_ignition(athena_design, at_ignition, compiled_flight):
    transfer = at_ignition.transfer
    assert transfer.ignition_time_s == 0.0
    np.testing.assert_allclose(
        transfer.start_position_m, athena_design.transfer.ignition_position_m, atol=1e-3
    )
    summary, _ = compiled_flight(nominal(at_ignition.plan), run_key(0, 0))
    assert int(summary.outcome) == Outcome.LANDED
    assert summary.event_time_s[Event.IGNITION] == pytest.approx(0.1, abs=0.1)


def test_a_flight_that_starts_at_ignition_faces_along_its_thrust(at_ignition):
    """What E-guidance asks for in the plane of the course, and gravity, by the law by itself."""
    transfer, course, world = at_ignition.transfer, at_ignition.course, at_ignition.plan.world
    place, speed = transfer.ignition_position_m, transfer.ignition_velocity_m_s
    landing_s = jnp.asarray(at_ignition.planned_landing_s)
    up = np.asarray(rotate_back(fixed_from_inertial(world.sky, landing_s), world.aim_fixed_m))
    site_m = np.linalg.norm(up)
    motion = np.cross(np.cross(place, speed), up)
    axes = np.stack([motion / np.linalg.norm(motion), up / site_m])
    from_site = axes @ place - np.array([0.0, site_m])
    asked = e_guidance(
        np.array(course.gate_m)[:, None] - from_site[:, None],
        (axes @ speed)[:, None],
        np.array(course.gate_velocity_m_s)[:, None],
        course.braking_time_s,
    )
    radius_m = np.linalg.norm(place)
    thrust = np.asarray(asked)[:, 0] @ axes + MOON_GM_M3_S2 / radius_m**3 * place
    start = at_ignition.plan.nominal_start
    faced = np.asarray(rotate(start.start_inertial_from_body, np.array([0.0, 0.0, 1.0])))
    off = np.arccos(np.clip(faced @ thrust / np.linalg.norm(thrust), -1.0, 1.0))
    # Guidance sees the Moon turn, by 0.05 m/s here, and its own map's height of the aim.
    assert np.degrees(off) < 0.5


@pytest.mark.parametrize(("off_s", "way"), [(-700.0, "early"), (60.0, "late")])
def test_a_state_of_ignition_at_the_wrong_time_is_refused_with_how_long(
    at_ignition, own, off_s, way
):
    """Of the very path on which the ignition was found, so that the time is known."""
    mission = own(ignition_text(at_ignition), left_out=3)
    surveyed = survey(mission)
    path = path_of(mission, surveyed.gravity, surveyed.aim_fixed)
    there = path.at(off_s)
    epoch_utc = utc_text(path.epoch, off_s, 6)
    state = state_text(epoch_utc, there.position_m, there.velocity_m_s, at="ignition")
    wrong = own(state, left_out=3, settings=["masses.insertion=820 m/s"])
    with pytest.raises(InputError, match=rf"epoch_utc`.* s too {way}") as caught:
        design(wrong)
    told_s = float(re.search(r"some (\d+) s too", str(caught.value))[1])
    # Higher or lower there than at ignition, the way that braking takes is another by some km.
    assert told_s == pytest.approx(abs(off_s), rel=0.1)
