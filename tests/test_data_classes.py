"""The house's rules on classes that hold data: units in names, construction by keyword."""

import collections.abc
import dataclasses
import importlib
import inspect
import pkgutil
import re
import typing

import equinox
import jax
import numpy as np
import pydantic
import pytest

import perilune
from perilune.mechanics.si_units import unit_of

# Numbers that have no unit, by what they are. A name joins the list with its reason, or ends in
# a unit, `_fraction`, `_factor` or `_count`.
WITHOUT_A_UNIT = {
    r"([a-z]+_)*[a-z]+_from_[a-z]+": "a rotation: unit quaternion or matrix",
    r"([a-z]+_)*(direction|normal|boresight|beam|downrange|up|aim)(_[a-z]+)?": "a unit vector",
    r"([a-z]+_)*(valid|used|closed|touched|broken|rested|entered|mask|present|on|due)": "yes or no",
    r"known|heard|jumped|reopens|may_reopen|moves": "yes or no",
    r"witnessed|(speed_)?distrusted": "yes or no",
    r"said": "all numbers of a reading, each in its own unit",
    r"within_reach": "yes or no",
    r"([a-z]+_)*throttle": "the fraction of full thrust, by its usual name",
    r"([a-z]+_)*degree": "degree and order of a gravity field, a whole number",
    r"([a-z]+_)*(covariance|sigma)|corrections": "of states of different units, in SI",
    r"([a-z]+_)*fractions": "several fractions, each beside its name",
    r"[a-z]+_per_[a-z]+": "one named thing per another, both in SI",
    r"hurst_exponent": "of a power law, by its usual name",
    r"law|attitude|pace|(event|ignition)_phases?": "whole numbers: places in a list",
    r"by_(error|noise|ground)": "sensitivities and covariances of the filter's errors, in SI",
    r"figures": "several numbers, each beside its name, which has its unit",
    r"value|slope|([a-z]+_)*variance|innovation|gate|residual|refused_(first|mean)": (
        "of a scalar measurement, in its sensor's unit"
    ),
    r"bias|walk|limit|quantum": "of a triad, gyros or accelerometers, in the unit it measures",
    r"cosine|sine|c20": "normalised coefficients of a spherical harmonic series",
    r"row_values|terms": "rows whose class states what each column is, in SI",
    r"lines|first_column": "whole numbers: lines and columns of a text",
    r"coefficients": "of a series whose class states the unit of its sum",
    r"day": "whole days of an instant, beside its `second_s`",
    r"shape|source|schema": "whole numbers: rows and columns, an index, a version",
    r"mode|phase|tick|outcome|ending|clock": "whole: a state of a machine, a count of the clock",
    r"seed|run|(surface_)?key": "whole numbers that name a flight",
    r"consistency": "squared errors over their variance",
    r"innovations": "squared innovations over their variance, and how many",
    r"compared": "labels of units",
    r"normals|uniforms|chance": "of a signal: standard normal or uniform draws, or their shapes",
    r"[abcg]": "matrices of a linear system; their class states its state and order",
    r"[a-z]+(_[a-z]+)*_db": "a ratio of amplitudes in decibels",
    r"faults?|biases|bias_states|noises|error_units": "by name, which ends in a unit",
    r"legs|listens|latched|down|holds|imu_in_use|powered|coasting|pulses": "yes or no",
    r"size|map_bias": "whole numbers: how many components, a place among the filter's errors",
    r"[a-z]+_gradient_[a-z]+": "metres per metre",
    r"margin": "of a criterion, in the unit its name ends in",
    r"(cycle|frame)(s|_rows)": "whole numbers: places in a table",
    r"(band_)?runs|clean|flown(_clean)?|most|workers|core|batch_size": (
        "whole numbers: flights, processes"
    ),
    r"points": "a whole number: values of a factor",
    r"start|furthest|holds_to|lost_at|shown_to|shown_lost_at": "of a factor, which names its unit",
    r"require|probability|confidence|lo|hi|level|held": "probabilities, between 0 and 1",
    r"rank|ranks|part|left|score|p|inflation|log_density": "of a statistic, which has no unit",
    r"nodata|number_(scale|offset)": "of numbers as stored in a map file, as such files say",
    r"nodes": "of a lattice, compressed by asinh",
    r"batches": "by first run, a whole number",
    r"mirrors|replaced_rows": "whole numbers: row numbers, sums of those facing across a pole",
    r"files|host": "of files and of a machine, by names that say what they are",
    r"leaves": "arrays by their path, which ends in their unit",
    r"first|step": "of an axis of pixels, in the unit of its coordinate",
    r"nominal|low|high|values|scale": "of a drawn value, in the unit of its path",
    r"kind|address|name|active|place|cut|mix|edges|weights|correlation": (
        "of a row of dispersions: whole numbers, chances, correlations"
    ),
}


OF_ANY_UNIT = ("perilune.report", "perilune.native")


def modules_of(package):
    """Every module below a package, imported."""
    names = [m.name for m in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    return [importlib.import_module(name) for name in names]


def data_classes():
    """Every class of ours that holds data, with each of its fields and the field's type.

    The native compiler is left out: its numbers have whatever unit a program gives them. So is
    the report: an axis of a figure carries its unit in its title. So are the models of
    `campaign.json`: a statistic is in the unit of the figure or input that is named beside it.
    """
    modules = [m for m in modules_of(perilune) if not m.__name__.startswith(OF_ANY_UNIT)]
    for module in modules:
        if module.__name__.endswith(("_document", "_documents")):
            continue
        for _, cls in inspect.getmembers(module, inspect.isclass):
            if cls.__module__ != module.__name__:
                continue
            if issubclass(cls, pydantic.BaseModel):
                names = list(cls.model_fields)
            elif issubclass(cls, equinox.Module) or dataclasses.is_dataclass(cls):
                names = [field.name for field in dataclasses.fields(cls)]
            else:
                continue
            hints = typing.get_type_hints(cls)
            yield from ((cls, name, hints[name]) for name in names)


def is_number(hint):
    """Whether a field of this type holds numbers (a bool is none)."""
    if hint in {float, int, complex, jax.Array, np.ndarray}:
        return True
    if typing.get_origin(hint) in {typing.Literal, collections.abc.Callable}:
        return False
    if hasattr(hint, "array_type"):
        return True
    return any(is_number(inner) for inner in typing.get_args(hint))


def names_its_unit(name):
    """Whether a name ends in a unit or is listed as having none."""
    try:
        unit_of(name)
    except LookupError:
        return any(re.fullmatch(pattern, name) for pattern in WITHOUT_A_UNIT)
    return True


def test_every_number_in_a_data_class_names_its_unit():
    numbers = [(cls, name) for cls, name, hint in data_classes() if is_number(hint)]
    nameless = [
        f"{cls.__module__}.{cls.__name__}.{name}"
        for cls, name in numbers
        if not names_its_unit(name)
    ]
    assert len(numbers) > 100
    assert not nameless, "end these in a unit, or list why they have none: " + ", ".join(nameless)


@pytest.mark.parametrize("name", ["height", "velocity_site", "mass_pounds", "thrust_kn", "speed"])
def test_a_number_that_names_no_unit_is_refused(name):
    assert not names_its_unit(name)


MOST_BY_PLACE = 5


def test_a_record_of_six_fields_and_more_is_constructed_by_keyword():
    by_place = {
        f"{cls.__module__}.{cls.__name__}"
        for cls in {cls for cls, _, _ in data_classes() if dataclasses.is_dataclass(cls)}
        if sum(not each.kw_only for each in dataclasses.fields(cls)) > MOST_BY_PLACE
    }
    assert not by_place
