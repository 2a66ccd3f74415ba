import re

import numpy as np
import pytest

from perilune.native.functions import FUNCTIONS
from tests.native.aarch64 import call
from tests.native.functions.accuracy import points
from tests.native.functions.evaluating import LANES, assembly, evaluate, machine_code

COUNT = 8_000
SHUNNED = {"avx2": "-avx512f", "avx": "-avx512f,-avx2"}
"""Features left out, so that a processor with more of them works as one without."""
ARM = "aarch64-unknown-linux-gnu"
PROCESSORS = [
    ("x86_64-unknown-linux-gnu", "x86-64-v3"),
    ("x86_64-unknown-linux-gnu", "x86-64-v4"),
    (ARM, "generic"),
]


def sample(name, dtype):
    """Arguments from everywhere that a function is tried, whole blocks of lanes of them."""
    arguments = points(name, dtype, COUNT)
    whole = arguments[0].size // LANES * LANES
    return [np.ascontiguousarray(each[:whole]) for each in arguments]


def assert_same_bits(one, other):
    unsigned = {8: np.uint64, 4: np.uint32}[one.itemsize]
    assert np.array_equal(one.view(unsigned), other.view(unsigned))


@pytest.mark.parametrize(("name", "dtype"), list(FUNCTIONS))
def test_the_bits_are_those_of_a_processor_with_narrower_vectors(name, dtype):
    arguments = sample(name, dtype)
    here = evaluate(name, dtype, *arguments)
    for features in SHUNNED.values():
        assert_same_bits(here, evaluate(name, dtype, *arguments, features=features))


@pytest.mark.parametrize(("name", "dtype"), list(FUNCTIONS))
def test_the_bits_are_those_of_an_arm_processor(name, dtype):
    """AArch64 code, emulated: not-a-number too has the same bits."""
    arguments = sample(name, dtype)
    result = np.zeros_like(arguments[0])
    call(
        machine_code(name, dtype, ARM, "generic"), "run", [result.size // LANES, result, *arguments]
    )
    assert_same_bits(evaluate(name, dtype, *arguments), result)


@pytest.mark.parametrize(("name", "dtype"), list(FUNCTIONS))
def test_no_processor_calls_a_library_for_a_function(name, dtype):
    for triple, processor in PROCESSORS:
        text = assembly(name, dtype, triple, processor)
        assert not re.findall(r"^\s+(?:callq?|bl|blr)\s.*$", text, re.MULTILINE)


@pytest.mark.parametrize(("triple", "processor"), PROCESSORS)
def test_a_fused_multiply_add_is_one_instruction(triple, processor):
    text = assembly("exp", "float64", triple, processor)
    assert re.search(r"\b(vfmadd\w+pd|vfnmadd\w+pd|fmla)\b", text)
