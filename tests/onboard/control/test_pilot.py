"""Which attitude is held in which mode, and what is ordered with it."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.mechanics.rotation import from_rotation_vector, to_matrix
from perilune.onboard.control.pilot import act, attitude_wanted
from perilune.onboard.guidance.situation import GuidanceCommand
from perilune.onboard.memory import wake
from perilune.onboard.phase_table import HOLD, UPRIGHT
from perilune.onboard.phases.progress import is_powered
from tests.standard_phases import StandardPhase as Mode

TICK_S = 0.1
WISH = GuidanceCommand(jnp.array([0.2, -0.1, 1.9]), jnp.array(50.0))
acted = jax.jit(lambda *arguments: act(*arguments)[0])


@pytest.fixture(scope="module")
def view(view_at):
    return view_at([0.0, 3_000.0, 2_000.0], [0.0, -90.0, -40.0])


@pytest.fixture(scope="module")
def memory_in(upload, estimate_at):
    """A mode → the memory of a computer that is in it."""

    def remember(mode):
        memory = wake(upload)
        progress = dataclasses.replace(memory.progress, phase=jnp.array(int(mode)))
        estimate = estimate_at([0.0, 3_000.0, 2_000.0], [0.0, -90.0, -40.0])
        return dataclasses.replace(memory, progress=progress, estimate=estimate)

    return remember


def unit(vector):
    return np.asarray(vector) / np.linalg.norm(vector)


def test_the_burn_is_faced_before_it_and_held_in_it(upload, memory_in, view):
    planned = unit(upload.plan.deorbit_velocity_inertial_m_s)
    for mode in (Mode.ORBIT, Mode.DEORBIT):
        axes, rate = attitude_wanted(upload, memory_in(mode), view, WISH)
        np.testing.assert_allclose(axes[:, 2], planned, atol=1e-12)
        assert not np.any(rate)


def test_a_phase_that_holds_keeps_the_attitude_it_began_with(upload, memory_in, view):
    """Whatever guidance wants, at no rate; other phases do not look at it."""
    rows = upload.phases.attitude.at[int(Mode.BRAKING)].set(HOLD)
    holding = dataclasses.replace(
        upload, phases=dataclasses.replace(upload.phases, attitude=rows, holds=True)
    )
    began = from_rotation_vector(jnp.array([0.3, -0.7, 0.2]))
    memory = dataclasses.replace(memory_in(Mode.BRAKING), held_inertial_from_body=began)
    axes, rate = attitude_wanted(holding, memory, view, WISH)
    np.testing.assert_allclose(axes, to_matrix(began), atol=1e-15)
    assert not np.any(rate)
    other = dataclasses.replace(memory_in(Mode.COAST), held_inertial_from_body=began)
    same, _ = attitude_wanted(upload, memory_in(Mode.COAST), view, WISH)
    np.testing.assert_array_equal(attitude_wanted(holding, other, view, WISH)[0], same)


@pytest.mark.parametrize("lean_deg", [0.0, 40.0, -10.0])
def test_a_phase_that_stands_upright_leans_from_the_vertical_towards_body_x(
    upload, memory_in, view, lean_deg
):
    """Whatever guidance wants: z is the vertical turned about y, which stays across the track."""
    lean, mode = np.deg2rad(lean_deg), int(Mode.BRAKING)
    rows = upload.phases.attitude.at[mode].set(UPRIGHT)
    leans = jnp.zeros(len(rows)).at[mode].set(lean)
    leaning = dataclasses.replace(
        upload, phases=dataclasses.replace(upload.phases, attitude=rows, lean_rad=leans)
    )
    axes, rate = attitude_wanted(leaning, memory_in(mode), view, WISH)
    site_from_inertial = np.asarray(to_matrix(view.site_from_inertial))
    x, y, z = (site_from_inertial @ np.asarray(axes)).T
    up = np.asarray(view.up_site)
    assert z @ up == pytest.approx(np.cos(lean), abs=1e-12)
    assert x @ up == pytest.approx(-np.sin(lean), abs=1e-6)  # the vertical is not quite the site's
    side = np.cross(upload.chart.downrange_site, [0.0, 0.0, 1.0])
    np.testing.assert_allclose(y, side, atol=3e-3)
    assert not np.any(rate)
    same, _ = attitude_wanted(upload, memory_in(Mode.COAST), view, WISH)
    np.testing.assert_array_equal(
        attitude_wanted(leaning, memory_in(Mode.COAST), view, WISH)[0], same
    )


def test_coasting_it_flies_engine_first_and_turns_with_the_orbit(upload, memory_in, view):
    memory = memory_in(Mode.COAST)
    axes, rate = attitude_wanted(upload, memory, view, WISH)
    place = np.asarray(memory.estimate.position_inertial_m)
    speed = np.asarray(memory.estimate.velocity_inertial_m_s)
    np.testing.assert_allclose(axes[:, 2], -unit(speed), atol=1e-12)
    expected = np.linalg.norm(np.cross(place, speed)) / (place @ place)
    assert np.linalg.norm(rate) == pytest.approx(expected, rel=1e-12)


def test_in_braking_the_canted_beam_looks_to_the_ground(upload, memory_in, view):
    """Thrust axis 15 degrees above the horizon against the motion: the beam sees 60 or better."""
    low = GuidanceCommand(
        jnp.array([0.0, np.cos(np.radians(15.0)), np.sin(np.radians(15.0))]), jnp.array(9.0)
    )
    memory = memory_in(Mode.BRAKING)
    axes, _ = attitude_wanted(upload, memory, view, low)
    beam = np.asarray(axes) @ np.asarray(upload.sensors["altimeter"].beam_body[0])
    down = -unit(memory.estimate.position_inertial_m)
    assert beam @ down > np.cos(np.radians(30.0))


@pytest.mark.parametrize("mode", list(Mode))
def test_engine_and_beam_go_by_the_mode(upload, memory_in, view, mode):
    command = acted(upload, memory_in(mode), view, WISH, TICK_S)
    assert bool(command.engine_on[0]) == bool(is_powered(upload, jnp.array(int(mode))))
    assert (float(command.throttle[0]) > 0.0) == bool(command.engine_on[0])
    assert int(command.altimeter_beam) == int(mode >= Mode.APPROACH)


def test_the_orbit_is_left_at_the_engines_floor(upload, memory_in, view):
    set_thrust = dataclasses.replace(WISH, throttle=upload.plan.deorbit_throttle)
    command = acted(upload, memory_in(Mode.DEORBIT), view, set_thrust, TICK_S)
    assert float(command.throttle[0]) == pytest.approx(0.25)


def test_throttle_is_the_wish_times_the_believed_mass(upload, memory_in, view):
    command = acted(upload, memory_in(Mode.APPROACH), view, WISH, TICK_S)
    wanted_n = float(jnp.linalg.norm(WISH.thrust_acceleration_site_m_s2)) * float(
        upload.vehicle.start_mass_kg
    )
    assert float(command.throttle[0] * upload.vehicle.max_thrust_n) == pytest.approx(wanted_n)


def test_settled_in_a_coast_it_leaves_the_nozzles_alone(upload, memory_in, view):
    from perilune.mechanics.rotation import from_matrix

    memory = memory_in(Mode.COAST)
    axes, _ = attitude_wanted(upload, memory, view, WISH)
    facing = dataclasses.replace(memory.estimate, inertial_from_body=from_matrix(axes))
    there = dataclasses.replace(memory, estimate=facing)
    _, rate = attitude_wanted(upload, there, view, WISH)
    calm = dataclasses.replace(there, rate_body_rad_s=rate)
    turning = dataclasses.replace(there, rate_body_rad_s=rate + jnp.array([0.01, 0.0, 0.0]))
    assert not np.any(acted(upload, calm, view, WISH, TICK_S).thruster_on_s)
    assert np.any(acted(upload, turning, view, WISH, TICK_S).thruster_on_s)
