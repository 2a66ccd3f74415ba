"""Machine code in this process, ready to run; nothing here needs JAX."""

import ctypes

import llvmlite.binding as llvm

from perilune.native.arena_layout import Arena, Layout
from perilune.native.object_cache import Compiled


class LaneProgram:
    """Machine code that is ready to run, in any number of arenas at once."""

    def __init__(self, program: Compiled) -> None:
        """Load the object files into this process."""
        self.layout: Layout = program.layout
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_default_triple().create_target_machine(jit=True)
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        for code in program.objects:
            self._engine.add_object_file(llvm.object_file.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        entry = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int64)
        self._enter = entry(self._engine.get_function_address("program"))

    def run(self, arena: Arena) -> None:
        """Run once, on the inputs that are in an arena; other threads may run meanwhile."""
        self._enter(arena.address, 0)
