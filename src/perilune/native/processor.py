"""The processor that a program is compiled for, and LLVM's code for it."""

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import llvmlite.binding as llvm

NEEDED = {"x86_64": ("avx2", "fma", "bmi2"), "aarch64": ("neon",)}
"""By architecture, what every operation of the language needs in hardware."""
LIMITS = {"avx2": "x86-64-v3"}
"""Processors that a stronger one can be asked to behave like, by LLVM's name."""
MOST_EFFORT = 2
"""The level of optimisation that LLVM's own compilers take where code is to be fast."""


class UnknownProcessorError(Exception):
    """The native compiler knows no processor such as this one."""


@dataclass(frozen=True)
class Processor:
    """A processor as LLVM knows it, and what its code is worth to whoever waits for it.

    `features` are `+avx2`, … or `-…`, with commas. `effort` is LLVM's level of optimisation. It
    changes no bit: with none, a flight's code is made in a quarter of the time and takes twice as
    long, which suits what is flown a few times.
    """

    triple: str
    name: str
    features: str
    effort: int = MOST_EFFORT

    @property
    def architecture(self) -> str:
        """The first part of its triple."""
        return self.triple.partition("-")[0]

    @property
    def lanes(self) -> int:
        """Flights to fly side by side: as many numbers as its widest registers hold in float64.

        Where vectors have 256 bits, eight lanes take two registers for a number: a tenth to a third
        more time a flight than four, and twice as long to compile.
        """
        return 8 if "+avx512f" in self.features.split(",") else 4

    def describe(self) -> str:
        """All that a program's machine code depends on, in a line."""
        return (
            f"{self.triple} {self.name} {self.features} llvm {'.'.join(map(str, llvm_version()))} "
            f"effort {self.effort}"
        )


def llvm_version() -> tuple[int, ...]:
    """The version of LLVM."""
    return tuple(llvm.llvm_version_info)


def this_processor(limit: str | None = None) -> Processor:
    """The processor of this machine, or one of `LIMITS` that it can stand for.

    Raises `UnknownProcessorError` where it lacks what every program needs.
    """
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    triple = llvm.get_process_triple()
    architecture = triple.partition("-")[0]
    if architecture not in NEEDED:
        raise UnknownProcessorError(
            f"it compiles for {' and '.join(NEEDED)}, but this is {architecture}"
        )
    features = llvm.get_host_cpu_features()
    missing = [each for each in NEEDED[architecture] if not features.get(each)]
    if missing:
        raise UnknownProcessorError(f"this processor has no {', no '.join(missing)}")
    if limit is not None and architecture == "x86_64":
        return Processor(triple, LIMITS[limit], "")
    return Processor(triple, llvm.get_host_cpu_name(), features.flatten())


def machine_code(text: str, processor: Processor) -> bytes:
    """The object file of a module in LLVM's language."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(processor.triple)
    machine = target.create_target_machine(
        cpu=processor.name, features=processor.features, opt=processor.effort, jit=True
    )
    module = llvm.parse_assembly(text, llvm.create_context())
    module.triple, module.data_layout = machine.triple, str(machine.target_data)
    return machine.emit_object(module)


def all_machine_code(texts: Sequence[str], processor: Processor) -> list[bytes]:
    """The object files of several modules, the first in this process, the others beside it."""
    with ThreadPoolExecutor(max(len(texts) - 1, 1)) as threads:
        others = [threads.submit(_elsewhere, text, processor) for text in texts[1:]]
        return [machine_code(texts[0], processor), *(each.result() for each in others)]


def _elsewhere(text: str, processor: Processor) -> bytes:
    """`machine_code` in a process of its own: LLVM's library does one thing at a time."""
    done = subprocess.run(
        [sys.executable, "-c", _ELSEWHERE, json.dumps(sys.path), json.dumps(vars(processor))],
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"LLVM failed:\n{done.stderr.decode(errors='replace')}")
    return done.stdout


_ELSEWHERE = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from perilune.native.processor import Processor, machine_code
code = machine_code(sys.stdin.read(), Processor(**json.loads(sys.argv[2])))
sys.stdout.buffer.write(code)
"""
