"""Missions of the catalog from a state vector in place of their orbit."""

import re
from pathlib import Path

import perilune.mission

CATALOG = Path(perilune.mission.__file__).parents[1] / "catalog"
PHASE = "[[descent.phases]]"


def state_text(epoch_utc, position_m, velocity_m_s, frame="icrf", at="orbit"):
    """The table `[state]`, to the micrometre and the nanometre a second."""
    place = ", ".join(f'"{each:.6f} m"' for each in position_m)
    speed = ", ".join(f'"{each:.9f} m/s"' for each in velocity_m_s)
    return (
        f'[state]\nepoch_utc = "{epoch_utc}"\nframe = "{frame}"\nat = "{at}"\n'
        f"position = [{place}]\nvelocity = [{speed}]\n"
    )


def write_mission(path, state, lead_time=None, left_out=0, name="athena"):
    """A mission's file with this table for `[orbit]`, and without the first of its phases."""
    text = (CATALOG / "missions" / f"{name}.toml").read_text(encoding="utf-8")
    text = re.sub(r"\[orbit\].*?(?=\[masses\])", lambda _: state, text, flags=re.S)
    lead = f'lead_time = "{lead_time}"\n' if lead_time else ""
    text = re.sub(r"lead_time = .*\n", lead, text)
    head, *phases = text.split(PHASE)
    path.write_text(PHASE.join([head, *phases[left_out:]]), encoding="utf-8")
    return str(path)
