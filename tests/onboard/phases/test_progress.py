"""Phases come in order, one at a time, each at its own sign, and none comes back."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.design.build_phases import phase_table
from perilune.interfaces.descent_phase import Ends
from perilune.mission.standard_phases import STANDARD_PHASES
from perilune.onboard.memory import wake
from perilune.onboard.phases.progress import Progress, advance, calm_until_s, is_powered
from tests.standard_phases import StandardPhase as Mode

FAR_M = 1.9e6
advanced = jax.jit(advance)


@pytest.fixture(scope="module")
def view(view_at):
    """High and far out, on the way in at a kilometre and a half a second."""
    seen = view_at([0.0, 0.0, 20_000.0], [0.0, -1_500.0, 0.0])
    return dataclasses.replace(seen, range_m=jnp.array(FAR_M))


def progress(mode, time_to_go_s=600.0, gained_m_s=0.0):
    return Progress(
        jnp.array(int(mode)), jnp.array(time_to_go_s), jnp.array(gained_m_s), jnp.array(0.0)
    )


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


def test_the_engine_burns_in_the_burn_and_from_ignition_to_the_ground(upload):
    burning = [mode.name for mode in Mode if bool(is_powered(upload, jnp.array(int(mode))))]
    assert burning == ["DEORBIT", "BRAKING", "APPROACH", "DESCENT"]


def test_the_flight_wakes_in_orbit_knowing_nothing_but_the_upload(upload):
    memory = wake(upload)
    assert Mode(int(memory.progress.phase)) is Mode.ORBIT
    np.testing.assert_array_equal(
        memory.estimate.position_inertial_m, upload.filter.start_position_inertial_m
    )
    assert float(memory.mass_kg) == float(upload.vehicle.start_mass_kg)


def test_only_the_coast_and_a_long_wait_for_the_burn_are_calm(upload):
    """Until a minute before the burn, longer than a long frame of 15 s."""
    calm = {mode: float(calm_until_s(upload, jnp.array(int(mode)))) for mode in Mode}
    assert calm.pop(Mode.COAST) == np.inf
    assert calm.pop(Mode.ORBIT) == pytest.approx(float(upload.plan.deorbit_time_s) - 60.0)
    assert set(calm.values()) == {-np.inf}


@pytest.mark.parametrize(
    ("ends", "there", "elsewhere"),
    [
        ({"height": "500 m"}, {"height_m": 499.0}, {"height_m": 501.0}),
        ({"range": "2 km"}, {"range_m": 1_999.0}, {"range_m": 2_001.0}),
    ],
)
def test_a_phase_ends_by_any_figure_that_its_file_gives(upload, view, ends, there, elsewhere):
    table = phase_table((STANDARD_PHASES[0].model_copy(update={"ends": Ends(**ends)}),))
    told = dataclasses.replace(upload, phases=table)
    assert int(advanced(told, progress(Mode.ORBIT), seen(view, **there), 0.0)) == 1
    assert int(advanced(told, progress(Mode.ORBIT), seen(view, **elsewhere), 0.0)) == 0


def test_a_phase_ends_by_its_duration_and_by_its_speed(upload, view):
    """The speed of the view is 1,500 m/s; the phase began at 100 s."""
    for ends, time_s, expected in (
        ({"duration": "20 s"}, 119.9, 0),
        ({"duration": "20 s"}, 120.0, 1),
        ({"speed": "1501 m/s"}, 0.0, 1),
        ({"speed": "1499 m/s"}, 0.0, 0),
    ):
        table = phase_table((STANDARD_PHASES[0].model_copy(update={"ends": Ends(**ends)}),))
        told = dataclasses.replace(upload, phases=table)
        now = dataclasses.replace(progress(Mode.ORBIT), began_s=jnp.array(100.0))
        assert int(advanced(told, now, view, time_s)) == expected
