import math
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.errors import InputError
from perilune.interfaces.quantities import EXAMPLES, in_words, si_value

G0 = 9.80665  # exact, CGPM 1901


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("4.0 kN", "N", 4000.0),
        ("6 deg", "rad", 6 * math.pi / 180),
        ("5 arcsec", "rad", 5 * math.pi / 648_000),
        ("1 deg/h", "rad/s", math.pi / 180 / 3600),
        ("0.07 deg/sqrt(h)", "rad/s**0.5", 0.07 * math.pi / 180 / 60),
        ("300 ug0", "m/s**2", 300e-6 * G0),
        ("35 ug0/sqrt(Hz)", "m/s**1.5", 35e-6 * G0),
        ("20 ms", "s", 0.02),
        ("-84.7906 deg", "rad", math.radians(-84.7906)),
        ("60 rpm", "rad/s", 2 * math.pi),
        ("1 %", "", 0.01),
    ],
)
def test_a_quantity_is_read_into_si(text, unit, value):
    assert si_value(text, unit) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    "text", ["5", "5 kg", "kN", "", "4 kN kN", "nan N", "1e999 N", "4 parsnips"]
)
def test_what_is_not_a_force_is_refused_with_an_example(text):
    with pytest.raises(InputError) as caught:
        si_value(text, "N")
    assert str(caught.value) == f'must be a force such as "4.0 kN", but is "{text}"'


@pytest.mark.parametrize(("text", "unit"), [("2 Hz", "rad/s"), ("0.5", "rad"), ("3 1/s", "rad/s")])
def test_an_angle_is_never_taken_from_a_pure_number(text, unit):
    with pytest.raises(InputError, match="must be an ang"):
        si_value(text, unit)


def test_an_angle_is_no_fraction():
    with pytest.raises(InputError, match="must be a bare number"):
        si_value("5 deg", "")


def test_units_are_read_alike_where_pint_can_keep_no_cache():
    """A home that cannot be written to, in a process of its own."""
    code = "from perilune.interfaces.quantities import si_value; print(si_value('0.1 mrad', 'rad'))"
    nowhere = {"HOME": "/proc/none", "XDG_CACHE_HOME": "/proc/none"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env={**os.environ, **nowhere}, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "0.0001", done.stderr


@pytest.mark.parametrize("unit", EXAMPLES)
def test_the_example_in_each_message_is_itself_accepted(unit):
    assert math.isfinite(si_value(EXAMPLES[unit][1], unit))


@given(st.floats(-1e9, 1e9), st.sampled_from(["N", "rad", "rad/s", "m/s", "kg*m**2"]))
def test_a_value_shown_in_words_reads_back_as_itself(value, unit):
    assert si_value(in_words(value, unit), unit) == pytest.approx(value, rel=1e-8, abs=1e-300)
