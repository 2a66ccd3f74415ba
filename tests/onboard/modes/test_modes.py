"""Modes come in order, one at a time, each at its own sign, and none comes back."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.onboard.memory import wake
from perilune.onboard.modes.modes import Mode, Progress, advance, is_powered

FAR_M = 1.9e6
advanced = jax.jit(advance)


@pytest.fixture(scope="module")
def view(view_at):
    """High and far out, on the way in at a kilometre and a half a second."""
    seen = view_at([0.0, 0.0, 20_000.0], [0.0, -1_500.0, 0.0])
    return dataclasses.replace(seen, range_m=jnp.array(FAR_M))


def progress(mode, time_to_go_s=600.0, gained_m_s=0.0):
    return Progress(jnp.array(int(mode)), jnp.array(time_to_go_s), jnp.array(gained_m_s))


def seen(view, **changes):
    return dataclasses.replace(
        view, **{name: jnp.array(float(value)) for name, value in changes.items()}
    )


def after(upload, mode, view, time_s=0.0, **told):
    return Mode(int(advanced(upload, progress(mode, **told), view, time_s)))


@given(
    mode=st.sampled_from(list(Mode)),
    time_s=st.floats(0.0, 6_000.0),
    range_m=st.floats(0.0, 5.4e6),
    height_m=st.floats(-50.0, 1e5),
    time_to_go_s=st.floats(0.0, 900.0),
    gained_m_s=st.floats(0.0, 40.0),
)
def test_a_mode_stays_or_gives_way_to_the_next(
    upload, view, mode, time_s, range_m, height_m, time_to_go_s, gained_m_s
):
    there = seen(view, range_m=range_m, height_m=height_m)
    now = progress(mode, time_to_go_s, gained_m_s)
    new = advanced(upload, now, there, time_s)
    assert int(new) - int(mode) in {0, 1}


def test_the_burn_begins_at_its_time(upload, view):
    start_s = float(upload.plan.deorbit_time_s)
    assert after(upload, Mode.ORBIT, view, start_s - 0.1) == Mode.ORBIT
    assert after(upload, Mode.ORBIT, view, start_s) == Mode.DEORBIT


def test_the_burn_ends_ahead_of_its_speed_by_what_the_tail_still_gives(upload, view):
    """A first-order lag gives thrust times lag after cut-off: at the floor, 0.2 s of it."""
    plan, vehicle = upload.plan, upload.vehicle
    whole_m_s = float(jnp.linalg.norm(plan.deorbit_velocity_inertial_m_s))
    push_m_s2 = float(vehicle.min_thrust_n / vehicle.start_mass_kg)
    tail_m_s = push_m_s2 * float(plan.deorbit_tail_s)
    early, late = (
        after(upload, Mode.DEORBIT, view, gained_m_s=whole_m_s - tail_m_s + off)
        for off in (-1e-6, 1e-6)
    )
    assert (early, late) == (Mode.DEORBIT, Mode.COAST)
    assert 0.05 < tail_m_s < 0.5


def test_ignition_comes_at_its_range_and_alignment_half_a_minute_before(upload, view):
    speed_m_s = float(jnp.linalg.norm(view.velocity_site_m_s))
    ignition_m = float(upload.plan.ignition_range_m)
    for lead_s, mode, expected in (
        (31.0, Mode.COAST, Mode.COAST),
        (29.0, Mode.COAST, Mode.ALIGN),
        (0.1, Mode.ALIGN, Mode.ALIGN),
        (-0.1, Mode.ALIGN, Mode.BRAKING),
    ):
        there = seen(view, range_m=ignition_m + lead_s * speed_m_s)
        assert after(upload, mode, there) == expected


def test_the_coast_does_not_end_on_the_far_side(upload, view):
    """Past a quarter of the way round the range still falls, and must not be read as arrival."""
    stopped = dataclasses.replace(view, velocity_site_m_s=jnp.array([0.0, -1e9, 0.0]))
    assert after(upload, Mode.COAST, seen(stopped, range_m=3.0e6)) == Mode.COAST
    assert after(upload, Mode.COAST, seen(stopped, range_m=2.0e6)) == Mode.ALIGN


@pytest.mark.parametrize(
    ("mode", "left_s", "height_m", "expected"),
    [
        (Mode.BRAKING, 5.1, 1_200.0, Mode.BRAKING),
        (Mode.BRAKING, 4.9, 1_200.0, Mode.APPROACH),
        (Mode.APPROACH, 8.1, 60.0, Mode.APPROACH),
        (Mode.APPROACH, 7.9, 60.0, Mode.DESCENT),
        (Mode.APPROACH, 30.0, 9.0, Mode.DESCENT),
        (Mode.DESCENT, 0.0, -5.0, Mode.DESCENT),
    ],
)
def test_the_last_modes_end_by_time_to_go_or_height(upload, view, mode, left_s, height_m, expected):
    there = seen(view, height_m=height_m)
    assert after(upload, mode, there, time_to_go_s=left_s) == expected


def test_the_engine_burns_in_the_burn_and_from_ignition_to_the_ground():
    burning = [mode.name for mode in Mode if bool(is_powered(jnp.array(int(mode))))]
    assert burning == ["DEORBIT", "BRAKING", "APPROACH", "DESCENT"]


def test_the_flight_wakes_in_orbit_knowing_nothing_but_the_upload(upload):
    memory = wake(upload)
    assert Mode(int(memory.progress.mode)) is Mode.ORBIT
    np.testing.assert_array_equal(
        memory.estimate.position_inertial_m, upload.filter.start_position_inertial_m
    )
    assert float(memory.mass_kg) == float(upload.vehicle.start_mass_kg)
