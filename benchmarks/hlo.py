"""A compiled program as XLA prints it: what each instruction computes, and which file asked.

What is counted as floating-point operations, of any float width: an addition, subtraction,
multiplication, division, minimum, maximum or square root is one an element, a product of matrices
two a term. A sine, exponential or the like is one too, and is counted apart as well: the
processor works some twenty operations for it. Comparisons, selections, conversions, copies and
integers count nothing.
"""

import math
import re
from dataclasses import dataclass, field

PLAIN = frozenset(["add", "subtract", "multiply", "divide", "maximum", "minimum", "sqrt", "rsqrt"])
TRANSCENDENTAL = frozenset(
    [
        "exponential",
        "exponential-minus-one",
        "log",
        "log-plus-one",
        "sine",
        "cosine",
        "tan",
        "tanh",
        "power",
        "atan2",
        "cbrt",
        "erf",
        "logistic",
    ]
)
CONTROL = frozenset(("while", "conditional", "call"))
WITHIN = frozenset(("fusion", "reduce", "reduce-window", "map", "scatter"))
FLOATS = frozenset(("f64", "f32", "f16", "bf16"))
SHAPE = re.compile(r"(\w+)\[([\d,]*)\]")
CALLED = re.compile(
    r"(?:calls|to_apply|body|condition|true_computation|false_computation)=%?([\w.\-]+)"
)
BRANCHES = re.compile(r"branch_computations=\{([^}]*)\}")
TRIPS = re.compile(r'"known_trip_count":\{"n":"(\d+)"\}')
CONTRACTED = re.compile(r"lhs_contracting_dims=\{([\d,]*)\}")
FRAME = re.compile(r"stack_frame_id=(\d+)")


@dataclass(frozen=True)
class Instruction:
    """One line of a computation."""

    name: str
    opcode: str
    kind: str  # of its first element
    shape: tuple[int, ...]
    operands: tuple[str, ...]
    called: tuple[str, ...]
    trip_count: int | None
    frame: int
    contracted: tuple[int, ...]

    @property
    def elements(self):
        """How many numbers it makes."""
        return math.prod(self.shape)


@dataclass
class Program:
    """Computations by name, each a dict of instructions by name; callees come before callers."""

    computations: dict = field(default_factory=dict)
    entry: str = ""
    frames: dict = field(default_factory=dict)  # id → ((file, function), parent id)


def read(text):
    """The `Program` in XLA's own text of a compiled program."""
    program, inside = Program(frames=_frames(text)), None
    for line in text.splitlines():
        if line.endswith("{") and line.startswith(("%", "ENTRY")):
            name = line.removeprefix("ENTRY").strip().split(" ", 1)[0].lstrip("%")
            inside = program.computations.setdefault(name, {})
            program.entry = name if line.startswith("ENTRY") else program.entry
        elif line.startswith("}"):
            inside = None
        elif inside is not None and " = " in line:
            made = _instruction(line)
            inside[made.name] = made
    return program


def _instruction(line):
    name, rest = line.strip().removeprefix("ROOT ").split(" = ", 1)
    end = _closing(rest) + 1 if rest.startswith("(") else rest.index(" ")
    shape, rest = rest[:end], rest[end:].lstrip()
    opcode, rest = rest.split("(", 1)
    inner = rest[: _closing("(" + rest) - 1]
    attributes = rest[len(inner) :]
    branches = BRANCHES.search(attributes)
    called = CALLED.findall(attributes)
    called += re.findall(r"%?([\w.\-]+)", branches[1]) if branches else []
    trips, frame = TRIPS.search(attributes), FRAME.search(attributes)
    kind, sizes = _size(shape)
    dims = CONTRACTED.search(attributes)
    return Instruction(
        name.lstrip("%"),
        opcode,
        kind,
        sizes,
        tuple(re.findall(r"%([\w.\-]+)", inner)),
        tuple(called),
        int(trips[1]) if trips else None,
        int(frame[1]) if frame else 0,
        _numbers(dims[1]) if dims else (),
    )


def _closing(text):
    """Where the bracket that opens `text` closes."""
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if depth == 0:
            return place
    raise ValueError(f"A bracket must close in {text[:60]!r}, but does not.")


def _size(shape):
    found = SHAPE.search(shape)
    if not found:
        return "", (0,)
    return found[1], _numbers(found[2])


def _numbers(text):
    return tuple(int(number) for number in text.split(",") if number)


def operations(program, instruction, inside):
    """(floating-point operations, of them transcendental) of one run of an instruction.

    `inside` is its computation. Loops and branches count nothing here: what they hold is counted
    in its own computation.
    """
    opcode, floats = instruction.opcode, instruction.kind in FLOATS
    if opcode in TRANSCENDENTAL and floats:
        return instruction.elements, instruction.elements
    if opcode in PLAIN and floats:
        return instruction.elements, 0
    if opcode == "dot" and floats:
        left = inside[instruction.operands[0]].shape
        terms = math.prod(left[axis] for axis in instruction.contracted)
        return 2 * instruction.elements * terms, 0
    if opcode in WITHIN:
        turns = _turns(instruction, inside)
        each = [computation_operations(program, name) for name in instruction.called]
        return turns * sum(one[0] for one in each), turns * sum(one[1] for one in each)
    return 0, 0


def computation_operations(program, name):
    """(operations, of them transcendental) of one run of a computation, loops inside left out."""
    inside = program.computations[name]
    each = [operations(program, one, inside) for one in inside.values()]
    return sum(one[0] for one in each), sum(one[1] for one in each)


def _turns(instruction, inside):
    """How often the computation inside runs: once for a fusion, once a combined pair else."""
    if instruction.opcode == "fusion":
        return 1
    taken = inside[instruction.operands[0]].elements
    return max(taken - instruction.elements, 0) if instruction.opcode == "reduce" else taken


def _frames(text):
    """The table of stack frames at the head of the text."""
    tables = {}
    for block in text.split("\n\n")[:8]:
        head, *lines = block.strip().splitlines() or [""]
        if head in ("FileNames", "FunctionNames", "FileLocations", "StackFrames"):
            tables[head] = dict(line.split(" ", 1) for line in lines)
    names = {key: value.strip('"') for key, value in tables.get("FileNames", {}).items()}
    functions = {key: value.strip('"') for key, value in tables.get("FunctionNames", {}).items()}
    places = {}
    for key, value in tables.get("FileLocations", {}).items():
        ids = dict(re.findall(r"(\w+)_id=(\d+)", value))
        places[key] = (names[ids["file_name"]], functions[ids["function_name"]])
    frames = {}
    for key, value in tables.get("StackFrames", {}).items():
        ids = dict(re.findall(r"(\w+)_id=(\d+)", value))
        frames[int(key)] = (places[ids["file_location"]], int(ids["parent_frame"]) - 1)
    return frames


def stack(program, instruction):
    """(file, function) of the Python that made an instruction, innermost first."""
    frame, seen = instruction.frame, []
    while frame in program.frames:
        place, frame = program.frames[frame]
        seen.append(place)
    return seen
