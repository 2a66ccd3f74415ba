"""Every number of a flight that truth is built from, by its name in the mission, as one tree.

The tree has the same shape for every mission, so that none of them compiles anything anew.
"""

import jax
import jax.numpy as jnp
import numpy as np

from perilune.design.arrays import as_arrays
from perilune.design.layout import layout_of
from perilune.errors import InputError
from perilune.interfaces.table import Table
from perilune.mechanics.si_units import bare_name
from perilune.mission.fault import Fault
from perilune.mission.instruments import ABSENT

FAULT_COUNT = 4


@jax.tree_util.register_pytree_with_keys_class
class Names:
    """A table of numbers by name: `numbers.lander.engine.max_thrust_n`."""

    def __init__(self, **values):
        """The values become attributes."""
        self.__dict__.update(values)

    def tree_flatten_with_keys(self):
        """Leaves in the order of their names."""
        names = tuple(sorted(vars(self)))
        keys = jax.tree_util.GetAttrKey
        return [(keys(name), getattr(self, name)) for name in names], names

    @classmethod
    def tree_unflatten(cls, names, values):
        """Back again."""
        return cls(**dict(zip(names, values, strict=True)))


def numbers_of(mission):
    """The tree of a mission: lander, mass at separation, errors, start, and up to four faults.

    InputError where the mission has more faults.
    """
    lander = _names(fitted(mission.lander), without=("limits", "control"))
    return Names(
        lander=lander,
        layout=layout_of(mission.lander),
        masses=Names(separation_kg=_number(mission.masses.separation_kg)),
        start=_names(mission.start),
        errors=_names(mission.errors),
        faults=_faults(mission),
    )


def fitted(lander):
    """A `Lander` whose missing instruments are such as never give a reading."""
    missing = {name: each for name, each in ABSENT.items() if getattr(lander, name) is None}
    return lander.model_copy(update=missing)


def _faults(mission):
    faults = tuple(mission.faults.values())
    if len(faults) > FAULT_COUNT:
        raise InputError(
            f"{mission.name}: a flight can have at most {FAULT_COUNT} faults, but has "
            f"{len(faults)}: {', '.join(mission.faults)}; leave some out."
        )
    none = Fault.model_validate({"name": "none", "title": "", "summary": ""})
    return tuple(_names(each) for each in faults + (none,) * (FAULT_COUNT - len(faults)))


def _names(table, without=()):
    """The numbers of a table and of those inside it."""
    found = {}
    for name in type(table).model_fields:
        value = getattr(table, name)
        if name in without or isinstance(value, str):
            continue
        if isinstance(value, Table):
            found[name] = _names(value)
        elif isinstance(value, dict):
            found[name] = {unit: _names(each) for unit, each in value.items()}
        elif isinstance(value, tuple) and all(isinstance(each, Table) for each in value):
            found[name] = tuple(map(_names, value))
        elif not (isinstance(value, tuple) and isinstance(value[0], str)):
            found[name] = _number(value)
    return Names(**found)


def _number(value):
    """As floats; a moment that never comes is infinitely late."""
    return np.asarray(np.inf if value is None else value, float)


def dispersable_parameters(plan):
    """What can be drawn of a plan: truth's numbers, and what of the upload is settings."""
    upload = plan.upload
    told = {
        "control": upload.control,
        "filter": upload.filter,
        "plan": upload.plan,
        "sensors": upload.sensors,
        "vehicle": upload.vehicle,
    }
    return {"numbers": plan.numbers, "onboard": told}


def addresses(tree, fault_names):
    """Path of the resolved mission → (index in the raveled tree, name with its unit).

    Every component of an array has its own path; those of the upload begin with `onboard.`.
    """
    found, index = {}, 0
    for keys, leaf in jax.tree_util.tree_flatten_with_path(tree)[0]:
        steps = [_step(key) for key in keys]
        name = next(step for step in reversed(steps) if not step.isdigit())
        for place in np.ndindex(np.shape(leaf)):
            path = ".".join([*map(bare_name, steps), *map(str, place)])
            found[_as_written(path, fault_names)] = (index, name)
            index += 1
    return found


def _step(key):
    for attribute in ("name", "key", "idx"):
        if hasattr(key, attribute):
            return str(getattr(key, attribute))
    raise AssertionError(key)


def _as_written(path, fault_names):
    """A path of the tree as missions spell it."""
    path = path.removeprefix("numbers.")
    head, _, rest = path.partition(".")
    if head == "faults":
        place, _, rest = rest.partition(".")
        names = dict(enumerate(fault_names))
        return f"faults.{names.get(int(place), f'({place})')}.{rest}"
    return path


def to_arrays(numbers):
    """The tree with every leaf a strongly typed array."""
    return jax.tree.map(jnp.asarray, as_arrays(numbers))
