import sys

import pytest

from perilune.data import spice_kernels as module
from perilune.data.spice_kernels import kernel_files, kernels
from perilune.errors import InputError


def test_every_kernel_comes_with_a_package_and_none_is_imported():
    assert [path.name for path in kernel_files()] == [
        "latest_leapseconds.tls",
        "de440.bsp",
        "moon_080317.tf",
        "moon_pa_de421_1900-2050.bpc",
    ]
    assert "lunarsky" not in sys.modules


def test_nothing_stays_loaded_after_use_even_after_an_error():
    def use_and_fail():
        with kernels() as spice:
            assert spice.ktotal("ALL") == 4
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        use_and_fail()
    with kernels("leapseconds") as spice:
        assert spice.ktotal("ALL") == 1


def test_a_missing_kernel_is_named_with_the_package_to_install(monkeypatch):
    monkeypatch.setitem(module.KERNELS, "de440", (("perilune_no_such", "de440.bsp"),))
    with pytest.raises(InputError, match=r"de440\.bsp.*pip install perilune-no-such"):
        kernel_files("de440")
