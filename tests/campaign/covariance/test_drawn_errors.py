"""What a mission draws once a flight, and along which ground it is made linear."""

import dataclasses
import functools

import jax
import numpy as np

from perilune.campaign.covariance.drawn_errors import drawn_errors
from perilune.design.build_truth import put_truth
from perilune.mechanics.randomness import run_key
from perilune.truth.environment import terrain


def test_a_map_that_lies_elsewhere_raises_the_ground_by_the_maps_slope_and_not_by_a_craters(
    athena, athena_design
):
    """One sigma of the map's place, 50 m; below the map Athena's ground is as steep as 30 deg."""
    plan = athena_design.plan
    drawn = drawn_errors(athena, plan)
    east = drawn.groups.index("errors.map.east")
    moved = drawn.directions.truth.ground.heights_turn_fixed_rad[east]
    key = jax.random.key_data(run_key(0, 0))

    def raised_m(here_m, share):
        ground = put_truth(plan, drawn.truth).world.terrain
        turn = ground.heights_turn_fixed_rad + share * moved
        ground = dataclasses.replace(ground, heights_turn_fixed_rad=turn)
        return terrain.height_m(ground, here_m, key, 1.0)

    aim_m = np.asarray(plan.world.aim_fixed_m)
    tangent = jax.jit(
        lambda here_m: jax.jvp(functools.partial(raised_m, here_m), (0.0,), (1.0,))[1]
    )
    across = np.cross(aim_m, [0.0, 0.0, 1.0]) / np.linalg.norm(aim_m)
    rises_m = [float(tangent(aim_m + metres * across)) for metres in (-6.0, -2.0, 0.0, 2.0, 6.0)]
    assert np.ptp(rises_m) < 0.1
