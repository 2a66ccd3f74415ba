import re
import runpy
from pathlib import Path

from perilune import load_mission

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_of_keys_is_what_the_models_say():
    made = runpy.run_path(str(ROOT / "tools" / "mission_file_page.py"))["page"]()
    page = (ROOT / "docs" / "look-up" / "mission-file.md").read_text(encoding="utf-8")
    assert page == made, "run `python tools/mission_file_page.py`"


def test_the_overrides_of_the_guide_are_read(own_mission):
    guide = (ROOT / "docs" / "do" / "write-a-mission.md").read_text(encoding="utf-8")
    example, _, apart = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    mine = load_mission(own_mission(after="\n" + example + apart))
    assert mine.as_believed.lander.altimeter.noise_m == 0.1
    assert mine.in_truth.lander.altimeter.noise_m == mine.lander.altimeter.noise_m == 0.5
    assert mine.lander.engine.max_thrust_n == 3800.0
    assert mine.site.height_m == 5300.0
    assert mine.sources["lander.engine.max_thrust"] == "assumed: a worn engine"


def test_the_fault_of_the_guide_is_read_and_its_nozzle_set(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    guide = (ROOT / "docs" / "do" / "write-a-mission.md").read_text(encoding="utf-8")
    _, fault, _ = re.findall(r"```toml\n(.*?)```", guide, re.DOTALL)
    (tmp_path / "nozzle-open.toml").write_text(fault, encoding="utf-8")
    (setting,) = re.findall(r"`--set (faults.nozzle-open.command.units=\S+)`", guide)
    mine = load_mission("athena", [setting.replace("'", "")], ["./nozzle-open.toml"])
    assert mine.faults["nozzle-open"].command.units == ("thrusters.nozzles.5",)


def test_the_python_of_the_guide_runs(capsys):
    guide = (ROOT / "docs" / "do" / "write-a-mission.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", guide, re.DOTALL)
    exec(compile(example, "write-a-mission.md", "exec"), {})
    assert 'max_thrust = "3.6 kN"' in capsys.readouterr().out
