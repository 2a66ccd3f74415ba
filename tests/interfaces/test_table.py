from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces.table import NotNegative, Positive, Table, Vector


class Inner(Table):
    """Inside another."""

    mass_kg: Positive
    """Of it."""


class Outer(Table):
    """Of every kind of field that a mission file has."""

    title: str
    """For people."""
    law: Literal["steady", "pulsed"]
    """What runs."""
    mount_m: Vector
    """Where."""
    lost_after_s: NotNegative | None = None
    """Or never."""
    inner: Inner
    """One."""
    spare: Inner | None = None
    """Or none."""
    several: tuple[Inner, ...] = ()
    """Some."""


WRITTEN = {"title": "a", "law": "steady", "mount": ["1 m", "2 m", "3 m"], "inner": {"mass": "4 kg"}}


def table(**changes):
    return Outer.model_validate(WRITTEN | changes)


def test_its_numbers_are_the_leaves_in_the_order_of_its_fields():
    found = jax.tree.leaves(table(several=[{"mass": "5 kg"}], lost_after="7 s"))
    assert found == [1.0, 2.0, 3.0, 7.0, 4.0, 5.0]


def test_a_moment_that_never_comes_is_infinitely_late():
    assert jax.tree.leaves(table())[3] == np.inf


def test_text_does_not_fly_and_a_choice_of_words_is_structure():
    here, renamed = table(), table(title="b")
    assert jax.tree.structure(here) == jax.tree.structure(renamed)
    assert jax.tree.structure(here) != jax.tree.structure(table(law="pulsed"))
    assert jax.tree.map(lambda x: x, here).law == "steady"


def test_what_is_not_there_is_structure_too():
    assert jax.tree.structure(table()) != jax.tree.structure(table(spare={"mass": "1 kg"}))


@pytest.mark.parametrize("field", ["mount_m", "lost_after_s", "inner"])
def test_it_goes_through_a_compiled_function_and_a_batch(field):
    doubled = jax.jit(lambda one: jax.tree.map(lambda x: 2.0 * x, one))(table(lost_after="7 s"))
    assert isinstance(doubled, Outer)
    one, two = (
        jnp.asarray(jax.tree.leaves(getattr(x, field))) for x in (table(lost_after="7 s"), doubled)
    )
    np.testing.assert_array_equal(2.0 * one, two)
    batch = jax.tree.map(lambda x: jnp.stack([x, x]), doubled)
    summed = jax.vmap(lambda each: each.inner.mass_kg + each.mount_m[0])(batch)
    np.testing.assert_array_equal(summed, [10.0, 10.0])


def test_a_path_in_the_tree_is_the_path_in_the_file_with_units():
    paths = jax.tree_util.tree_flatten_with_path(table())[0]
    assert jax.tree_util.keystr(paths[-1][0]) == ".inner.mass_kg"


def test_a_copy_with_another_number_is_a_table_still():
    arrays = jax.tree.map(jnp.asarray, table())
    heavier = arrays.inner.model_copy(update={"mass_kg": jnp.array(9.0)})
    assert float(heavier.mass_kg) == 9.0
