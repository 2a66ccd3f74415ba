"""Campaigns on a Dask cluster of real processes: a lost worker changes no row and doubles none."""

import importlib.metadata
import logging
import os
import time

import pytest

from perilune.campaign.run import cluster as perilune_cluster
from perilune.campaign.run import row_store
from perilune.campaign.run.job import Job
from perilune.campaign.runner import run_campaign
from perilune.design.provenance import code_digest
from perilune.errors import InputError
from perilune.flight.compile_cache import compiler_settings
from tests.campaign.conftest import RUNS, Heard, same_rows, small_order

distributed = pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster():
    """A scheduler and two worker processes on this machine's loopback, nothing served."""
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
    ) as here:
        yield here


class Striker(Heard):
    """Kills one worker of the cluster once the first batch is there."""

    def __init__(self, address):
        """Nothing struck yet."""
        super().__init__()
        self.address, self.struck = address, None

    def progress(self, standing):
        """Strike once: the process dies as by `kill -9`, in the middle of its batch."""
        super().progress(standing)
        if self.struck is None:
            with distributed.Client(self.address, set_as_default=False) as client:
                pids = client.run(os.getpid)
                self.struck = next(iter(pids.values()))
            os.kill(self.struck, 9)


def test_a_cluster_that_loses_a_worker_comes_to_the_same_rows(undisturbed, cluster, tmp_path):
    watch = Striker(cluster.scheduler_address)
    order = small_order(tmp_path / "struck", cluster=cluster.scheduler_address)
    document, folder = run_campaign(order, watch)
    assert watch.struck is not None
    assert row_store.read_rows(folder)["run"].to_pylist() == list(range(RUNS))
    same_rows(folder, undisturbed[1])
    assert document["timing"]["workers"] == 2
    assert document["clean"] == undisturbed[0]["clean"]


def test_a_worker_with_other_compiler_settings_is_refused_by_the_variable(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_max_isa=AVX2")
    with pytest.raises(InputError, match=r"same XLA_FLAGS as this machine, none, but one has --xl"):
        perilune_cluster._check_compiler({})
    perilune_cluster._check_compiler({"XLA_FLAGS": "--xla_cpu_max_isa=AVX2"})


def test_where_programs_are_cached_and_dumped_is_no_setting_of_the_compiler():
    environment = {
        "XLA_FLAGS": "--xla_dump_to=there --xla_b --xla_a",
        "JAX_COMPILATION_CACHE_DIR": "here",
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0.5",
        "JAX_DEFAULT_MATMUL_PRECISION": "float32",
        "HOME": "home",
    }
    assert compiler_settings(environment) == {
        "JAX_DEFAULT_MATMUL_PRECISION": "float32",
        "XLA_FLAGS": "--xla_a --xla_b",
    }


@pytest.mark.parametrize("name", ["jax", "not-a-library"])
def test_a_worker_with_another_library_flies_nothing(name):
    """Asked of a worker process by its own function, with a plan that could not be read."""
    alike = ("numpy", importlib.metadata.version("numpy"))
    job = Job(
        plan=b"not a plan",
        seed=0,
        batch_size=64,
        code=code_digest(),
        libraries=(alike, (name, "0.1")),
    )
    with pytest.raises(
        InputError, match=rf"have the same {name} as this machine, 0\.1, but a worker"
    ):
        perilune_cluster.fly_group(job, [(0, None)])


@pytest.fixture
def scheduler(monkeypatch):
    """A scheduler in this process, without workers; what a task flies is planted."""

    def fly_planted(job, group):
        time.sleep(0.1)
        return [(first, points) for first, points in group], job.seed

    monkeypatch.setattr("perilune.campaign.run.cluster.fly_group", fly_planted)
    monkeypatch.setattr("perilune.campaign.run.cluster.HEARTBEAT_S", 0.1)
    with distributed.LocalCluster(
        n_workers=0,
        threads_per_worker=1,
        processes=False,
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
        silence_logs=logging.CRITICAL,
    ) as here:
        yield here


def flown_there(scheduler, count, hear):
    """The tasks of a planted campaign, as they are done."""
    job = Job(plan=b"", seed=7, batch_size=64, code="")
    tasks = ((64 * number, f"points {number}") for number in range(count))
    return perilune_cluster.flown_by_cluster(job, tasks, scheduler.scheduler_address, hear)


def test_a_cluster_without_workers_is_said_at_once_and_refused_after_a_while(
    scheduler, monkeypatch
):
    monkeypatch.setattr("perilune.campaign.run.cluster.WAIT_S", 0.5)
    heard = []
    with pytest.raises(InputError, match=r"had none for 0\.5 s; start some with `dask worker "):
        list(flown_there(scheduler, 3, lambda *said: heard.append(said)))
    assert heard[0] == ("workers", 0)
    assert "has no workers; waiting at most 0.5 s" in heard[1][1]


def test_workers_that_join_late_are_used_and_the_tasks_under_way_follow_them(scheduler):
    """One worker comes after the note that there is none; three more after the first answers."""
    heard, found = [], []

    def hear(name, value):
        heard.append((name, value))
        if name == "note":
            scheduler.scale(1)

    for first, points in flown_there(scheduler, 60, hear):
        found.append((first, points))
        if len(found) == 2:
            scheduler.scale(4)
    assert sorted(found) == [(64 * number, f"points {number}") for number in range(60)]
    counts = [value for name, value in heard if name == "workers"]
    assert (counts[0], counts[-1]) == (0, 4)


def test_what_listens_and_is_no_scheduler_is_given_up(monkeypatch):
    """A socket that takes connections and never says a word."""
    import socket

    monkeypatch.setattr("perilune.campaign.run.cluster.CONNECT_S", 0.3)
    monkeypatch.setattr("perilune.campaign.run.cluster.SLACK_S", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(InputError, match=f"nothing answers at {address}"):
            perilune_cluster._client(address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:port", "tcp://", "http://127.0.0.1:1", "x"])
def test_what_is_no_address_is_refused(address):
    with pytest.raises(InputError, match="--cluster must be the address of a running Dask"):
        perilune_cluster._client(address)


def test_an_address_where_nobody_answers_is_told(monkeypatch, tmp_path, data_folder):
    assert data_folder
    monkeypatch.setattr("perilune.campaign.run.cluster.CONNECT_S", 1)
    order = small_order(tmp_path / "nobody", cluster="tcp://127.0.0.1:9")
    with pytest.raises(InputError, match=r"--cluster must be .* nothing answers at tcp://127"):
        run_campaign(order, Heard())
    assert not (tmp_path / "nobody").exists()
