"""A plan in a file: read back to the bit, and refused where it is anything else."""

import io
import json
import pickle
import zipfile

import jax
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perilune import load_mission
from perilune.design.plan_archive import ARRAY, HEADER, MISSION
from perilune.design.plan_file import (
    OTHER_CODE,
    check_plan_file,
    read_plan,
    write_or_refuse,
    write_plan,
)
from perilune.design.plan_hash import plan_sha256
from perilune.design.prepared import prepare
from perilune.design.replaced_truth import with_truth
from perilune.errors import InputError
from perilune.folders import Folders
from perilune.mission import resolved_text
from perilune.mission.load import try_to_load
from perilune.mission.settings import leaves

CHANGED = ("truth.lander.engine.max_thrust=3.96 kN", "belief.lander.velocimeter.noise=0.03 m/s")
LEAF = "upload.vehicle.start_mass_kg"


@pytest.fixture(scope="session")
def prepared():
    """A mission with a fault and with truth and belief apart, on made-up ground."""
    return prepare(load_mission("athena", CHANGED, ["altimeter-noisy"], Folders()))


@pytest.fixture(scope="session")
def plan_file(prepared, tmp_path_factory):
    path = tmp_path_factory.mktemp("plans") / "athena.plan"
    write_plan(prepared, path)
    return path


@pytest.fixture(scope="session")
def members(plan_file):
    """{name: content} of everything in the file."""
    with zipfile.ZipFile(plan_file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def with_header(members, **changes):
    header = json.loads(members[HEADER]) | changes
    return members | {HEADER: json.dumps(header).encode()}


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def test_a_plan_is_read_back_to_the_bit_with_its_mission(prepared, plan_file):
    back = read_plan(plan_file)
    assert jax.tree.structure(back.plan) == jax.tree.structure(prepared.plan)
    for one, other in zip(jax.tree.leaves(back.plan), jax.tree.leaves(prepared.plan), strict=True):
        assert one.aval == other.aval
        assert np.asarray(one).tobytes() == np.asarray(other).tobytes()
    assert back.plan_sha256 == prepared.plan_sha256 == plan_sha256(prepared.plan)
    for name in ("epoch", "terrain", "gravity_name", "notes", "files", "data_folder"):
        assert getattr(back, name) == getattr(prepared, name), name
    assert (prepared.plan_file, back.plan_file) == (None, str(plan_file))
    assert resolved_text(back.mission) == resolved_text(prepared.mission)
    assert dict(leaves(back.mission.written)) == dict(leaves(prepared.mission.written))
    assert list(back.mission.faults) == ["altimeter-noisy"]
    for side in ("in_truth", "as_believed"):
        own, was = getattr(back.mission, side), getattr(prepared.mission, side)
        assert own.model_dump() == was.model_dump()


def test_a_plan_with_a_truth_that_no_design_is_made_for_is_read_back(prepared, tmp_path):
    """A centre of mass that no gimbal reaches: an envelope flies it, and it is replayed."""
    beyond = (*CHANGED, "truth.lander.mass.dry_center_of_mass.0=9 cm")
    mission, mistakes = try_to_load("athena", beyond, ["altimeter-noisy"], Folders())
    assert "gimbal_limit" in mistakes[0]
    write_plan(with_truth(prepared, mission), tmp_path / "beyond.plan")
    back = read_plan(tmp_path / "beyond.plan")
    assert back.mission.in_truth.lander.mass.dry_center_of_mass_m[0] == 0.09
    assert back.plan.numbers.lander.mass.dry_center_of_mass_m[0] == 0.09


def test_nothing_is_designed_and_no_spice_is_called_to_read_it(plan_file, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("designed")

    monkeypatch.setattr("perilune.design.prepared.design", refuse)
    monkeypatch.setattr("spiceypy.furnsh", refuse)
    for name in ("pinv", "inv", "solve", "eigvals", "norm"):
        monkeypatch.setattr(np.linalg, name, refuse)
    assert read_plan(plan_file).mission.name == "athena"


def test_any_reader_of_zip_and_npy_reads_it(prepared, plan_file):
    with np.load(plan_file, allow_pickle=False) as arrays:
        assert float(arrays[LEAF]) == float(prepared.plan.upload.vehicle.start_mass_kg)
    with zipfile.ZipFile(plan_file) as archive:
        assert archive.namelist()[:2] == [HEADER, MISSION]
        assert archive.read(MISSION).decode() == resolved_text(prepared.mission)
        assert json.loads(archive.read(HEADER))["plan_sha256"] == prepared.plan_sha256


def test_a_file_that_is_cut_short_is_refused(plan_file, tmp_path):
    short = tmp_path / "short.plan"
    short.write_bytes(plan_file.read_bytes()[:1_000_000])
    with pytest.raises(
        InputError, match="it is cut short, changed, or another file; copy it again"
    ):
        read_plan(short)


def test_a_path_without_a_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"There is no plan file .*; check the path"):
        read_plan(tmp_path / "none.plan")
    with pytest.raises(InputError, match="is a folder; check the path"):
        read_plan(tmp_path)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": 2}, "is a plan of format 2 by Perilune .* or install that version"),
        ({"perilune": "0.0.9"}, "by Perilune 0.0.9, but this is format 1 by Perilune"),
        ({"plan_sha256": "0" * 64}, "the hash of its plan is wrong; copy it again"),
        ({"mission_sha256": "0" * 64}, "the hash of its mission.toml is wrong; copy it again"),
        ({"epoch": None}, "`epoch` of its plan.json"),
        ({"structure": {"keys": {}}}, "its plan cannot be put together"),
        ({"structure": {"record": "os:system", "fields": {}, "words": {}}}, "put together"),
        ({"more": 1}, "`more` of its plan.json"),
    ],
)
def test_a_header_that_is_another_is_refused(members, tmp_path, changes, sentence):
    path = written(tmp_path / "other.plan", with_header(members, **changes))
    with pytest.raises(InputError, match=sentence):
        read_plan(path)


