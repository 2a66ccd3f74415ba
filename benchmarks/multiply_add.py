"""A loop of fused multiply-adds that keeps every float64 unit of one core busy."""

import ctypes
from collections.abc import Callable

import llvmlite.binding as llvm

CHAINS = 12  # two units of four cycles' latency need 8; 16 registers hold 12 and two factors
BITS = 64  # of a float64
FACTOR, TERM = 0.999, 0.001  # x·FACTOR + TERM goes to 1: neither overflow nor subnormal numbers


def widest_vector_bits(features: dict[str, bool]) -> int:
    """Bits of the widest vector register of a processor with these features, in LLVM's names."""
    if features.get("avx512f"):
        return 512
    return 256 if features.get("avx") else 128


def operations_a_turn(vector_bits: int) -> int:
    """Operations of one turn of the loop; a fused multiply-add is two."""
    return 2 * CHAINS * vector_bits // BITS


def loop_text(vector_bits: int) -> str:
    """LLVM IR of `loop(turns, numbers)`: `turns` times x = x·FACTOR + TERM on each chain.

    `numbers` points to one vector for each chain, read before the first turn and written after the
    last. The chains depend on nothing but themselves and stay in registers.
    """
    vector = f"<{vector_bits // BITS} x double>"
    multiply_add = f"{vector} @llvm.fmuladd.v{vector_bits // BITS}f64"
    factors = f"{vector} splat (double {FACTOR!r}), {vector} splat (double {TERM!r})"

    def on_each_chain(line: str) -> str:
        return "\n".join(f"  {line}".replace("#", str(chain)) for chain in range(CHAINS))

    return f"""
declare {multiply_add}({vector}, {vector}, {vector})
define void @loop(i64 %turns, ptr %numbers) "prefer-vector-width"="{vector_bits}" {{
entry:
{on_each_chain(f"%place# = getelementptr {vector}, ptr %numbers, i64 #")}
{on_each_chain(f"%start# = load {vector}, ptr %place#, align 8")}
  br label %turn
turn:
  %done = phi i64 [0, %entry], [%more, %turn]
{on_each_chain(f"%x# = phi {vector} [%start#, %entry], [%y#, %turn]")}
{on_each_chain(f"%y# = call {multiply_add}({vector} %x#, {factors})")}
  %more = add i64 %done, 1
  %again = icmp slt i64 %more, %turns
  br i1 %again, label %turn, label %end
end:
{on_each_chain(f"store {vector} %y#, ptr %place#, align 8")}
  ret void
}}
"""


def multiply_add_loop() -> tuple[Callable[[int], list[float]], int]:
    """The loop compiled for this processor, and the bits of the vectors it works on.

    It takes the number of turns, at least one, starts all chains at 0 and returns their numbers.
    """
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features()
    vector_bits = widest_vector_bits(features)
    target = llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features.flatten(), opt=3
    )
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(loop_text(vector_bits)), target)
    engine.finalize_object()
    address = engine.get_function_address("loop")
    compiled = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_void_p)(address)

    def loop(turns: int, _kept: llvm.ExecutionEngine = engine) -> list[float]:
        numbers = (ctypes.c_double * (CHAINS * vector_bits // BITS))()
        compiled(turns, numbers)
        return list(numbers)

    return loop, vector_bits
