"""What no plan can do is refused with the number that forbids it, by `check` as by a flight."""

import dataclasses

import numpy as np
import pytest

from perilune import check_mission, load_mission
from perilune.app import cli
from perilune.design import design
from perilune.design.feasible import check_descent, check_landing_time, shortfalls
from perilune.design.rehearsal import Rehearsal
from perilune.errors import InputError

REFUSED = [
    ("descent.clearance=6 km", r"keeps both 6000 m .*`descent\.clearance`.*lower `descent\.clea"),
    ("descent.clearance=40 km", r"keeps 40000 m over the ground .* however strong the engine"),
    ("lander.engine.max_thrust=1.5 kN", r"No braking course keeps thrust within 90% of 1500 N"),
    ("descent.peak_thrust_fraction=0.38", r"within 38% of 4000 N .*`descent\.peak_thrust_fr"),
    ("descent.lead_time=10 s", r"lead_time` must be at least 1[56]\S* s, half of the 3[12]\.. s"),
    ("lander.engine.min_thrust=60 N", r"`descent\.deorbit_throttle_fraction` must .* a tenth"),
    ("lander.engine.min_thrust=1.6 kN", r"min_thrust` must be below the weight of the lander"),
    ("lander.engine.min_thrust=3.1 kN", r"min_thrust` must be below the weight of the lander"),
    ("lander.engine.min_thrust=1.5 kN", r"lowest, 14\d\d N at 8\d\d kg, .* is 1500 N; less"),
    ("descent.gate_range=100 km", r"m/s down and .* m/s across, a crash \(`lander\.limits\.crash"),
    ("descent.gate_descent_rate=100 m/s", r"no room to stop; give it a gate that is higher"),
]  # fmt: skip


@pytest.mark.parametrize(("setting", "said"), REFUSED)
def test_a_plan_that_cannot_be_flown_is_refused_by_the_bound_that_binds(setting, said):
    with pytest.raises(InputError, match=said) as caught:
        design(load_mission("athena", [setting]))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("setting", [REFUSED[0][0], REFUSED[4][0]])
def test_check_says_what_a_flight_says(setting, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    spoken = []
    for command in ("check", "fly"):
        assert cli.run([command, "athena", "--set", setting]) == cli.BAD_INPUT
        lines = capsys.readouterr().err.splitlines()
        (line,) = [each for each in lines if each.startswith(("athena: ", "perilune: "))]
        spoken.append(line.partition(": ")[2])
    assert spoken[0] == spoken[1]
    assert check_mission("athena", [setting]) == [spoken[0]]
    assert not (tmp_path / "runs").exists()


def test_a_refusal_comes_with_the_notes_on_the_maps(data_folder, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    kepler = f'site.maps=["{data_folder}/terrain/kepler_crater_lola_118m.tif"]'
    place = ("site.latitude=8.12 deg", "site.longitude=-38.01 deg", "site.height=-2900 m")
    place += ("descent.peak_thrust_fraction=0.38",)
    settings = [part for each in (kepler, *place) for part in ("--set", each)]
    for command in ("check", "fly"):
        assert cli.run([command, "athena", *settings]) == cli.BAD_INPUT
        told = "".join(capsys.readouterr())
        assert "No braking course" in told
        assert "note: " in told
        assert "perhaps its values are half metres" in told


def test_what_reads_badly_is_not_designed():
    found = check_mission("athena", ["lander.mass.dry=-1 kg", "lander.engine.lag=9 s"])
    assert len(found) == 2


@pytest.fixture
def rehearsal():
    """One that comes down well."""
    return Rehearsal(
        touched=True,
        ignition_s=0.0,
        gate_thrust_fraction=0.5,
        least_clearance_m=1e4,
        touchdown_s=4_180.0,
        gate_s=4_087.0,
        gate_mass_kg=929.0,
        end_mass_kg=872.0,
        lowest_mass_kg=872.0,
        vertical_speed_m_s=1.0,
        horizontal_speed_m_s=0.0,
        peak_thrust_fraction=0.9,
        off_target_m=0.1,
    )


def test_a_rehearsal_that_comes_down_well_is_passed(athena, rehearsal):
    check_descent(athena, rehearsal, 1_617.0)


def test_more_propellant_than_there_is_is_refused_with_both_figures(athena, rehearsal):
    """Of 1,617 kg at ignition 742 kg are no propellant."""
    dry = dataclasses.replace(rehearsal, end_mass_kg=700.0)
    with pytest.raises(InputError, match=r"takes 917 kg of propellant, but 875 kg are left"):
        check_descent(athena, dry, 1_617.0)


@pytest.mark.parametrize(
    ("late_s", "said"), [(2.9, None), (-98.0, "98.0 s early; move"), (8.7, "8.7 s late; move")]
)
def test_a_landing_time_that_no_round_meets_is_refused(athena, late_s, said):
    if said is None:
        check_landing_time(athena, late_s)
        return
    with pytest.raises(InputError, match=said):
        check_landing_time(athena, late_s)


def test_a_plan_that_lands_outside_the_limits_is_noted_before_it_is_flown(athena, rehearsal):
    assert shortfalls(athena, rehearsal) == ()
    (note,) = shortfalls(athena, dataclasses.replace(rehearsal, horizontal_speed_m_s=4.9))
    assert "touches down at 4.9 m/s across, over `lander.limits.horizontal_speed` (1 m/s)" in note
    noted = design(load_mission("athena", ["lander.limits.vertical_speed=0.5 m/s"])).notes
    assert any("not even a nominal flight is clean" in each for each in noted)


def test_a_crash_before_the_gate_is_laid_to_the_braking_and_not_to_the_gate(athena, rehearsal):
    braking = dataclasses.replace(rehearsal, vertical_speed_m_s=258.0, gate_s=np.nan)
    with pytest.raises(InputError, match=r"still braking there .*`lander\.control\.rate_limit`"):
        check_descent(athena, braking, 1_617.0)


def test_a_descent_that_never_ends_is_refused(athena, rehearsal):
    high = dataclasses.replace(rehearsal, touched=False)
    with pytest.raises(InputError, match="does not reach the ground"):
        check_descent(athena, high, 1_617.0)


def test_the_rehearsal_spends_what_the_rocket_equation_asks_at_least(athena, athena_design):
    """Stopping from the speed at ignition; gravity comes on top, some 15 % of it."""
    start_kg = float(athena_design.plan.upload.vehicle.start_mass_kg)
    exhaust_m_s = athena.lander.engine.specific_impulse_s * 9.80665
    least_kg = start_kg * np.exp(-athena_design.transfer.ignition_speed_m_s / exhaust_m_s)
    assert 0.85 * least_kg < athena_design.rehearsal.end_mass_kg < least_kg


def test_the_rehearsal_ends_as_the_nominal_flight_does(athena_design, athena_nominal_flight):
    _, summary, _ = athena_nominal_flight
    vehicle, rehearsed = athena_design.plan.vehicle, athena_design.rehearsal
    flown_kg = float(vehicle.mass.dry_kg + summary.propellant_kg + summary.cold_gas_kg)
    assert rehearsed.end_mass_kg == pytest.approx(flown_kg, abs=3.0)
    assert rehearsed.vertical_speed_m_s == pytest.approx(
        float(summary.contact.vertical_speed_m_s), abs=0.1
    )
    assert rehearsed.horizontal_speed_m_s < 0.1
