"""What a list of dispersions may say, what it comes to, and what it is told when it is wrong."""

import pytest

from perilune import load_mission
from perilune.errors import InputError
from perilune.mission import Mission
from perilune.mission.parameters import DESIGN_TIME, design_time, leaves_of
from tests.mission.checked import check


@pytest.fixture
def refused(own_mission):
    """What is said of one more entry."""

    def said(entry):
        mine = own_mission(("dispersions = [", f"dispersions = [\n    {entry},"))
        with pytest.raises(InputError) as caught:
            load_mission(mine)
        return str(caught.value)

    return said


WRONG = [
    (
        'path = "lander.engine.max_thrst"',
        "there is no number at this path; did you mean `lander.engine.max_thrust`?",
    ),
    (
        'path = "errors.altimeter.biass"',
        "there is no number at this path; did you mean `errors.altimeter.bias`?",
    ),
    (
        'path = "orbit.apolune"',
        "it cannot be drawn, because orbit, burn and course are found for it before the "
        "flight; disperse `start.radial`.",
    ),
    (
        'path = "site.latitude"',
        "it cannot be drawn, because maps and course are laid out for it before the "
        "flight; disperse `errors.map.east`.",
    ),
    (
        'path = "lander.imu.gyro_bias"',
        "it cannot be drawn, because it is the sigma of an error that is drawn; disperse "
        "`errors.imu.gyro_bias`.",
    ),
    (
        'path = "lander.limits.tilt"',
        "it cannot be drawn, because it is a limit by which a flight is judged, no number "
        "of the flight; take the entry out.",
    ),
    (
        'path = "landing_utc"',
        "it cannot be drawn, because orbit, burn and course are found for it before the "
        "flight; disperse `start.along_track`.",
    ),
]


@pytest.mark.parametrize(("path", "said"), WRONG)
def test_a_path_that_cannot_be_drawn_is_told_why_and_what_instead(refused, path, said):
    place = path.partition('"')[2].strip('"')
    told = refused(f'{{ {path}, distribution = "normal", sigma = "1 m" }}')
    assert told == f"mine.toml: dispersions: `{place}`: {said}"


STROKE = 'path = "lander.legs.stroke", '


MISTAKES = [
    (
        STROKE + 'distribution = "normal", sigma = "1 kg"',
        '`sigma` must be a length such as "100 km", but is "1 kg".',
    ),
    (
        STROKE + 'distribution = "normal", sigma = 0.1',
        '`sigma` must be a length such as "100 km", but is 0.1.',
    ),
    (
        STROKE + 'distribution = "normal"',
        "give either `sigma` or `sigma_fraction`.",
    ),
    (
        STROKE + 'distribution = "normal", sigma = "lander.engine.lag"',
        '`sigma` must be a length such as "100 km", but `lander.engine.lag` is in s.',
    ),
    (
        STROKE + 'distribution = "normal", sigma = "1 mm", low = "0 m"',
        "a normal draw has no `low`; it takes `correlation` and `sigma` and `sigma_fraction`.",
    ),
    (
        STROKE + 'distribution = "uniform", low = "0.3 m"',
        "a uniform draw needs `high`; add it.",
    ),
    (
        STROKE + 'distribution = "uniform", low = "0.3 m", high = "0.2 m"',
        "`low` must be below `high`.",
    ),
    (
        STROKE + 'distribution = "uniform", low = "-0.3 m", high = "0.2 m"',
        "it must stay within 0 m to 50 m, as in a file; correct the bounds.",
    ),
    (
        STROKE + 'sigma = "1 mm"',
        '`distribution` is missing; add "normal" or "truncated-normal" or "log-normal" or '
        '"uniform" or "choice".',
    ),
    (
        STROKE + 'distribution = "nromal", sigma = "1 mm"',
        '`distribution` must be "normal" or "truncated-normal" or "log-normal" or "uniform" or '
        "\"choice\", but is 'nromal'.",
    ),
    (
        STROKE + 'distribution = "truncated-normal", sigma = "1 mm"',
        "a truncated-normal draw needs `low`, `high` or both; add one.",
    ),
    (
        STROKE + 'distribution = "log-normal", sigma_factor = 2000.0',
        "`sigma_factor` must be at most 1000, but is 2000.0.",
    ),
    (
        STROKE + 'distribution = "choice", values = []',
        "`values` must be a list of at least 1, but is [].",
    ),
    (
        STROKE + 'distribution = "choice", values = "1 m"',
        '`values` must be a list in square brackets, but is "1 m".',
    ),
    (
        STROKE + 'distribution = "log-normal"',
        "a log-normal draw needs `sigma_factor`; add it.",
    ),
    (
        STROKE + 'distribution = "choice", values = ["1 m"], weights = [1, 2]',
        "`weights` must be as many as `values`, 1, but are 2.",
    ),
    (
        'path = "errors.map.east", distribution = "normal", sigma_fraction = 0.1',
        "its value is zero, of which there is no fraction; give `sigma`.",
    ),
    (
        'path = "lander.mass.dry.0", distribution = "normal", sigma = "1 kg"',
        "there is no number at this path; did you mean `lander.mass.dry`?",
    ),
]


