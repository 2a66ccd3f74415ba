"""Which units that measure height move the estimate, and which only watch."""

import dataclasses

import jax.numpy as jnp
import pytest

from perilune.onboard.navigation.estimate import height_of
from perilune.onboard.navigation.heights import finer_in_use
from perilune.onboard.navigation.watch import unwatched

NOW_S = jnp.array(100.0)
LASER, RADAR, BEAMS = "altimeter.left", "radar_altimeter.left", height_of("velocimeter")
TWINS = {
    LASER: "altimeter.right",
    RADAR: "radar_altimeter.right",
    BEAMS: height_of("velocimeter.b"),
}


def watches(*in_use):
    """All units of two each, of which some are in use."""
    heard = dataclasses.replace(
        unwatched(1), last_s=jnp.full(1, 99.8), heard=jnp.ones(1, bool), refused_count=jnp.zeros(1)
    )
    every = [*TWINS, *TWINS.values()]
    return {name: heard if name in in_use else unwatched(1) for name in every}


@pytest.mark.parametrize(
    ("mine", "finer"),
    [(LASER, ()), (RADAR, (LASER,)), (BEAMS, (LASER, RADAR))],
    ids=["a laser", "a radar", "a velocimeter's ranges"],
)
def test_a_unit_gives_way_to_those_of_thinner_beams_alone(mine, finer):
    for other in (LASER, RADAR, BEAMS):
        yields = bool(finer_in_use(watches(mine, other), mine, NOW_S))
        assert yields is (other in finer), other


@pytest.mark.parametrize("mine", [LASER, RADAR, BEAMS])
def test_two_units_of_a_kind_do_not_give_way_to_each_other(mine):
    assert not bool(finer_in_use(watches(mine, TWINS[mine]), mine, NOW_S))


def test_a_laser_unheard_for_some_seconds_is_given_way_to_no_more():
    late_s = NOW_S + 3.0
    assert not bool(finer_in_use(watches(RADAR, LASER), RADAR, late_s))
