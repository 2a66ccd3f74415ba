"""Worker processes: started from any script, named when they die, gone with their parent."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest

from perilune.campaign.run import worker_pool
from perilune.campaign.run.job import Job
from perilune.campaign.run.worker_process import end_all, end_of, receive, send, start_worker
from perilune.errors import InputError

UNGUARDED = """
from perilune.campaign.run.worker_process import end_all, receive, start_worker
print("the script runs", flush=True)
worker = start_worker(0)
print(receive(worker), flush=True)
end_all([worker])
"""


def flown(job, count=1):
    """Fly one planted task."""
    return list(worker_pool.flown_by_workers(job, [(0, None)], count, lambda *_: None))


@pytest.mark.parametrize("from_standard_input", [True, False])
def test_a_script_needs_no_guard_and_may_come_from_standard_input(tmp_path, from_standard_input):
    (tmp_path / "script.py").write_text(UNGUARDED)
    words = [sys.executable, "-"] if from_standard_input else [sys.executable, "script.py"]
    done = subprocess.run(
        words, input=UNGUARDED, capture_output=True, text=True, timeout=60, cwd=tmp_path, check=True
    )
    assert done.stdout == "the script runs\n('started', None)\n"


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        ("os._exit(7)", r"3 worker processes died getting ready \(the last with exit code 7, "),
        ("os.kill(os.getpid(), 9)", r"died getting ready \(the last by signal 9, SIGKILL, "),
    ],
)
def test_a_worker_that_dies_while_starting_is_named_with_its_last_words(
    tmp_path, monkeypatch, deed, expected
):
    """A Python that ends before it has read anything of ours."""
    planted = f"""
        import os, sys
        if any("perilune.campaign.run.worker_main" in word for word in sys.orig_argv):
            print("loading", file=sys.stderr)
            print("no such instruction", file=sys.stderr, flush=True)
            {deed}
    """
    (tmp_path / "sitecustomize.py").write_text(textwrap.dedent(planted))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(InputError, match=expected + r'after "no such instruction"\)'):
        flown(Job(plan=b"", seed=0, batch_size=64, code=""))


def test_a_system_that_starts_no_process_is_one_sentence(monkeypatch):
    def full(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("perilune.campaign.run.worker_process.subprocess.Popen", full)
    with pytest.raises(InputError, match=r"cannot be started \(Resource temporarily unavailable\)"):
        start_worker(0)


def test_ctrl_c_does_not_end_a_worker_and_the_end_of_its_parent_does():
    worker = start_worker(0)
    try:
        assert receive(worker) == ("started", None)
        os.kill(worker.process.pid, signal.SIGINT)
        time.sleep(0.3)
        assert worker.process.poll() is None
        worker.process.stdin.close()  # as it is when the parent dies
        assert worker.process.wait(10.0) == 1
    finally:
        end_all([worker])


def test_workers_of_a_killed_parent_are_gone():
    script = UNGUARDED.replace("end_all([worker])", "import time; time.sleep(60)")
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        assert [parent.stdout.readline() for _ in range(2)][1] == b"('started', None)\n"
        family = psutil.Process(parent.pid).children(recursive=True)
        assert len(family) == 1
        parent.kill()
    assert psutil.wait_procs(family, timeout=10.0)[1] == []


def test_what_a_worker_refuses_is_the_sentence(monkeypatch):
    monkeypatch.setenv("JAX_PLATFORMS", "nonsense")
    with pytest.raises(InputError, match="JAX_PLATFORMS must name"):
        flown(Job(plan=b"", seed=0, batch_size=64, code=""))


def test_a_worker_that_was_ended_from_outside_is_named_by_its_signal():
    worker = start_worker(0)
    assert receive(worker) == ("started", None)
    worker.process.terminate()
    worker.process.wait()
    send(worker, "a job that nobody receives")
    assert receive(worker) == ("lost", None)
    assert end_of(worker) == "by signal 15, SIGTERM"
