"""The option by which XLA makes one function of an inner loop."""

import os
import subprocess
import sys

import pytest

from perilune.compiler_flags import LOOPS_AS_FUNCTIONS, set_compiler_flags, user_flags
from perilune.flight.compile_cache import compiler_settings

OWN = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=0"
LOOP = """
import os
import perilune.mechanics
import jax
flown = jax.jit(lambda x: jax.lax.fori_loop(0, 9, lambda i, y: y * y + i, x))
print("small_call" in flown.lower(jax.numpy.ones(1000)).compile().as_text())
print(os.environ["XLA_FLAGS"])
"""


def compiled(flags):
    """(whether a loop over 8 kB is one function, XLA_FLAGS) of a process of its own."""
    environment = {**os.environ, "XLA_FLAGS": flags}
    asked = [sys.executable, "-c", LOOP]
    ended = subprocess.run(asked, env=environment, capture_output=True, text=True, check=True)
    one_function, found = ended.stdout.splitlines()
    return one_function == "True", found


@pytest.mark.parametrize("before", ["", "--xla_dump_hlo_as_text=false"])
def test_a_loop_is_one_function(before):
    assert compiled(before) == (True, f"{before} {LOOPS_AS_FUNCTIONS}".strip())


def test_options_that_the_user_has_set_stand():
    assert compiled(OWN) == (False, OWN)


def test_nothing_is_set_once_xla_has_started(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "")
    import jax

    assert jax.devices()
    set_compiler_flags()
    assert os.environ["XLA_FLAGS"] == ""


def test_our_own_option_is_no_setting_of_the_user():
    both = {"XLA_FLAGS": f"--xla_a {LOOPS_AS_FUNCTIONS} --xla_b"}
    assert user_flags(both) == ["--xla_a", "--xla_b"]
    assert compiler_settings(both) == {"XLA_FLAGS": "--xla_a --xla_b"}
    assert compiler_settings({"XLA_FLAGS": OWN}) == {"XLA_FLAGS": OWN}
    assert compiler_settings({"XLA_FLAGS": LOOPS_AS_FUNCTIONS}) == {}
