"""The peak: what the loop of multiply-adds computes, how it is compiled, and which round counts."""

import llvmlite.binding as llvm
import pytest

from benchmarks import multiply_add, peak

# processor, LLVM's triple, bits of its widest vector, instruction and register it must work with
PROCESSORS = [
    ("znver4", "x86_64-unknown-linux-gnu", 512, "vfmadd", "%zmm"),
    ("haswell", "x86_64-unknown-linux-gnu", 256, "vfmadd", "%ymm"),
    ("neoverse-n1", "aarch64-unknown-linux-gnu", 128, "fmla", ".2d"),
]


def assembly(processor, triple, vector_bits):
    """Lines of the loop's body as compiled for a processor."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(triple).create_target_machine(cpu=processor, opt=3)
    text = target.emit_assembly(llvm.parse_assembly(multiply_add.loop_text(vector_bits)))
    return text.splitlines()


@pytest.mark.parametrize(("processor", "triple", "bits", "instruction", "register"), PROCESSORS)
def test_each_chain_is_one_fused_instruction_a_turn_on_the_widest_vectors(
    processor, triple, bits, instruction, register
):
    lines = [line for line in assembly(processor, triple, bits) if instruction in line]
    assert len(lines) == multiply_add.CHAINS
    assert all(register in line for line in lines)


def test_no_chain_leaves_its_register_within_the_loop():
    lines = assembly("haswell", "x86_64-unknown-linux-gnu", 256)
    first, last = (f([n for n, line in enumerate(lines) if "vfmadd" in line]) for f in (min, max))
    assert not [line for line in lines[first:last] if "(%r" in line]


def test_the_loop_makes_every_turn_that_is_counted():
    """After n turns from zero, x = term (1 - factor^n) / (1 - factor) in every lane of a chain."""
    loop, bits = multiply_add.multiply_add_loop()
    turns = 1000
    factor, term = multiply_add.FACTOR, multiply_add.TERM
    numbers = loop(turns)
    assert numbers == pytest.approx([term * (1.0 - factor**turns) / (1.0 - factor)] * len(numbers))
    assert multiply_add.operations_a_turn(bits) == 2 * len(numbers)


def test_the_widest_vector_follows_from_the_processors_features():
    assert multiply_add.widest_vector_bits({"avx512f": True, "avx": True}) == 512
    assert multiply_add.widest_vector_bits({"avx512f": False, "avx": True}) == 256
    assert multiply_add.widest_vector_bits({"neon": True}) == 128


def test_the_peak_of_all_cores_is_of_one_round_and_not_of_each_ones_best():
    assert peak.best_round([[5.0, 3.0, 1.0], [1.0, 3.5, 5.0]]) == 6.5
