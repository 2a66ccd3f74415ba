"""The programs under the stopwatch: one flight with samples, and a campaign's batch."""

SEED = 0


def plan_of(mission):
    """The flight plan of a mission of the catalog."""
    from perilune import load_mission
    from perilune.design.plan import design

    return design(load_mission(mission)).plan


def batch_arguments(plan, first_run, lanes):
    """What the campaign's batch takes to fly runs `first_run` to `first_run + lanes`."""
    import numpy as np

    from perilune.campaign.run.batch import arguments
    from perilune.mission.dispersions import ROW_COUNT

    return arguments(plan, SEED, first_run, np.full((lanes, ROW_COUNT), np.nan))


def batch_program():
    """Jitted: what `batch_arguments` gives to values and summaries, as a campaign flies them."""
    from perilune.campaign.run.batch import campaign_batch

    return campaign_batch()


def telemetry_program():
    """Jitted: a plan and a key to one flight with every sample, as `perilune fly` flies it."""
    import jax

    from perilune.flight import draw, fly

    return jax.jit(lambda plan, key: fly(draw(plan, key), key, sampled=True))
