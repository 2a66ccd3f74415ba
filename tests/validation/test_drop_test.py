"""A drop of the catalog's lander: what it gives back, by the closed form, the rule and the page."""

import re
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from perilune import load_mission
from perilune.mechanics.spring_damper import CONTACT_STEP_S, damping_n_s_per_m, mass_on_each_kg
from validation import drop_test

PAGE = Path(__file__).resolve().parents[2] / "docs" / "understand" / "contact.md"
RESTITUTION = 0.12
TOUCHDOWN_KG = {
    "nova-c": drop_test.TOUCHDOWN_KG,
    "lunar-module": 7_330.0,
    "blue-ghost": 566.0,
    "hakuto-r": 386.0,
    "vikram": 812.0,
    "luna-25": 697.0,
    "slim": 255.0,
}
"""By the rehearsed descent, but for Nova-C and Apollo 11; of Apollo 11: the Mission Report's
7,327.0 kg at landing, to 10 kg, as the lander's file says."""
MISSIONS = sorted(
    each.name.removesuffix(".toml")
    for each in files("perilune.catalog.missions").iterdir()
    if each.name.endswith(".toml")
)


@pytest.mark.parametrize("damping_ratio", [0.2, 0.6, 1.1])
def test_legs_give_back_what_a_spring_and_damper_do(damping_ratio):
    one = drop_test.rebound(damping_ratio)
    assert one.holds, one


@pytest.mark.parametrize("mission", MISSIONS)
def test_the_legs_of_the_catalog_are_damped_by_the_rule_to_two_digits(mission):
    lander = load_mission(mission).lander
    legs, on_each_kg = lander.legs, TOUCHDOWN_KG[lander.name] / lander.legs.count
    rule = damping_n_s_per_m(RESTITUTION, legs.stiffness_n_per_m, on_each_kg)
    assert legs.damping_n_s_per_m == pytest.approx(float(f"{rule:.2g}"))


def test_the_points_of_the_catalogs_lander_are_far_within_what_the_step_of_contact_holds():
    """Sixteen steps to a period, and no damper that turns a speed round, 2 h c / m + h^2 k / m < 2.

    What `check` asks is less: six steps, and a step that is stable.
    """
    vehicle = drop_test.lander()
    points, height_m = vehicle.contact, np.array([0.0, 0.0, 1.75])
    inertia = np.diag(vehicle.mass.dry_inertia_kg_m2)
    legs, bells = points.leg_count, points.bell_count
    parts = (slice(0, legs), slice(legs, -bells), slice(-bells, None))
    for part in parts:
        arms_m = np.asarray(points.position_body_m[part]) - height_m
        moved_kg = mass_on_each_kg(arms_m, drop_test.TOUCHDOWN_KG, inertia)
        stiffness = float(points.stiffness_n_per_m[part][0])
        damping = float(points.damping_n_s_per_m[part][0])
        assert stiffness < (np.pi / 8.0) ** 2 * moved_kg / CONTACT_STEP_S**2
        assert damping < moved_kg / CONTACT_STEP_S - 0.5 * CONTACT_STEP_S * stiffness


def test_a_landing_at_a_metre_a_second_crushes_the_legs_and_stays_down():
    gentle = next(
        one for one in drop_test.drops() if one.impact_m_s == pytest.approx(1.0, abs=2e-3)
    )
    assert gentle.restitution_factor < RESTITUTION
    assert gentle.hop_m < 1e-3
    assert gentle.crush_m > 5e-3


def test_no_drop_gives_back_more_than_the_rule_and_none_loads_a_leg_past_its_crush():
    crush_n = load_mission(drop_test.MISSION).lander.legs.crush_force_n
    for one in drop_test.drops():
        assert one.restitution_factor < RESTITUTION
        assert one.peak_load_n < 1.001 * crush_n


def test_the_page_shows_the_drops_as_they_are_flown():
    """To one in the last digit shown."""
    shown = [line for line in PAGE.read_text().splitlines() if re.match(r"\| \d\.\d\d \|", line)]
    flown = drop_test.table().splitlines()[2:]
    assert len(shown) == len(flown) == len(drop_test.SPEEDS_M_S)
    for ours, page in zip(flown, shown, strict=True):
        for new, old in zip(
            ours.strip("| ").split(" | "), page.strip("| ").split(" | "), strict=True
        ):
            assert float(new) == pytest.approx(
                float(old), abs=1.01 * 10.0 ** -len(old.partition(".")[2])
            )
