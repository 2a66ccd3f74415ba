"""Whether a folder can be written is known before anything is designed."""

import pytest

import perilune
from perilune.app.compare_campaigns import check_place
from perilune.campaign.run.disk_refusals import try_to_write
from perilune.errors import InputError


def never(*_):
    raise AssertionError("designed before the folder was tried")


def test_trying_to_write_leaves_nothing_behind(tmp_path):
    try_to_write(tmp_path / "runs" / "mine")
    assert list(tmp_path.iterdir()) == []


def test_a_campaign_is_refused_a_folder_below_a_file_before_it_is_designed(tmp_path, monkeypatch):
    (tmp_path / "taken").write_text("a file")
    monkeypatch.setattr("perilune.design.design", never)
    order = perilune.Order("athena", runs=64, out=str(tmp_path / "taken" / "mine"))
    with pytest.raises(InputError, match="taken/mine cannot be written"):
        perilune.run_campaign(order)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_sweep_or_a_comparison_is_refused_a_folder_below_a_file(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(InputError, match="taken/mine cannot be written"):
        check_place(tmp_path / "taken" / "mine", "sweep.json")
