"""A phase is a table of the mission file, a guidance law two files: each is added and flown."""

import shutil
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import perilune
from perilune import load_mission
from perilune.design import design
from perilune.design.build_phases import event_phases, ignition_phase, phase_table
from perilune.design.rehearsal import STEP_S
from perilune.errors import InputError
from perilune.interfaces.descent_phase import led_to_m
from perilune.mission.phase_checks import faults_of_phases
from perilune.mission.standard_phases import STANDARD_PHASES

PACKAGE = Path(perilune.__file__).parent
CATALOG = PACKAGE / "catalog" / "missions" / "athena.toml"
SLOW = """
[[descent.phases]]
name = "slow_segment"
law = "vertical_descent"
engine = true
attitude = "thrust"
altimeter_beam = "axial"
descent_rate = "0.5 m/s"
final_descent_rate = "0.5 m/s"
ends = { height = "15 m" }

[[descent.phases]]
name = "descent"
"""


DESCENT = """
name = "descent"
law = "vertical_descent"
engine = true
"""
FALL = """ends = { height = "2 m" }

[[descent.phases]]
name = "fall"
law = "no_thrust"
engine = false
attitude = "upright"

[navigation]"""


def with_change(folder, old, new):
    """Athena's file with one piece of text replaced."""
    text = CATALOG.read_text()
    assert text.count(old) == 1
    path = folder / "athena.toml"
    path.write_text(text.replace(old, new))
    return path


def slowed(folder, until):
    """Athena's design with ten and more metres at 0.5 m/s, until a height."""
    added = SLOW.replace("15 m", until)
    path = with_change(folder, '\n[[descent.phases]]\nname = "descent"\n', added)
    return design(load_mission(str(path)))


def test_a_phase_added_in_the_file_alone_is_laid_out_and_rehearsed_to_the_ground(
    tmp_path, athena_design
):
    """From 20 m to 15 m it takes 10 s at 0.5 m/s, and 1.9 s by the phase after it.

    That is 0.7 s for 2 m at 3 m/s, and 4 ln(3 / 2.25) for the 3 m at 1 m/s and 0.25 /s of height
    over 10 m; both begin at 0.5 m/s and gain speed alike.
    """
    early, late = slowed(tmp_path, "20 m"), slowed(tmp_path, "15 m")
    last_s = [one.rehearsal.touchdown_s - one.rehearsal.gate_s for one in (early, late)]
    assert last_s[1] - last_s[0] == pytest.approx(10.0 - 0.7 - 1.15, abs=0.5)
    for one in (early, late):
        assert one.rehearsal.touched
        assert one.rehearsal.vertical_speed_m_s == pytest.approx(1.0, abs=0.05)
        assert one.plan.upload.phases.law.shape == (9,)
        assert abs(one.rehearsal.touchdown_s - one.planned_landing_s) < 0.5
        assert int(one.plan.caps.frame_count) > int(athena_design.plan.caps.frame_count)


def test_a_descent_may_end_with_a_fall_from_a_height(tmp_path):
    """From 2 m at 1 m/s: the square root of 1 + 2 (1.62) 2, 2.73 m/s, to what a step adds."""
    path = with_change(tmp_path, "\n[navigation]", FALL)
    mission = load_mission(str(path), settings=["lander.limits.vertical_speed=3 m/s"])
    found = design(mission).rehearsal
    assert found.touched
    assert found.vertical_speed_m_s == pytest.approx(2.73, abs=1.62 * STEP_S)
    assert mission.descent.last_engines == ()


def test_a_mission_that_lists_no_phases_has_those_of_the_catalog(tmp_path, athena):
    text = CATALOG.read_text()
    first, last = text.index("[[descent.phases]]"), text.index("[navigation]")
    path = tmp_path / "athena.toml"
    path.write_text(text[:first] + text[last:])
    assert load_mission(str(path)).descent.phases == STANDARD_PHASES == athena.descent.phases


def test_a_renamed_phase_changes_no_number_of_the_plan(athena, athena_design):
    """Names are for people: a fault after ignition strikes whatever the braking phase is called."""
    phases = tuple(
        each.model_copy(update={"name": f"warp_{at}"})
        for at, each in enumerate(athena.descent.phases)
    )
    assert event_phases(phases).tolist() == [1, 2, 3, 4, 5, 6]
    flown = athena_design.plan
    assert event_phases(phases).tolist() == flown.event_phases.tolist()
    assert ignition_phase(phases) == int(flown.ignition_phase)
    again, first = phase_table(phases), phase_table(athena.descent.phases)
    assert jax.tree.structure(again) == jax.tree.structure(first)
    jax.tree.map(np.testing.assert_array_equal, again, first)


