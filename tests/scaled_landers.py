"""Nova-C at other sizes: lengths by a factor, masses and forces by its cube, and so on."""

from perilune import load_mission
from perilune.mission.settings import leaves

POWER = {
    "m": 1.0,
    "kg": 3.0,
    "N": 3.0,
    "kN": 3.0,
    "kg*m**2": 5.0,
    "kN/m": 2.0,  # legs and hull that give by their own size under their weight
    "kN*s/m": 2.5,
}
"""Of the factor, by the unit of a number of the lander's body; others stay."""
BODY = ("mass", "tanks", "engine", "thrusters", "legs", "hull", "altimeter", "velocimeter", "imu")
MOUNTED = ("altimeter", "velocimeter", "imu")

LIGHT = (
    0.62,
    ("masses.separation=505 kg",),
)
"""388 kg at the start of the flight, 208 kg at touchdown; full thrust 953 N."""
HEAVY = (
    2.096,
    (
        "masses.separation=15300 kg",
        "masses.corrections=0 m/s",
        "masses.insertion=0 m/s",
        "lander.engine.max_thrust=45 kN",
        "lander.engine.min_thrust=4.5 kN",
    ),
)
"""15.3 t at the start of the flight, 8.3 t at touchdown, as heavy as Apollo's lunar module."""
SIZES = {"light": LIGHT, "athena": (1.0, ()), "heavy": HEAVY}


def scaled_athena(name, *settings):
    """Athena with her lander at one of `SIZES`, and settings after those of the size."""
    factor, own = SIZES[name]
    lander = load_mission("athena").written["lander"]
    body = [
        f"lander.{path}={_times(value, factor)}"
        for path, value in leaves({part: lander[part] for part in BODY})
        if path.split(".")[0] not in MOUNTED or path.endswith(".mount")
    ]
    return load_mission("athena", [*body, *own, *settings])


def _times(value, factor):
    """A value as `--set` takes it."""
    if isinstance(value, list):
        return f"[{', '.join(_quoted(_times(each, factor)) for each in value)}]"
    if not isinstance(value, str) or " " not in value:
        return value
    number, unit = value.split(" ", 1)
    return f"{float(number) * factor ** POWER.get(unit, 0.0):.12g} {unit}"


def _quoted(text):
    return f"'{text}'" if isinstance(text, str) else str(text)
