"""The example in the docstring of every public name runs, in the programs other tests compile."""

import doctest
import functools
import inspect

import pytest

import perilune


@pytest.mark.parametrize("name", sorted(perilune.__all__))
def test_the_example_of_every_name_runs(name, monkeypatch, tmp_path, one_plan):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(perilune, "plan", one_plan)
    docstring = inspect.getdoc(getattr(perilune, name))
    example = doctest.DocTestParser().get_doctest(docstring, {}, name, None, None)
    assert example.examples, f"`{name}` has no example"
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    failed, _ = runner.run(example)
    assert failed == 0


@pytest.fixture(scope="module")
def one_plan():
    """`perilune.plan`, which designs a mission once for all examples."""
    plan, known = perilune.plan, {}

    @functools.wraps(plan)
    def planned(mission):
        if mission.name not in known:
            known[mission.name] = plan(mission)
        return known[mission.name]

    return planned
