import numpy as np
import pytest

from perilune.errors import InputError
from perilune.mechanics.gravity import degree_of
from perilune.truth.world.default_gravity import default_field
from perilune.truth.world.gravity_files import read_gravity

# Degree 3 of GRGM1200L, written in each of the four manners.
SHADR = """ 1.738E+03, 4.9028001218467998E+03, 0.0, 1199, 1199,    1, 0.0, 0.0
    2,    0,-9.0878251047406001E-05, 0.0, 0.0, 0.0
    2,    1,-6.8601760678635003E-09,-2.5997279225249000E-10, 0.0, 0.0
    2,    2, 3.4E-05, 1.6E-10, 0.0, 0.0
"""
COLUMNS = """# GM_km3_s2 4902.8001218467998   R_km 1738.0   nmax 2
   2    0 -9.0878251047406001E-05  0.0
   2    1 -6.8601760678635003E-09 -2.5997279225249000E-10
   2    2  3.4E-05 1.6E-10
"""
COF = """COMMENT   5
POTFIELD  2  2  0 4.9028001218467998e+12 1.73800000000000e+06 1.00000000000000e+00
RECOEF    2  0   -9.08782510474060e-05
RECOEF    2  1   -6.86017606786350e-09-2.59972792252490e-10
RECOEF    2  2    3.40000000000000e-05 1.60000000000000e-10
END
"""
GFC = """begin_of_head ====
gravity_constant              4.9028001218467998e+12
radius                        1.7380000000D+06
norm                          fully_normalized
end_of_head ====
gfc  2  0 -9.0878251047406001D-05  0.0 0.0 0.0
gfc  2  1 -6.8601760678635003e-09 -2.5997279225249000e-10 0.0 0.0
gfc  2  2  3.4e-05 1.6e-10 0.0 0.0
"""
MANNERS = {"a.tab": SHADR, "b.sha": COLUMNS, "c.sha": SHADR, "d.cof": COF, "e.gfc": GFC}


def written(folder, name, text):
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", MANNERS)
def test_every_manner_of_writing_gives_the_same_field(tmp_path, name):
    field = read_gravity(written(tmp_path, name, MANNERS[name]))
    assert float(field.gm_m3_s2) == pytest.approx(4902.8001218467998e9, rel=1e-15)
    assert float(field.radius_m) == 1_738_000.0
    expected = [[1.0, 0, 0], [0, 0, 0], [-9.08782510474060e-05, -6.86017606786350e-09, 3.4e-05]]
    np.testing.assert_allclose(field.cosine, expected, rtol=1e-14)
    np.testing.assert_allclose(field.sine[2], [0.0, -2.59972792252490e-10, 1.6e-10], rtol=1e-14)


WRONG = [
    ("a.tab", SHADR.replace("-6.86", "minus6.86"), r"a\.tab:3: must give n m C S"),
    ("a.tab", SHADR.replace("1199,    1,", "1199,    0,"), r"a\.tab:1: .*normalised"),
    ("a.tab", SHADR.replace("    2,    1,", "    1,    2,"), r"a\.tab:3: .*0 <= order <= degree"),
    ("b.sha", COLUMNS.replace("GM_km3_s2", "GM"), r"b\.sha:1: must give GM and R"),
    ("b.sha", COLUMNS.replace("3.4E-05", "nan"), r"b\.sha:4: must give n m C S"),
    ("b.sha", COLUMNS.replace("   2    1", "   2    2"), r"n = 2, m = 1 is missing"),
    ("d.cof", COF.replace("POTFIELD", "POTENTIAL"), r"d\.cof:1: must give POTFIELD"),
    ("e.gfc", GFC.replace("fully_normalized", "unnormalized"), r"e\.gfc:4: .*normalised"),
    ("e.gfc", GFC.replace("radius ", "r "), r"e\.gfc:1: must give .*radius"),
    ("f.txt", SHADR, r"must be a \.sha, \.tab, \.cof or \.gfc file"),
    ("b.sha", "", r"b\.sha:1: must give GM and R"),
]


@pytest.mark.parametrize(("name", "text", "expected"), WRONG)
def test_what_is_wrong_is_named_with_its_line(tmp_path, name, text, expected):
    with pytest.raises(InputError, match=expected):
        read_gravity(written(tmp_path, name, text))


def test_a_degree_the_file_does_not_reach_is_refused(tmp_path):
    path = written(tmp_path, "a.tab", SHADR)
    assert degree_of(read_gravity(path, 2)) == 2
    with pytest.raises(InputError, match="0 to the file's 2 must be asked for, but it is 50"):
        read_gravity(path, 50)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.gfc.*No such file"):
        read_gravity(tmp_path / "none.gfc")


def test_the_published_fields_are_read_whole(data_folder):
    degrees = {
        "grgm660prim_150.sha": 150,
        "LP165P.cof": 165,
        "gggrx_1200l_sha_20x20.tab": 20,
        "GrazLGM300c_12x12.gfc": 12,
    }
    fields = {name: read_gravity(data_folder / "gravity" / name) for name in degrees}
    assert {name: degree_of(field) for name, field in fields.items()} == degrees
    # C31, the Moon's largest odd term: four solutions of two agencies agree to a part in 300.
    for field in fields.values():
        assert float(field.cosine[3, 1]) == pytest.approx(2.6368e-5, rel=3e-3)


def test_two_grail_solutions_agree_as_their_publishers_found(data_folder):
    prim = read_gravity(data_folder / "gravity/grgm660prim_150.sha", 20)
    late = read_gravity(data_folder / "gravity/gggrx_1200l_sha_20x20.tab")
    apart = np.hypot(prim.cosine - late.cosine, prim.sine - late.sine)
    assert np.sqrt(np.mean(apart[20] ** 2)) < 5e-10  # 2e-10 rms, the data folder's README
    assert np.max(apart[2]) < 1e-8


def test_the_built_in_field_is_the_published_one_to_degree_8(data_folder):
    published = read_gravity(data_folder / "gravity/gggrx_1200l_sha_20x20.tab", 8)
    ours = default_field()
    assert float(ours.gm_m3_s2) == pytest.approx(float(published.gm_m3_s2), rel=1e-16)
    assert float(ours.radius_m) == float(published.radius_m)
    np.testing.assert_array_equal(ours.cosine, published.cosine)
    np.testing.assert_array_equal(ours.sine, published.sine)
