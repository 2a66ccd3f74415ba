"""The functions on arrays, compiled eight lanes wide: one place to put them on a compiler.

A small compiler of its own, for functions of single numbers: each equation of the jaxpr becomes
one instruction of LLVM on eight lanes, in the order written.
"""

import ctypes
from functools import cache

import jax
import llvmlite.binding as llvm
import numpy as np

import perilune.mechanics  # noqa: F401, float64 first
from perilune.native.functions import FUNCTIONS

LANES = 8
ARITHMETIC = {"add": "fadd", "sub": "fsub", "mul": "fmul", "div": "fdiv"}
WHOLE = {
    **{word: word for word in ("add", "sub", "mul", "and", "or", "xor")},
    **{"shift_left": "shl", "shift_right_logical": "lshr", "shift_right_arithmetic": "ashr"},
}
INTRINSICS = {"sqrt": "sqrt", "floor": "floor", "round": "roundeven", "abs": "fabs", "fma": "fma"}
COMPARISONS = {"lt": "lt", "le": "le", "gt": "gt", "ge": "ge", "eq": "eq", "ne": "ne"}
TYPES = {"float64": "double", "float32": "float", "bool": "i1"}


def evaluate(name, dtype, *arrays, features=""):
    """A function of the table at each element of arrays of its type; `features` are LLVM's."""
    arrays = np.broadcast_arrays(*(np.asarray(each, dtype) for each in arrays))
    count = arrays[0].size
    padded = [np.zeros(-(-count // LANES) * LANES, dtype) for _ in arrays]
    for whole, each in zip(padded, arrays, strict=True):
        whole[:count] = each.ravel()
    result = np.empty_like(padded[0])
    run = compiled(name, dtype, features)[0]
    run(result.size // LANES, result.ctypes.data, *(each.ctypes.data for each in padded))
    return result[:count].reshape(arrays[0].shape)


@cache
def jaxpr_of(name, dtype):
    """A function of the table, traced on single numbers."""
    function = FUNCTIONS[name, dtype]
    arguments = function.__code__.co_argcount
    return jax.make_jaxpr(function)(*[jax.ShapeDtypeStruct((), dtype)] * arguments)


@cache
def compiled(name, dtype, features=""):
    """A function that fills an array from others, and what must be kept as long as it is used."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    host = ",".join(part for part in (llvm.get_host_cpu_features().flatten(), features) if part)
    target = llvm.Target.from_default_triple()
    machine = target.create_target_machine(cpu=llvm.get_host_cpu_name(), features=host, opt=3)
    module = llvm.parse_assembly(text_of(name, dtype))
    engine = llvm.create_mcjit_compiler(module, machine)
    engine.finalize_object()
    arguments = [ctypes.c_int64] + [ctypes.c_void_p] * (1 + len(jaxpr_of(name, dtype).in_avals))
    run = ctypes.CFUNCTYPE(None, *arguments)(engine.get_function_address("run"))
    return run, engine


def assembly(name, dtype, triple, processor):
    """What a function becomes on some processor."""
    return _compiler(triple, processor).emit_assembly(_module(name, dtype, triple))


def machine_code(name, dtype, triple, processor):
    """An object file of a function for some processor, with one symbol, `run`."""
    return _compiler(triple, processor).emit_object(_module(name, dtype, triple))


def _compiler(triple, processor):
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    return llvm.Target.from_triple(triple).create_target_machine(cpu=processor, opt=3)


def _module(name, dtype, triple):
    module = llvm.parse_assembly(text_of(name, dtype))
    module.triple = triple
    return module


def text_of(name, dtype):
    """The function in LLVM's own text: a loop over blocks of eight lanes."""
    closed = jaxpr_of(name, dtype)
    kind = f"<{LANES} x {TYPES[dtype]}>"
    lines, intrinsics, names = [], set(), {}
    for place, variable in enumerate(closed.jaxpr.invars):
        names[variable] = f"%in{place}"
        at = f"%at{place}"
        lines.append(f"{at} = getelementptr {kind}, ptr %p{place}, i64 %block")
        lines.append(f"%in{place} = load {kind}, ptr {at}, align 4")
    for place, equation in enumerate(closed.jaxpr.eqns):
        (out,) = equation.outvars
        names[out] = f"%v{place}"
        lines.append(f"%v{place} = {instruction(equation, names, intrinsics)}")
    (out,) = closed.jaxpr.outvars
    lines.append(f"%to = getelementptr {kind}, ptr %out, i64 %block")
    lines.append(f"store {kind} {operand(out, names)}, ptr %to, align 4")
    pointers = "".join(f", ptr %p{place}" for place in range(len(closed.in_avals)))
    body = "\n".join(f"  {line}" for line in lines)
    return f"""define void @run(i64 %count, ptr %out{pointers}) {{
enter:
  br label %loop
loop:
  %block = phi i64 [0, %enter], [%next, %loop]
{body}
  %next = add i64 %block, 1
  %more = icmp slt i64 %next, %count
  br i1 %more, label %loop, label %leave
leave:
  ret void
}}
{"".join(sorted(intrinsics))}"""


def type_of(aval):
    """The type of eight lanes of a JAX type."""
    name = aval.dtype.name
    return f"<{LANES} x {TYPES.get(name) or f'i{8 * aval.dtype.itemsize}'}>"


def operand(atom, names):
    """A value by its name, or a constant in every lane."""
    if not isinstance(atom, jax.extend.core.Literal):
        return names[atom]
    element = type_of(atom.aval)[len(f"<{LANES} x ") : -1]
    if atom.aval.dtype.kind == "f":
        wide = np.float64(atom.val).view(np.uint64)
        return f"splat ({element} 0x{int(wide):016X})"
    return f"splat ({element} {int(atom.val)})"


def instruction(equation, names, intrinsics):
    """One equation as one instruction."""
    primitive, taken = equation.primitive.name, equation.invars[-1].aval
    kind = type_of(taken)
    values = [operand(each, names) for each in equation.invars]
    if primitive in INTRINSICS:
        return call(INTRINSICS[primitive], kind, values, intrinsics)
    if primitive in COMPARISONS:
        return compare(equation, kind, values)
    if primitive == "select_n":
        return f"select <{LANES} x i1> {values[0]}, {kind} {values[2]}, {kind} {values[1]}"
    if primitive in ("neg", "not"):
        return f"fneg {kind} {values[0]}" if primitive == "neg" else inverted(kind, values)
    words = ARITHMETIC if taken.dtype.kind == "f" else WHOLE
    if primitive in words:
        return f"{words[primitive]} {kind} {values[0]}, {values[1]}"
    return convert(equation, kind, values)


def compare(equation, kind, values):
    """A comparison: false with not-a-number, but for `ne`."""
    word = COMPARISONS[equation.primitive.name]
    number = equation.invars[0].aval.dtype.kind
    if number == "f":
        return f"fcmp {'u' if word == 'ne' else 'o'}{word} {kind} {values[0]}, {values[1]}"
    sign = "" if word in ("eq", "ne") else {"i": "s", "u": "u"}[number]
    return f"icmp {sign}{word} {kind} {values[0]}, {values[1]}"


def call(intrinsic, kind, values, intrinsics):
    """A call of an instruction that LLVM spells as a function."""
    suffix = f"v{LANES}f{64 if 'double' in kind else 32}"
    taken = ", ".join([kind] * len(values))
    intrinsics.add(f"declare {kind} @llvm.{intrinsic}.{suffix}({taken})\n")
    given = ", ".join(f"{kind} {value}" for value in values)
    return f"call {kind} @llvm.{intrinsic}.{suffix}({given})"


def inverted(kind, values):
    """Every bit turned."""
    return f"xor {kind} {values[0]}, splat ({kind.split()[-1][:-1]} -1)"


def convert(equation, kind, values):
    """A change of type: of the bits' meaning, of the precision, or between whole and real."""
    given, wanted = equation.invars[0].aval.dtype, equation.outvars[0].aval.dtype
    to = type_of(equation.outvars[0].aval)
    if equation.primitive.name == "bitcast_convert_type":
        return f"bitcast {kind} {values[0]} to {to}"
    assert equation.primitive.name == "convert_element_type", equation
    if given.kind == wanted.kind == "f":
        word = "fptrunc" if wanted.itemsize < given.itemsize else "fpext"
    elif given.kind in "iu" and wanted.kind == "f":
        word = {"i": "sitofp", "u": "uitofp"}[given.kind]
    else:
        assert given.kind in "iub", equation
        assert wanted.kind in "iu", equation
        smaller = "trunc" if wanted.itemsize < given.itemsize else "bitcast"
        word = "zext" if wanted.itemsize > given.itemsize or given.kind == "b" else smaller
    return f"{word} {kind} {values[0]} to {to}"
