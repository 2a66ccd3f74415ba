"""Programs found by the structure of their arguments: what they give, and what is not traced."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.flight import kept_programs
from perilune.flight.kept_programs import kept_machine, kept_program
from perilune.interfaces import Message

TRACED: list[str] = []


def turned(numbers, message):
    """A function of two trees whose result is a tree again."""
    TRACED.append("turned")
    factor = numbers["factor"]
    return Message(factor * message.reading, message.time_s + jnp.sum(factor)), {"f": factor}


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    """A cache with nothing in it, and a process that has loaded nothing."""
    monkeypatch.setenv("PERILUNE_CACHE", str(tmp_path))
    monkeypatch.setattr(kept_programs, "_LOADED", {})
    TRACED.clear()


def arguments(size=3):
    return {"factor": np.arange(1.0, size + 1.0)}, Message(np.ones(size), np.array(2.0))


def forget(monkeypatch):
    monkeypatch.setattr(kept_programs, "_LOADED", {})


def check(found, numbers, message):
    whole, beside = found
    np.testing.assert_array_equal(whole.reading, numbers["factor"] * message.reading)
    assert float(whole.time_s) == message.time_s + np.sum(numbers["factor"])
    np.testing.assert_array_equal(beside["f"], numbers["factor"])


@pytest.mark.usefixtures("empty_cache")
def test_a_process_that_asks_again_traces_nothing(monkeypatch):
    numbers, message = arguments()
    check(kept_program("turned", turned, (numbers, message))(numbers, message), numbers, message)
    forget(monkeypatch)
    numbers["factor"] = np.array([4.0, 5.0, 6.0])
    check(kept_program("turned", turned, (numbers, message))(numbers, message), numbers, message)
    assert len(TRACED) == 1


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize(("name", "size"), [("other", 3), ("turned", 4)])
def test_another_name_or_structure_is_another_program(name, size):
    kept_program("turned", turned, arguments())
    numbers, message = arguments(size)
    check(kept_program(name, turned, (numbers, message))(numbers, message), numbers, message)
    assert len(TRACED) == 2


@pytest.mark.usefixtures("empty_cache")
def test_other_code_compiles_it_again(monkeypatch):
    kept_program("turned", turned, arguments())
    forget(monkeypatch)
    monkeypatch.setattr(kept_programs, "making", lambda: "other code")
    kept_program("turned", turned, arguments())
    assert len(TRACED) == 2


@pytest.mark.usefixtures("empty_cache")
def test_machine_code_of_the_native_compiler_is_found_again():
    numbers, message = arguments()
    shared = (jax.tree.map(np.asarray, numbers),)
    for _ in range(2):
        machine = kept_machine("turned", turned, shared, message, 1)
        check(machine(numbers, message), numbers, message)
    assert len(TRACED) == 1