def test_an_event_that_no_phase_begins_is_never_reached(athena):
    bent = athena.descent.phases[3].model_copy(update={"attitude": "retrograde"})
    phases = (*athena.descent.phases[:3], bent, *athena.descent.phases[4:])
    table = phase_table(phases)
    assert event_phases(phases)[2] > table.law.shape[0] - 1


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "align"', 'name = "coast"', "`coast` is there already"),
        ('name = "descent"', 'name = "landed"', "none `landed`"),
        ('ends = { at = "burn" }\n', "", "`orbit` has no `ends`"),
        ('law = "orbit_burn"', 'law = "no_thrust"', "a phase of law `orbit_burn`"),
        ('law = "orbit_burn"\nengine = true', 'law = "orbit_burn"\nengine = false', "engine"),
        ('ends = { to_ignition = "0 s" }', 'ends = { duration = "9 s" }', "`to_ignition`"),
        ('ends = { to_ignition = "0 s" }', 'ends = { duration = "9 s" }', "of law `braking`"),
        ('law = "approach"', 'law = "aproach"', "approach"),
        (DESCENT, DESCENT.replace("true", "false"), "or fall from the height"),
        (DESCENT, DESCENT + 'lean = "9 deg"\n', "`lean` only where the attitude is `upright`"),
        ('ends = { to_ignition = "30 s" }', "ends = { to_ignition = 30 }", "to_ignition"),
    ],
)
def test_a_list_that_cannot_fly_is_refused_with_what_it_lacks(tmp_path, old, new, told):
    with pytest.raises(InputError, match=r"phases") as refused:
        load_mission(str(with_change(tmp_path, old, new)))
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ((0, 1, 2, 3, 4), "a phase after those of law `braking`"),
        ((2, 3, 4, 0, 1, 5, 6), "the descent-orbit burn before braking, but `deorbit` comes after"),
    ],
)
def test_a_list_in_an_order_that_cannot_fly_is_refused(athena, kept, told):
    phases = tuple(athena.descent.phases[at] for at in kept)
    descent = athena.descent.model_copy(update={"phases": phases})
    (sentence,) = faults_of_phases(athena.model_copy(update={"descent": descent}))
    assert told in sentence


DESCENT_LAW = '''"""Down at one rate all the way."""

from perilune.onboard.guidance.situation import GuidanceCommand, Situation


def command(now: Situation) -> GuidanceCommand:
    """The vertical at the final rate, and no drift."""
    rate = now.figures["final_descent_rate_m_s"]
    over = -rate * now.view.up_site - now.view.velocity_site_m_s
    return GuidanceCommand(0.35 * over - now.view.gravity_site_m_s2, now.remaining_s)
'''
BRAKING_LAW = '''"""Braking whose time to go is that of a constant deceleration."""

import jax.numpy as jnp

from perilune.onboard.guidance.polynomial import e_guidance
from perilune.onboard.guidance.situation import GuidanceCommand, Situation


def command(now: Situation) -> GuidanceCommand:
    """Twice the way over the sum of the speeds at both ends, and E-guidance to the gate."""
    plan, view, ahead = now.plan, now.view, now.chart.downrange_site
    to_go_m = plan.gate_site_m - view.position_site_m
    speeds = jnp.sum((view.velocity_site_m_s + plan.gate_velocity_site_m_s) * ahead)
    left_s = jnp.maximum(2.0 * jnp.sum(to_go_m * ahead) / speeds, 1.0)
    gate_m_s = plan.gate_velocity_site_m_s
    total = e_guidance(to_go_m, view.velocity_site_m_s, gate_m_s, left_s)
    return GuidanceCommand(total - view.gravity_site_m_s2, left_s)
'''
BURN_LAW = '''"""The descent-orbit burn under another name."""

from perilune.onboard.guidance.orbit_burn import command

__all__ = ["command"]
'''
TRY = """
from perilune import load_mission
from perilune.design import design
from perilune.onboard.phases.progress import has_role
found = design(load_mission("athena.toml"))
upload = found.plan.upload
print(upload.phases.laws)
print(found.plan.event_phases.tolist(), [bool(has_role(upload, at, "orbit_burn")) for at in (0, 1)])
print(found.rehearsal.touched, found.rehearsal.vertical_speed_m_s, found.notes)
"""


LAWS = {
    "orbit_burn": ("other_burn", BURN_LAW),
    "braking": ("steady_braking", BRAKING_LAW),
    "vertical_descent": ("constant_rate", DESCENT_LAW),
}
"""Role, which is also the law of the catalog's missions that has it → a new law, its module."""


def test_a_guidance_law_is_its_own_module_and_its_name_with_its_role(tmp_path):
    """A copy of the package with a file and a line more for each of three laws lands by them."""
    package = tmp_path / "perilune"
    shutil.copytree(PACKAGE, package)
    declared, mission = package / "interfaces" / "descent_phase.py", CATALOG.read_text()
    for role, (law, text) in LAWS.items():
        (package / "onboard" / "guidance" / f"{law}.py").write_text(text)
        row = f'    "{role}": "{role}",\n'
        declared.write_text(declared.read_text().replace(row, f'{row}    "{law}": "{role}",\n'))
        mission = mission.replace(f'law = "{role}"', f'law = "{law}"')
    (tmp_path / "athena.toml").write_text(mission)
    done = subprocess.run(
        [sys.executable, "-c", TRY], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    laws, events, landed = done.stdout.splitlines()
    assert laws == "('no_thrust', 'other_burn', 'steady_braking', 'approach', 'constant_rate')"
    assert events == "[1, 2, 3, 4, 5, 6] [False, True]"
    touched, speed_m_s, notes = landed.split()
    assert (touched, notes) == ("True", "()")
    assert float(speed_m_s) == pytest.approx(1.0, abs=0.1)


def test_a_fall_after_a_divert_leads_where_the_divert_did():
    """And a steering phase leads to its own place, or to the site."""
    *before, approach, descent = STANDARD_PHASES
    away = descent.model_copy(update={"target_east_m": 10.0, "target_north_m": -4.0})
    fall = before[0].model_copy(update={"name": "fall"})
    home = (0.0, 0.0)
    assert led_to_m((*before, approach, away, fall))[-4:] == (
        home,
        home,
        (10.0, -4.0),
        (10.0, -4.0),
    )
    assert led_to_m((*before, away, descent))[-2:] == ((10.0, -4.0), home)
    table = phase_table((*before, approach, away, fall))
    np.testing.assert_array_equal(table.target_site_m[-2], [10.0, -4.0, 0.0])
