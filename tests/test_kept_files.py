"""Bytes kept between runs: made once, and again where damaged or made otherwise."""

import pytest

from perilune.kept_files import ENDING, kept_bytes


@pytest.fixture
def made():
    """What was made so far."""
    return []


def asked(folder, made, key="a key", making="this code"):
    def make():
        made.append(key)
        return f"{key} by {making}, {len(made)}".encode()

    return kept_bytes(folder, key, making, make)


def test_what_is_kept_is_made_once(tmp_path, made):
    first = asked(tmp_path, made)
    assert asked(tmp_path, made) == first
    assert len(made) == 1


def test_another_key_has_a_file_of_its_own(tmp_path, made):
    assert asked(tmp_path, made) != asked(tmp_path, made, key="another")
    assert len(list(tmp_path.glob("*" + ENDING))) == 2


def test_what_other_code_made_is_written_over(tmp_path, made):
    asked(tmp_path, made)
    changed = asked(tmp_path, made, making="other code")
    assert asked(tmp_path, made, making="other code") == changed
    assert len(made) == 2
    assert len(list(tmp_path.glob("*" + ENDING))) == 1


@pytest.mark.parametrize("damage", [lambda whole: whole[:-1], lambda whole: whole[:50], bytes])
def test_a_file_that_is_damaged_counts_as_none(tmp_path, made, damage):
    asked(tmp_path, made)
    (path,) = tmp_path.glob("*" + ENDING)
    path.write_bytes(damage(path.read_bytes()) if damage is not bytes else b"")
    assert asked(tmp_path, made).endswith(b"2")
    assert asked(tmp_path, made).endswith(b"2")


def test_nothing_is_kept_without_a_folder_or_where_it_cannot_be_made(tmp_path, made):
    (tmp_path / "file").write_text("no folder")
    for folder in (None, tmp_path / "file" / "kept"):
        before = len(made)
        asked(folder, made)
        asked(folder, made)
        assert len(made) == before + 2
