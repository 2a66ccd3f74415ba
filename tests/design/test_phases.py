"""A phase is a table of the mission file, a guidance law two files: each is added and flown."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import perilune
from perilune import load_mission
from perilune.design import design
from perilune.design.build_phases import event_phases
from perilune.errors import InputError
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


def test_a_mission_that_lists_no_phases_has_those_of_the_catalog(tmp_path, athena):
    text = CATALOG.read_text()
    first, last = text.index("[[descent.phases]]"), text.index("[navigation]")
    path = tmp_path / "athena.toml"
    path.write_text(text[:first] + text[last:])
    assert load_mission(str(path)).descent.phases == STANDARD_PHASES == athena.descent.phases


def test_events_of_the_log_stand_where_the_phases_of_their_names_do(athena):
    phases = athena.descent.phases
    assert event_phases(phases).tolist() == [1, 2, 3, 4, 5, 6]
    fewer = tuple(phase for phase in phases if phase.name != "approach")
    assert event_phases(fewer).tolist() == [1, 2, 3, 4, len(fewer) + 1, 5]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "align"', 'name = "coast"', "`coast` is there already"),
        ('name = "descent"', 'name = "landed"', "none `landed`"),
        ('ends = { at = "burn" }\n', "", "`orbit` has no `ends`"),
        ('law = "orbit_burn"', 'law = "no_thrust"', "one phase of law `orbit_burn`"),
        ('law = "orbit_burn"\nengine = true', 'law = "orbit_burn"\nengine = false', "engine"),
        ('ends = { to_ignition = "0 s" }', 'ends = { duration = "9 s" }', "`to_ignition`"),
        ('law = "approach"', 'law = "aproach"', "approach"),
        ('ends = { to_ignition = "30 s" }', "ends = { to_ignition = 30 }", "to_ignition"),
    ],
)
def test_a_list_that_cannot_fly_is_refused_with_what_it_lacks(tmp_path, old, new, told):
    with pytest.raises(InputError, match=r"phases") as refused:
        load_mission(str(with_change(tmp_path, old, new)))
    assert told in str(refused.value)


LAW = '''"""Down at one rate all the way."""

from perilune.onboard.guidance.situation import GuidanceCommand, Situation


def command(now: Situation) -> GuidanceCommand:
    """The vertical at the final rate, and no drift."""
    rate = now.figures["final_descent_rate_m_s"]
    over = -rate * now.view.up_site - now.view.velocity_site_m_s
    return GuidanceCommand(0.35 * over - now.view.gravity_site_m_s2, now.remaining_s)
'''
TRY = """
from perilune import load_mission
from perilune.design import design
found = design(load_mission("athena.toml"))
print(found.plan.upload.phases.laws)
print(found.rehearsal.touched, found.rehearsal.vertical_speed_m_s)
"""


def test_a_guidance_law_is_its_own_module_and_its_name(tmp_path):
    """A copy of the package with one file more and one word more lands by the new law."""
    package = tmp_path / "perilune"
    shutil.copytree(PACKAGE, package)
    (package / "onboard" / "guidance" / "constant_rate.py").write_text(LAW)
    declared = package / "interfaces" / "phases.py"
    text = declared.read_text()
    declared.write_text(text.replace('"vertical_descent"]', '"vertical_descent", "constant_rate"]'))
    with_change(tmp_path, 'law = "vertical_descent"', 'law = "constant_rate"')
    done = subprocess.run(
        [sys.executable, "-c", TRY], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    laws, landed = done.stdout.splitlines()
    assert "constant_rate" in laws
    assert "vertical_descent" not in laws
    touched, speed_m_s = landed.split()
    assert touched == "True"
    assert float(speed_m_s) == pytest.approx(1.0, abs=0.1)