@pytest.mark.parametrize(("entry", "said"), MISTAKES)
def test_an_entry_that_makes_no_sense_is_told_where_and_how_to_mend_it(refused, entry, said):
    place = entry.partition('"')[2].partition('"')[0]
    assert refused(f"{{ {entry} }}") == f"mine.toml: dispersions: `{place}`: {said}"


def test_several_paths_are_drawn_from_a_normal_distribution_alone(refused):
    paths = 'paths = ["lander.legs.stroke", "lander.mass.dry"], distribution = "uniform"'
    said = refused(f'{{ {paths}, low = "0 m", high = "1 m" }}')
    place = "mine.toml: dispersions: `lander.legs.stroke` and `lander.mass.dry`: "
    assert said.startswith(f"{place}a uniform draw has no `paths`; it takes `high` and `low`.")


PAIR = (
    'paths = ["lander.legs.stroke", "lander.legs.damping"], '
    'distribution = "normal", sigma_fraction = 0.1, '
)


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        ("[[1, 0.5]]", "must have 2 rows of 2"),
        ("[[1, 0.5], [0.4, 1]]", "must be symmetric"),
        ("[[1, 1.2], [1.2, 1]]", "must be positive definite"),
        ("[[1, 1.0], [1.0, 1]]", "must be positive definite"),
        ("[[2, 0.5], [0.5, 1]]", "must have ones on its diagonal"),
    ],
)
def test_a_correlation_that_cannot_be_is_told_so(refused, matrix, said):
    told = refused(f"{{ {PAIR} correlation = {matrix} }}")
    place = "mine.toml: dispersions: `lander.legs.stroke` and `lander.legs.damping`: `correlation` "
    assert told.startswith(place + said)


def test_a_number_drawn_twice_is_told_so(refused):
    entry = '{ path = "lander.legs.stroke", distribution = "normal", sigma = "1 mm" }'
    told = refused(f"{entry}, {entry}")
    assert told.endswith("`lander.legs.stroke` is drawn twice; keep one of the entries.")


def test_no_more_numbers_are_drawn_than_there_is_room_for(refused):
    entries = [
        f'{{ path = "lander.thrusters.nozzles.{i}.{key}", distribution = "normal", sigma = {s} }}'
        for i in range(16)
        for key, s in (("position", '"1 mm"'), ("direction", "0.001"))
    ]
    assert "at most 128 numbers can be drawn" in refused(", ".join(entries))


def test_a_key_that_no_entry_has_is_named_with_its_cure(refused):
    told = refused(f'{{ {STROKE} distribution = "normal", sgma = "1 mm" }}')
    assert told.startswith("mine.toml: dispersions: ")
    assert "there is no `sgma` here; did you mean `sigma`?" in told


def test_check_tells_of_a_wrong_entry_too(own_mission):
    entry = '{ path = "site.height", distribution = "normal", sigma = "1 m" },'
    mine = own_mission(("dispersions = [", "dispersions = [\n    " + entry))
    assert any("`site.height`: it cannot be drawn" in line for line in check(mine))


@pytest.mark.parametrize("path", [path for path in DESIGN_TIME if not path.startswith("onboard")])
def test_every_reason_is_for_a_path_that_exists_and_names_one_that_can_be_drawn(path):
    mission = load_mission("athena")
    known = leaves_of(mission)
    whole = path in Mission.model_fields  # `landing_utc`, or a table that not every mission has
    assert whole or any(f"{each}.".startswith(path + ".") for each in known)
    instead = DESIGN_TIME[path][1]
    if instead and not instead.startswith("onboard"):
        assert design_time(instead) is None
        assert any(f"{each}.".startswith(instead + ".") for each in known)
