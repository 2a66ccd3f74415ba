"""Variables, folders and files of the surroundings that are wrong: each named in one sentence."""

import os
import re
from pathlib import Path

import pytest

from perilune import environment_variables
from perilune.app import cli
from perilune.campaign.run import row_store
from perilune.campaign.run.withdrawn_batches import taken_back_if_blank
from perilune.errors import InputError
from perilune.flight import compile_cache
from tests.app.conftest import process
from tests.typed import refused


@pytest.mark.parametrize("variable", ["PERILUNE_DATA", "PERILUNE_CATALOG"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("absent", "absent cannot be found (No such file or directory)"),
        ("file", "file is a file"),
        ("file/inside", "cannot be found (Not a directory)"),
        ("circle", "cannot be found (Too many levels of symbolic links)"),
        ("~nobody-of-this-name/x", "there is no such home folder"),
        ("~/absent", "~/absent cannot be found"),
    ],
)
def test_a_variable_that_names_no_folder_is_named(
    here, told, monkeypatch, variable, value, expected
):
    (here / "file").write_text("")
    (here / "circle").symlink_to("circle")
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.setenv(variable, value)
    sentence = refused(told, "fly", "athena")
    assert variable in sentence
    assert expected in sentence


def test_a_home_in_a_variable_is_the_users(here, monkeypatch):
    (here / "data").mkdir()
    (here / "own" / "missions").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(here))
    monkeypatch.setenv("PERILUNE_DATA", "~/data")
    monkeypatch.setenv("PERILUNE_CATALOG", "~/own")
    monkeypatch.setenv("PERILUNE_CACHE", "~/kept")
    assert environment_variables.data_folder() == here / "data"
    assert environment_variables.catalog_folder() == here / "own"
    assert compile_cache.cache_folder() == here / "kept"


def test_a_catalog_that_holds_no_catalog_is_named(here, told, monkeypatch):
    (here / "empty").mkdir()
    monkeypatch.setenv("PERILUNE_CATALOG", str(here / "empty"))
    assert "PERILUNE_CATALOG must name a folder with missions" in refused(told, "missions")


def test_an_empty_data_folder_is_named(here, told, monkeypatch):
    monkeypatch.setenv("PERILUNE_DATA", str(here))
    sentence = refused(told, "fly", "athena")
    assert f"must be a file in {here / 'terrain'}" in sentence
    assert "another PERILUNE_DATA" in sentence


def test_without_a_home_nothing_compiled_is_kept(monkeypatch):
    for name in ("PERILUNE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)

    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    assert compile_cache.cache_folder() is None


def test_a_device_that_is_not_there_is_one_sentence(monkeypatch):
    import jax

    from perilune.flight.compile_cache import use_cache

    def unable():
        raise RuntimeError("Unable to initialize backend 'cuda': no device (and much more)")

    monkeypatch.setattr(jax, "devices", unable)
    monkeypatch.setenv("JAX_PLATFORMS", "cuda")
    with pytest.raises(InputError, match=r"JAX_PLATFORMS must name .* but is cuda, of which there"):
        use_cache(lambda _: None)


@pytest.mark.parametrize(
    "command",
    [
        ("fly", "athena"),
        ("campaign", "athena"),
        ("sweep", "athena", "--vary", "descent.lead_time=60 s,70 s", "--runs", "8"),
    ],
)
@pytest.mark.parametrize(
    ("out", "expected"),
    [
        ("", "--out must name a folder, but is empty"),
        ("  ", "--out must name a folder, but is empty"),
        ("circle", "cannot be followed"),
        ("x" * 300, "File name too long"),
        ("~nobody-of-this-name/x", "there is no such home folder"),
        ("file", "is a file"),
        ("mine", "other files in it|has files in it|also holds `thesis.tex`"),
    ],
)
@pytest.mark.usefixtures("data_folder")
def test_a_folder_that_cannot_be_written_to_is_refused_before_any_physics(
    here, told, command, out, expected
):
    (here / "file").write_text("mine")
    (here / "circle").symlink_to("circle")
    (here / "mine").mkdir()
    (here / "mine" / "thesis.tex").write_text("years")
    assert re.search(expected, refused(told, *command, "--out", out))
    assert sorted(path.name for path in here.rglob("*")) == ["circle", "file", "mine", "thesis.tex"]


def test_a_working_folder_that_is_gone_is_named(tmp_path, told, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    for command in (("missions",), ("fly", "athena"), ("check",)):
        assert "current folder has been deleted" in refused(told, *command)
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("XLA_FLAGS", "--nonsense", "XLA_FLAGS must hold flags that this XLA knows, but is --nons"),
        ("XLA_FLAGS", "absent", "XLA_FLAGS must hold flags that this XLA knows, but is absent"),
        ("JAX_DEBUG_NANS", "1", "JAX_DEBUG_NANS must be off, but is on: in a flight what has not"),
        ("JAX_DISABLE_JIT", "1", "JAX_DISABLE_JIT must be off, but is on"),
        ("JAX_ENABLE_X64", "maybe", "A variable that JAX reads must be as it takes it, but: inval"),
    ],
)
def test_a_variable_of_the_compiler_that_no_flight_survives_is_named(
    here, variable, value, expected
):
    """In a process of its own: XLA and JAX read these once."""
    with process("check", "athena", env={**os.environ, variable: value}, cwd=here) as asked:
        out, err = asked.communicate(timeout=120)
    assert (asked.returncode, out) == (cli.BAD_INPUT, "")
    assert err.startswith(f"perilune: {expected}")
    assert err.count("\n") == 1


def test_flags_that_xla_knows_are_let_through(monkeypatch):
    monkeypatch.setenv("XLA_FLAGS", "--xla_force_host_platform_device_count=2")
    compile_cache._check_flags()


def test_a_campaign_that_is_refused_before_its_first_batch_leaves_nothing(tmp_path):
    folder = tmp_path / "new" / "campaign"

    def begin_in_vain():
        with taken_back_if_blank(folder):
            row_store.begin(folder, {"digest": "0"})
            raise InputError

    with pytest.raises(InputError):
        begin_in_vain()
    assert list(tmp_path.iterdir()) == []


def test_a_campaign_that_has_rows_or_was_begun_before_is_not_taken_back(tmp_path):
    flown, begun = tmp_path / "flown", tmp_path / "begun"
    row_store.begin(begun, {"digest": "0"})

    def break_off(folder, rows):
        with taken_back_if_blank(folder):
            row_store.begin(folder, {"digest": "0"})
            for name in rows:
                row_store.batch_file(folder, 0).with_name(name).write_bytes(b"rows")
            raise InputError

    with pytest.raises(InputError):
        break_off(flown, ["batch-0000000.parquet"])
    with pytest.raises(InputError):
        break_off(begun, [])
    assert row_store.is_begun(flown)
    assert row_store.is_begun(begun)


def test_a_second_writer_of_a_campaign_is_named(tmp_path):
    with (
        row_store.only_writer(tmp_path),
        pytest.raises(InputError, match="another process") as caught,
    ):
        row_store.check_no_writer(tmp_path)
    if Path("/proc/locks").exists():
        assert f"(pid {os.getpid()})" in str(caught.value)


def test_a_campaign_is_not_compared_with_itself(here, told, monkeypatch):
    (here / "one").mkdir()
    (here / "again").symlink_to("one")
    monkeypatch.setattr(row_store, "read_campaign", lambda folder: {"folder": folder})
    for other in ("one", "./one", "again"):
        assert "are the same folder" in refused(told, "compare", "one", other)
