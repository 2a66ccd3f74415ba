"""Truth and belief set apart: what is set on one side leaves the other to the bit."""

import functools
import importlib
import re

import jax
import numpy as np
import pytest

from perilune import load_mission
from perilune.design import design
from perilune.design.inputs import inputs_of
from perilune.design.loads import loaded
from perilune.mission.number_at import with_number
from perilune.mission.parameters import leaves_of
from perilune.mission.sides import BELIEF, TRUTH, why_not

planning = importlib.import_module("perilune.design.plan")
THRUST, NOISE = "lander.engine.max_thrust", "lander.altimeter.noise"
SAMPLE = {
    THRUST: "3.95 kN",
    "lander.engine.specific_impulse": "318 s",
    "lander.mass.dry": "630 kg",
    "lander.mass.dry_center_of_mass.2": "1.7 m",
    "lander.tanks.1.density": "420 kg/m**3",
    "lander.thrusters.nozzles.3.position.0": "0.91 m",
    "lander.imu.angle_random_walk": "0.08 deg/sqrt(h)",
    "lander.imu.gyro_bias": "2 deg/h",
    "lander.star_tracker.roll": "80 arcsec",
    NOISE: "0.6 m",
    "lander.velocimeter.half_angle": "22 deg",
    "lander.camera.noise": "80 m",
    "masses.separation": "2125 kg",
    "navigation.radial": "120 m",
}
TRUTHS = ("numbers", "vehicle", "sensors", "faults")


def bits(tree):
    return [np.asarray(leaf).tobytes() for leaf in jax.tree.leaves(tree)]


def set_for(sides):
    return [f"{side}{path}={value}" for path, value in SAMPLE.items() for side in sides]


@pytest.fixture(scope="module")
def belief_only():
    return design(load_mission("athena", set_for(["belief."])))


@pytest.fixture(scope="module")
def truth_only():
    return design(load_mission("athena", set_for(["truth."])))


@pytest.fixture(scope="module")
def laid_out(athena):
    """(athena's parts of a plan, a function that assembles the plan of other missions on them)."""
    with pytest.MonkeyPatch.context() as patch:
        seen = []
        assemble = planning._assembled

        def noted(believed, true, *rest):
            seen.append(rest)
            return assemble(believed, true, *rest)

        patch.setattr(planning, "_assembled", noted)
        design(athena)

    def again(mission):
        return assemble(loaded(mission, BELIEF), loaded(mission, TRUTH), *seen[-1])

    return again(athena), again


def test_setting_both_sides_apart_to_the_same_is_setting_both(athena):
    apart = design(load_mission("athena", set_for(["truth.", "belief."]))).plan
    together = design(load_mission("athena", set_for([""]))).plan
    assert jax.tree.structure(apart) == jax.tree.structure(together)
    assert bits(apart) == bits(together)
    assert bits(apart) != bits(design(athena).plan)


def test_what_is_set_in_truth_leaves_upload_and_course_to_the_bit(athena_design, truth_only):
    plan, own = athena_design.plan, truth_only.plan
    assert bits(own.upload) == bits(plan.upload)
    assert bits(own.world) == bits(plan.world)
    assert truth_only.rehearsal == athena_design.rehearsal
    assert jax.tree.structure(own) == jax.tree.structure(plan)
    for part in ("numbers", "vehicle", "sensors", "start", "dispersions"):
        assert bits(getattr(own, part)) != bits(getattr(plan, part)), part


def test_what_is_set_in_belief_leaves_truth_to_the_bit(athena_design, belief_only):
    """The start follows the plan along its orbit; what is built from numbers stays."""
    plan, own = athena_design.plan, belief_only.plan
    for part in TRUTHS:
        assert bits(getattr(own, part)) == bits(getattr(plan, part)), part
    assert bits(own.start.tank_kg) == bits(plan.start.tank_kg)
    assert bits(own.dispersions) == bits(plan.dispersions)
    assert jax.tree.structure(own) == jax.tree.structure(plan)
    for part in ("vehicle", "sensors", "filter", "plan"):
        assert bits(getattr(own.upload, part)) != bits(getattr(plan.upload, part)), part


def test_truth_and_belief_change_places(laid_out):
    """Truth at a value over a belief at another: the same however the mission is written."""
    _, again = laid_out
    one = again(load_mission("athena", [f"truth.{THRUST}=3.9 kN"]))
    other = again(load_mission("athena", [f"{THRUST}=3.9 kN", f"belief.{THRUST}=4.0 kN"]))
    assert bits(one) == bits(other)


def test_draws_are_about_truths_numbers_with_truths_sigmas():
    true = inputs_of(load_mission("athena", set_for(["truth."])))
    rows = {each.path: each for each in true}
    assert rows[THRUST].nominal == 3950.0
    assert rows["errors.imu.gyro_bias.0"].distribution == "normal, sigma 0.000555555556 deg/s"
    believed = {each.path: each for each in inputs_of(load_mission("athena", set_for(["belief."])))}
    assert believed[THRUST].nominal == 4000.0
    assert believed["errors.imu.gyro_bias.0"].distribution == "normal, sigma 0.000277777778 deg/s"


@pytest.fixture(scope="module")
def by_sides(athena):
    """Leaves of the lander's numbers by their vector: of truth alone, and of both sides.

    Of like nozzles the first one stands for all. Liquid that sways moves the gain on drift by
    steps, for which a little of its damping is too small.
    """
    known = leaves_of(athena)
    alone, both = {}, {}
    for path, leaf in known.items():
        if not path.startswith(("lander.", "masses.separation")) or "legs.count" in path:
            continue
        if re.search(r"nozzles\.[1-9]|slosh\.viscosity", path):
            continue
        stem = re.sub(r"\.\d+$", "", path)
        why = why_not(BELIEF, stem, known, athena.dispersions)
        is_both = why is None or "only the flight software" in why
        (both if is_both else alone).setdefault(stem, []).append(leaf)
    return alone, both


def changed(mission, leaf):
    factor = 0.5 if "slosh" in leaf.path else 1.0001
    return with_number(mission, leaf, factor * leaf.value + 1e-6)


def test_numbers_of_truth_alone_leave_the_upload(athena, laid_out, by_sides):
    """All changed at once; where that moves it, each is changed by itself to be named."""
    (plan, again), (alone, _) = laid_out, by_sides
    before = bits(plan.upload)
    leaves = [leaf for vector in alone.values() for leaf in vector]
    assert len(alone) > 20
    if bits(again(functools.reduce(changed, leaves, athena)).upload) != before:
        moving = [each for each in leaves if bits(again(changed(athena, each)).upload) != before]
        assert not moving


def test_numbers_of_both_sides_move_the_upload(athena, laid_out, by_sides):
    """Of a vector some part does."""
    (plan, again), (_, both) = laid_out, by_sides
    before = bits(plan.upload)

    def moves(leaf):
        return bits(again(changed(athena, leaf)).upload) != before

    assert len(both) > 40
    assert not [stem for stem, vector in both.items() if not any(map(moves, vector))]
