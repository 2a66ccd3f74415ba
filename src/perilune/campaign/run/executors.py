"""Who flies the batches: processes of this machine, a GPU of it, or a cluster."""

from perilune.campaign.request import most_runs
from perilune.campaign.run.sampling import points_of
from perilune.mission.dispersions import ROW_COUNT


def fleet_of(campaign, missing, listeners):
    """A generator of (first run, (values, summary)) over the batches in `missing`, in any order.

    `listeners` is (watch, stopwatch). Closing the generator ends what it started.
    """
    import jax

    (watch, stopwatch), order = listeners, campaign.order
    tasks = _tasks(campaign, missing)
    if order.cluster is not None:
        return _by_cluster(campaign, tasks, watch, stopwatch)
    if jax.default_backend() == "gpu":
        if order.workers not in (None, 1):
            watch.say("note: --workers is not heeded: one process flies all batches on the GPU")
        return _in_this_process(campaign, tasks, stopwatch)
    return _by_workers(campaign, (tasks, len(missing)), watch, stopwatch)


def _tasks(campaign, missing):
    order, identity = campaign.order, campaign.record["identity"]
    inputs = len(campaign.judging.inputs), ROW_COUNT
    for first in missing:
        span = (first, identity["batch_size"], most_runs(order))
        yield first, points_of(order.sampling, order.seed, span, inputs)


def _job(campaign):
    from perilune.campaign.run.worker_pool import Job, packed

    identity = campaign.record["identity"]
    plan = packed(campaign.design.plan)
    libraries, compiler = (tuple(identity[name].items()) for name in ("libraries", "compiler"))
    seed, size = campaign.order.seed, identity["batch_size"]
    return Job(plan, seed, size, identity["code"], libraries, compiler)


def _by_workers(campaign, tasks, watch, stopwatch):
    from perilune.campaign.run.worker_pool import cores, flown_by_workers

    (tasks, count), order = tasks, campaign.order
    workers = min(order.workers or len(cores()), count)
    stopwatch.note("workers", workers)

    def hear(name, value):
        if name == "lost":
            stopwatch.note("lost_workers", stopwatch.facts.get("lost_workers", 0) + 1)
            watch.say(f"note: a worker died {value}; what it flew is flown again by another")
        else:
            stopwatch.note(name, round(value, 3))

    watch.say(f"getting {workers} worker{'s'[: workers > 1]} ready")
    return flown_by_workers(_job(campaign), tasks, workers, hear)


def _by_cluster(campaign, tasks, watch, stopwatch):
    from perilune.campaign.run.cluster import flown_by_cluster

    def hear(name, value):
        if name == "note":
            watch.say(f"note: {value}")
        elif name == "workers":
            stopwatch.note(name, max(value, stopwatch.facts.get(name, 0)))
        elif name not in stopwatch.facts:
            stopwatch.note(name, round(value, 3))

    watch.say(f"asking the cluster at {campaign.order.cluster}")
    return flown_by_cluster(_job(campaign), tasks, campaign.order.cluster, hear)


def _in_this_process(campaign, tasks, stopwatch):
    from perilune.campaign.run.worker_pool import Flyer

    stopwatch.note("workers", 1)
    flyer = Flyer(_job(campaign))
    flyer.compile()
    stopwatch.note("compile_s", round(flyer.compile_s, 3))
    for first_run, points in tasks:
        yield first_run, flyer.fly(first_run, points)
