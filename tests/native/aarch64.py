"""AArch64 machine code run on this machine, by QEMU's model of the processor (Unicorn)."""

import io
import struct

import numpy as np
from elftools.elf.elffile import ELFFile
from unicorn import UC_ARCH_ARM64, UC_MODE_ARM, Uc
from unicorn.arm64_const import (
    UC_ARM64_REG_CPACR_EL1,
    UC_ARM64_REG_LR,
    UC_ARM64_REG_SP,
    UC_ARM64_REG_X0,
)

CODE, STACK, RETURN, ARRAYS = 0x100_0000, 0x4000_0000, 0x5000_0000, 0x6000_0000
STACK_BYTES = 1 << 20
PAGE = 1 << 12
ALLOCATED = 2
PAGE_OF, CALL = 275, (282, 283)
SIXTEENTHS = {263: 0, 264: 0, 265: 16, 266: 16, 267: 32, 268: 32, 269: 48}
"""Relocations that put sixteen bits of an address into an instruction, by where they begin."""
LOW_BITS = {277: 0, 278: 0, 284: 1, 285: 2, 286: 3, 299: 4}
"""Relocations that put the low twelve bits of an address into an instruction, by their shift."""


def call(machine_code, function, arguments):
    """Call a function of an object file with up to eight whole numbers and arrays.

    Arrays are copied to the emulated machine, and what the call made of them is copied back.
    """
    machine = Uc(UC_ARCH_ARM64, UC_MODE_ARM)
    image, entry = linked(machine_code, function)
    _place(machine, CODE, image)
    _place(machine, STACK, bytes(STACK_BYTES))
    _place(machine, RETURN, bytes(PAGE))
    at, places = ARRAYS, []
    for register, argument in enumerate(arguments):
        if isinstance(argument, np.ndarray):
            places.append((at, argument))
            _place(machine, at, argument.tobytes())
        value = at if isinstance(argument, np.ndarray) else argument
        machine.reg_write(UC_ARM64_REG_X0 + register, value)
        at += _whole_pages(getattr(argument, "nbytes", 0))
    machine.reg_write(UC_ARM64_REG_CPACR_EL1, 3 << 20)  # floating point allowed
    machine.reg_write(UC_ARM64_REG_SP, STACK + STACK_BYTES)
    machine.reg_write(UC_ARM64_REG_LR, RETURN)
    machine.emu_start(entry, RETURN)
    for place, array in places:
        made = np.frombuffer(bytes(machine.mem_read(place, array.nbytes)), array.dtype)
        array[...] = made.reshape(array.shape)


def _whole_pages(size):
    return -(-size // PAGE) * PAGE


def _place(machine, at, content):
    machine.mem_map(at, _whole_pages(len(content)))
    machine.mem_write(at, content)


def linked(machine_code, function):
    """The memory image of an object file at CODE, and where a function of it begins."""
    file = ELFFile(io.BytesIO(machine_code))
    sections = list(file.iter_sections())
    image, places = bytearray(), {}
    for index, section in enumerate(sections):
        if section["sh_flags"] & ALLOCATED and section["sh_size"]:
            image += bytes(_whole_pages(len(image)) - len(image))
            places[index] = CODE + len(image)
            image += section.data()
    symbols = file.get_section_by_name(".symtab")
    for section in sections:
        if section["sh_type"] == "SHT_RELA" and sections[section["sh_info"]].name == ".text":
            for each in section.iter_relocations():
                symbol = symbols.get_symbol(each["r_info_sym"])
                target = places[symbol["st_shndx"]] + symbol["st_value"] + each["r_addend"]
                relocate(image, places[section["sh_info"]] + each["r_offset"], each, target)
    (entry,) = symbols.get_symbol_by_name(function)
    return bytes(image), places[entry["st_shndx"]] + entry["st_value"]


def relocate(image, place, relocation, target):
    """Put the address of a target into the instruction at a place (ELF for the Arm 64-bit ABI)."""
    (word,) = struct.unpack_from("<I", image, place - CODE)
    kind = relocation["r_info_type"]
    if kind == PAGE_OF:
        pages = (target // PAGE) - (place // PAGE)
        word |= (pages & 3) << 29 | ((pages >> 2) & 0x7FFFF) << 5
    elif kind in CALL:
        word |= ((target - place) >> 2) & 0x3FFFFFF
    elif kind in SIXTEENTHS:
        word |= (target >> SIXTEENTHS[kind] & 0xFFFF) << 5
    else:
        word |= ((target % PAGE) >> LOW_BITS[kind]) << 10
    struct.pack_into("<I", image, place - CODE, word)
