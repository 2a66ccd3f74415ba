"""A process that is killed while LLVM compiles leaves a cache that is as good as new."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from perilune.native.object_cache import ENDING
from tests.native.slow_compilation import NUMBERS, TURNS, chain, chain_of_numbers

ROOT = Path(__file__).parents[2]
INTO_IT_S = 0.2


def compiler(folder, parts):
    """A process that compiles; of two parts, LLVM makes one in a process of its own."""
    module = "tests.native.slow_compilation"
    command = [sys.executable, "-m", module, str(folder), str(parts)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def kill_while_it_compiles(process):
    """Kill a process that LLVM is at work in."""
    assert process.stdout.readline() == "compiling\n"
    time.sleep(INTO_IT_S)
    os.kill(process.pid, signal.SIGKILL)
    assert process.communicate()[0] == "", "killed too late: LLVM had finished"
    assert process.returncode == -signal.SIGKILL


def test_after_two_killed_compilations_the_next_compiles_once_and_is_right(tmp_path):
    """One waits for the other until that is killed, and is then killed in its turn."""
    folder, said = tmp_path / "cache", []
    waiting = [compiler(folder, 1), compiler(folder, 2)]
    while waiting:
        begun, _, _ = select.select([each.stdout for each in waiting], [], [])
        (process,) = [each for each in waiting if each.stdout in begun]
        kill_while_it_compiles(process)
        waiting.remove(process)
    assert {each.suffix for each in folder.iterdir()} == {".lock"}
    for _ in range(2):
        found = chain_of_numbers(folder, said.append)
        np.testing.assert_allclose(found, chain(NUMBERS, np.sin), rtol=0, atol=TURNS * 2.0**-51)
    assert said == ["compiling", "compiled"]
    assert {each.suffix for each in folder.iterdir()} == {".lock", ENDING}
