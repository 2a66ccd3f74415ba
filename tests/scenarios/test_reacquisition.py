"""Estimates and sensors that are wrong: a gate that never gives in, or none at all, loses these.

64 flights of Athena each, over the ground of the map alone, all by one compiled flight. In brackets
what was clean with a gate of 4 sigma that never gives in, and with no gate at all, before sensors
had the errors that they have now. At a chance of 0.99 of a clean landing, more than four of 64 fail
once in 2,100 times. Of an altimeter 100 times as noisy 30 must be clean.
"""

import zlib

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

import perilune
from perilune.design.belief import START

SMOOTH = "site.surface.largest=1 m"
FAULTS = {
    "off": """
[altimeter]
after = "400 s"
after_event = "ignition"
bias = "0 m"

[camera]
delay = "0 s"

[velocimeter]
delay = "0 s"
""",
    "noisy": """
[altimeter]
noise_factor = 1
""",
    "stuck": """
[altimeter]
after_event = "ignition"
after = "60 s"
below_height = "1e-6 m"
frozen = true
""",
    "seized": """
[velocimeter]
after_event = "ignition"
below_height = "1e-6 m"
frozen = true
""",
    "creeps": """
[velocimeter]
after_event = "ignition"
below_height = "3 km"
bias = "0 m/s"
drift = "0 m/s"
drift_time = "60 s"
""",
}
"""What every case has on board, and switches on by its settings."""
HEAD = 'schema = 1\nname = "{0}"\ntitle = "{0}"\nsummary = "For tests."\n'
RUN_COUNT, MOST_LOST = 64, 4
NOISIEST, NOISIEST_LOST = "altimeter 100 times as noisy (7, 30)", 34
"""Held to the better of its two figures; 49 were clean when this was written."""
THREE = "=['{0}', '{0}', '{0}']"
SETTINGS = {
    "nothing wrong (64, 64)": [],
    "gyros off by 50 deg/h (0, 64)": ["errors.imu.gyro_bias" + THREE.format("50 deg/h")],
    "accelerometers off by 5 sigma (38, 64)": [
        "errors.imu.accelerometer_bias" + THREE.format("1500 ug0")
    ],
    "altimeter 30 times as noisy (25, 63)": ["faults.noisy.altimeter.noise_factor=30"],
    NOISIEST: ["faults.noisy.altimeter.noise_factor=100"],
    "altimeter jumps up by 300 m (64, 0)": ["faults.off.altimeter.bias=300 m"],
    "altimeter jumps down by 300 m (64, 64)": ["faults.off.altimeter.bias=-300 m"],
    "camera 0.5 s late (64, 64)": ["faults.off.camera.delay=0.5 s"],
    "camera 1 s late (59, 64)": ["faults.off.camera.delay=1 s"],
    "velocimeter 0.1 s late (64, 64)": ["faults.off.velocimeter.delay=0.1 s"],
    "velocimeter 0.4 s late": ["faults.off.velocimeter.delay=0.4 s"],
    "altimeter stuck": ["faults.stuck.altimeter.below_height=1e9 m"],
    "velocimeter stuck": ["faults.seized.velocimeter.below_height=3 km"],
    "velocimeter off by 1 m/s": ["faults.creeps.velocimeter.bias=1 m/s"],
    "velocimeter drifts by 1 m/s a minute": ["faults.creeps.velocimeter.drift=1 m/s"],
}
LOWER_GROUND = {
    "500 m lower, at once (0, 64)": (500.0, 15e3, 16e3),
    "500 m lower, over a ramp (5, 64)": (500.0, 15e3, 40e3),
    "3 km lower (0, 59)": (3_000.0, 100e3, 103e3),
}
"""By how much, to which distance from the site, and where the ramp ends, m."""


def ground_lowered(plan, depth_m, within_m, up_to_m):
    """The plan over true ground that lies lower round the site, with a ramp at the rim."""
    ground = plan.world.terrain.map
    coefficients_m = np.array(ground.coefficients_m)
    for tile in range(len(ground.offset_count)):
        if not ground.present[tile]:
            continue
        rows, columns = int(ground.row_count[tile]), int(ground.column_count[tile])
        grid, first = np.array(ground.grid_from_plane[tile]), int(ground.offset_count[tile])
        row, column = np.indices((rows, columns)).reshape(2, -1)
        away = np.linalg.solve(grid[:, :2], np.stack([row, column]) - grid[:, 2:])
        share = np.clip((up_to_m - np.hypot(*away)) / (up_to_m - within_m), 0.0, 1.0)
        coefficients_m[first : first + rows * columns] -= depth_m * share
    lower = jnp.asarray(coefficients_m)
    return eqx.tree_at(lambda each: each.world.terrain.map.coefficients_m, plan, lower)


@pytest.fixture(scope="module")
def faults(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults")
    for name, body in FAULTS.items():
        (folder / f"{name}.toml").write_text(HEAD.format(name) + body, encoding="utf-8")
    return [str(folder / f"{name}.toml") for name in FAULTS]


def clean_count(mission, plan):
    _, summary = perilune.fly_batch(plan, seed=0)
    rows = perilune.judge_batch(summary, mission)
    assert rows.num_rows == RUN_COUNT
    return int(np.sum(rows["clean"].to_numpy()))


@pytest.mark.parametrize("case", SETTINGS)
def test_a_wrong_estimate_or_a_wrong_sensor_is_survived(faults, case):
    mission = perilune.load_mission("athena", [SMOOTH, *SETTINGS[case]], faults)
    most_lost = NOISIEST_LOST if case == NOISIEST else MOST_LOST
    assert clean_count(mission, perilune.plan(mission)) >= RUN_COUNT - most_lost


@pytest.fixture(scope="module")
def nominal(faults):
    mission = perilune.load_mission("athena", [SMOOTH], faults)
    return mission, perilune.plan(mission)


@pytest.mark.parametrize("case", LOWER_GROUND)
def test_ground_far_lower_than_the_map_is_landed_on(nominal, case):
    mission, plan = nominal
    lower = ground_lowered(plan, *LOWER_GROUND[case])
    assert clean_count(mission, lower) >= RUN_COUNT - MOST_LOST


def test_start_errors_five_times_those_believed_are_survived(nominal):
    """(54, 64)."""
    mission, plan = nominal
    paths = [f"start.{name}" for name in START if "attitude" not in name]
    names = [zlib.crc32(path.encode()) & 0x7FFFFFFF for path in paths]
    drawn = np.isin(np.asarray(plan.dispersions.name), names)
    assert np.sum(drawn) == len(names)
    scale = jnp.where(drawn, 5.0, 1.0) * plan.dispersions.scale
    wider = eqx.tree_at(lambda each: each.dispersions.scale, plan, scale)
    assert clean_count(mission, wider) >= RUN_COUNT - MOST_LOST
