"""What a list of dispersions may say, what it comes to, and what it is told when it is wrong."""

import math

import pytest

from perilune import load_mission
from perilune.interfaces.quantities import in_words
from perilune.mission.dispersions import rows_of
from perilune.mission.distributions import Kind
from perilune.mission.mission_files import read

MISSIONS = ["athena", "odysseus"]


@pytest.fixture
def with_entry(own_mission):
    """Athena's rows with one more entry at the end of the mission's own list."""

    def rows(entry, **options):
        mine = own_mission(("dispersions = [", f"dispersions = [\n    {entry},"))
        return rows_of(load_mission(mine, **options))

    return rows


def of(rows, path):
    (found,) = [row for row in rows if row.path == path]
    return found


@pytest.mark.parametrize("name", MISSIONS)
def test_the_catalog_draws_a_full_set(name):
    paths = {row.path for row in rows_of(load_mission(name))}
    assert len(paths) >= 60
    asked = [
        *(f"start.{each}" for each in ("along_track", "radial_speed", "attitude.2")),
        *("lander.mass.dry", "lander.mass.dry_center_of_mass.2", "lander.mass.dry_inertia.0"),
        *("masses.separation", "lander.engine.max_thrust", "lander.engine.specific_impulse"),
        *("lander.engine.lag", "lander.engine.gimbal_lag", "errors.engine.pointing.1"),
        *("lander.thrusters.thrust", "lander.thrusters.specific_impulse"),
        *("errors.imu.gyro_bias.0", "errors.imu.accelerometer_misalignment.2"),
        *("errors.star_tracker.misalignment.0", "errors.altimeter.bias"),
        *("errors.altimeter.scale_fraction", "errors.velocimeter.scale_fraction"),
        *("errors.velocimeter.bias.2", "errors.camera.bias.1"),
        *("errors.map.east", "errors.map.north", "errors.map.height"),
        *("lander.legs.friction_factor", "lander.legs.crush_force", "errors.gravity.left_out.0"),
    ]
    assert [path for path in asked if path not in paths] == []


@pytest.mark.parametrize("name", MISSIONS)
def test_every_row_of_the_catalog_has_a_source(name):
    rows = rows_of(load_mission(name, faults=["altimeter-cuts-out"]))
    assert [row.path for row in rows if row.source.split(":")[0] not in KINDS_OF_SOURCE] == []


KINDS_OF_SOURCE = ("sourced", "recalled", "assumed", "inferred", "computed")


def test_a_tag_on_an_entrys_line_is_its_source_and_no_other_s(tmp_path):
    path = tmp_path / "list.toml"
    path.write_text(
        'schema = 1\nrows = [   # what is drawn\n    { p = "x" },   # [assumed: one]\n'
        '    # [assumed: of nobody]\n    { p = "y" },\n    { p = "z" }   # [sourced: three]\n]\n'
    )
    assert read(path).tags == {"rows.0": "assumed: one", "rows.2": "sourced: three"}


def test_a_sigma_is_a_quantity_a_share_of_the_value_or_the_number_at_a_path(with_entry):
    leg = "lander.legs.damping"
    row = with_entry(f'{{ path = "{leg}", distribution = "normal", sigma = "0.1 kN*s/m" }}')
    assert of(row, leg).scale == pytest.approx(100.0)
    row = with_entry(f'{{ path = "{leg}", distribution = "normal", sigma_fraction = 0.02 }}')
    assert of(row, leg).scale == pytest.approx(240.0)
    rows = with_entry(
        '{ path = "lander.altimeter.mount", distribution = "normal", sigma = "1 mm" }'
    )
    assert [of(rows, f"lander.altimeter.mount.{i}").scale for i in range(3)] == [0.001] * 3
    mission = load_mission("athena", ["lander.imu.gyro_bias=3 deg/h"])
    told = of(rows_of(mission), "errors.imu.gyro_bias.1").scale
    assert told == mission.lander.imu.gyro_bias_rad_s == pytest.approx(math.radians(3.0 / 3600.0))


def test_each_distribution_comes_to_its_own_row(with_entry):
    path = 'path = "lander.hull.stiffness"'
    bounds = 'low = "300 kN/m", high = "600 kN/m"'
    uniform = of(with_entry(f'{{ {path}, distribution = "uniform", {bounds} }}'), HULL)
    assert (uniform.kind, uniform.low, uniform.high) == (Kind.UNIFORM, 3e5, 6e5)
    entry = f'{{ {path}, distribution = "truncated-normal", sigma = "50 kN/m", {bounds} }}'
    truncated = of(with_entry(entry), HULL)
    assert (truncated.kind, truncated.scale, truncated.low) == (Kind.NORMAL, 5e4, 3e5)
    entry = f'{{ {path}, distribution = "log-normal", sigma_factor = 2.0 }}'
    assert of(with_entry(entry), HULL).scale == pytest.approx(math.log(2.0))
    chosen = 'values = ["400 kN/m", "500 kN/m"], weights = [1, 3]'
    choice = of(with_entry(f'{{ {path}, distribution = "choice", {chosen} }}'), HULL)
    assert (choice.values, choice.weights) == ((4e5, 5e5), (0.25, 0.75))


HULL = "lander.hull.stiffness"


def test_a_fault_may_never_come_in_some_flights(own_mission):
    entry = (
        '{ path = "faults.altimeter-dead.altimeter.lost_after", distribution = "choice", '
        'values = ["10 s", "never"], weights = [1, 9] },'
    )
    mine = own_mission(("dispersions = [", "dispersions = [\n    " + entry))
    row = rows_of(load_mission(mine, faults=["altimeter-dead"]))
    assert of(row, "faults.altimeter-dead.altimeter.lost_after").values == (10.0, math.inf)


def test_a_fault_brings_its_own_draws_and_takes_them_away_again():
    path = "faults.altimeter-cuts-out.altimeter.lost_after"
    hurt = rows_of(load_mission("athena", faults=["altimeter-cuts-out"]))
    assert of(hurt, path).kind == Kind.UNIFORM
    assert [row.path for row in hurt if row.path != path] == [
        row.path for row in rows_of(load_mission("athena"))
    ]


def test_a_missions_entry_takes_the_place_of_its_landers(with_entry):
    entry = '{ path = "lander.mass.dry", distribution = "normal", sigma = "7 kg" }'
    rows = with_entry(entry)
    assert of(rows, "lander.mass.dry").scale == 7.0
    assert len(rows) == len(rows_of(load_mission("athena")))


def test_a_group_has_the_covariance_of_its_sigmas_and_correlations():
    rows = [row for row in rows_of(load_mission("athena")) if row.path.startswith("start.")][:6]
    by_name = {row.path.removeprefix("start."): row for row in rows}

    def correlation(one, other):
        pairs = zip(by_name[one].mix, by_name[other].mix, strict=True)
        return sum(a * b for a, b in pairs)

    assert correlation("radial", "along_track_speed") == pytest.approx(-0.9)
    assert correlation("along_track", "radial_speed") == pytest.approx(-0.9)
    assert correlation("cross_track", "cross_track_speed") == pytest.approx(0.0)
    assert all(correlation(name, name) == pytest.approx(1.0) for name in by_name)
    assert by_name["radial"].scale == 150.0


def test_a_bound_of_the_file_is_a_bound_of_the_draw(with_entry):
    entry = '{ path = "lander.altimeter.dropout_fraction", distribution = "normal", sigma = 0.05 }'
    row = of(with_entry(entry), "lander.altimeter.dropout_fraction")
    assert (row.low, row.high) == (0.0, 1.0)
    assert in_words(row.leaf.value, row.leaf.unit) == "0.01"