def test_a_plan_by_other_code_of_this_version_is_flown_with_a_note(prepared, members, tmp_path):
    path = written(tmp_path / "other.plan", with_header(members, code="0" * 64))
    assert read_plan(path).notes == (*prepared.notes, OTHER_CODE)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (LEAF + ARRAY, npy(np.float64(1900.0)), "the hash of its plan is wrong"),
        (LEAF + ARRAY, npy(np.float32(1900.0)), f"`{LEAF}` must be <f8"),
        (LEAF + ARRAY, npy(np.zeros(3)), f"`{LEAF}` must be <f8"),
        (LEAF + ARRAY, b"1900", "cannot be read as a plan"),
        (LEAF + ARRAY, npy(np.zeros((2, 3), order="F")), "stored by columns"),
        (MISSION, b"schema = 1", "the hash of its mission.toml is wrong"),
        (HEADER, b"{", "cannot be read as a plan"),
        (HEADER, b"[" * 100_000, "cannot be read as a plan"),
        (HEADER, b"[1]", r"its plan\.json is no table"),
    ],
)
def test_other_content_is_refused(members, tmp_path, name, content, sentence):
    path = written(tmp_path / "other.plan", members | {name: content})
    with pytest.raises(InputError, match=sentence):
        read_plan(path)


@pytest.mark.parametrize("name", [LEAF + ARRAY, MISSION, HEADER])
def test_what_is_not_there_is_named(members, tmp_path, name):
    rest = {each: content for each, content in members.items() if each != name}
    with pytest.raises(InputError, match=name):
        read_plan(written(tmp_path / "less.plan", rest))


class Trap:
    """What a pickle would run."""

    def __reduce__(self):
        """Make a file."""
        return open, ("trapped", "w")


def test_a_pickle_in_it_is_not_run(members, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = io.BytesIO()
    np.lib.format.write_array(file, np.array([Trap()], dtype=object), allow_pickle=True)
    for content in (file.getvalue(), pickle.dumps(Trap())):
        path = written(tmp_path / "trap.plan", members | {LEAF + ARRAY: content})
        with pytest.raises(InputError, match="cannot be read as a plan"):
            read_plan(path)
    assert not (tmp_path / "trapped").exists()


def test_an_array_that_claims_to_be_huge_takes_no_memory(members, tmp_path):
    header = str({"descr": "<f8", "fortran_order": False, "shape": (10**12,)}).ljust(117) + "\n"
    content = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode()
    path = written(tmp_path / "huge.plan", members | {LEAF + ARRAY: content})
    with pytest.raises(InputError, match="cannot be read as a plan"):
        read_plan(path)


def test_a_plan_of_another_mission_is_refused(prepared, tmp_path):
    """The thrust is another in the mission than in the plan, and all hashes are right."""
    import dataclasses

    other = load_mission("athena", ["lander.engine.max_thrust=3.5 kN"], ["altimeter-noisy"])
    mixed = tmp_path / "mixed.plan"
    write_plan(dataclasses.replace(prepared, mission=other), mixed)
    with pytest.raises(InputError, match=r"its plan is not of its mission\.toml"):
        read_plan(mixed)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_file_with_a_changed_byte_is_refused_or_is_the_same_plan(
    plan_file, prepared, tmp_path, data
):
    """Only what ZIP keeps beside the content, dates and the like, may change unnoticed."""
    raw = bytearray(plan_file.read_bytes())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    broken = tmp_path / "broken.plan"
    broken.write_bytes(raw)
    try:
        back = read_plan(broken)
    except InputError:
        return
    assert back.plan_sha256 == plan_sha256(back.plan) == prepared.plan_sha256


def test_a_file_that_cannot_be_written_is_refused_and_what_was_there_stays(
    prepared, plan_file, tmp_path, monkeypatch
):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    path, before = tmp_path / "athena.plan", plan_file.read_bytes()
    path.write_bytes(before)
    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(
        InputError, match=r"athena.plan cannot be written \(No space left on device"
    ):
        write_or_refuse(prepared, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_plan_does_not_replace_what_is_no_plan(plan_file, tmp_path):
    check_plan_file(plan_file)
    check_plan_file(tmp_path / "new.plan")
    (tmp_path / "thesis.tex").write_text("years")
    with pytest.raises(InputError, match="is no plan; name another file with --out"):
        check_plan_file(tmp_path / "thesis.tex")
    with pytest.raises(InputError, match="is no plan; name another file with --out"):
        check_plan_file(tmp_path)
    with pytest.raises(InputError, match=r"must be in a folder that is there; make .* first"):
        check_plan_file(tmp_path / "no" / "new.plan")
