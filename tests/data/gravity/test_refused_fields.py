import math
import os

import pytest

from perilune.data.default_gravity import default_field
from perilune.data.gravity.gravity_files import read_gravity
from perilune.errors import InputError
from perilune.mechanics.gravity import degree_of
from tests.data.gravity.small_fields import COF, COLUMNS, GFC, GSFC, SHADR, written

WRONG = [
    ("a.tab", SHADR.replace("-6.86", "minus6.86"), r"a\.tab:3: must give n m C S"),
    ("a.tab", SHADR.replace("1199,    1,", "1199,    0,"), r"a\.tab:1: .*normalised"),
    ("a.tab", SHADR.replace("    2,    1,", "    1,    2,"), r"a\.tab:3: .*0 <= order <= degree"),
    ("b.sha", COLUMNS.replace("GM_km3_s2", "GM"), r"b\.sha:1: must give GM and R"),
    ("b.sha", COLUMNS.replace("3.4E-05", "nan"), r"b\.sha:4: must give n m C S"),
    ("b.sha", COLUMNS.replace("2    1 -6.86017606786", "3    1 -6.86017606786"), "n = 2, m = 1 is"),
    ("d.cof", COF.replace("POTFIELD", "POTENTIAL"), r"d\.cof:1: must give POTFIELD"),
    ("e.gfc", GFC.replace("fully_normalized", "unnormalized"), r"e\.gfc:4: .*normalised"),
    ("e.gfc", GFC.replace("radius ", "r "), r"e\.gfc:1: must give .*radius"),
    ("e.gfc", GFC.replace("end_of_head", "and_of_head"), "must have `end_of_head`"),
    ("e.gfc", GFC.replace("gfc  2  2", "gfct 2  2"), "must not change with time"),
    ("e.gfc", GFC.replace("radius", "product_type topography\nradius"), "must be gravity_field"),
    ("b.sha", "# nothing\n", r"b\.sha:1: must give GM and R"),
    ("f.sha", GSFC.split("\n", 1)[1], "GM and radius must stand before the terms"),
    ("f.sha", GSFC.split("\n", 1)[0] + "\n", "but has none; fetch the file again"),
    ("p.txt", "Dear reader,\nthis is a letter.\n", "must begin with PDS SHADR's first row"),
    # Cut off within its last row: the number that is left would be a wrong one.
    ("a.tab", SHADR[: SHADR.rindex("1.6E-10")] + "1.6E-1", r"a\.tab:4: the last row must have 6"),
    ("g.sha", GSFC.replace("-9.0878251047406001E-05", "-2.0321E-04"), "the Moon's without normal"),
    ("g.sha", GSFC.replace("-9.0878251047406001E-05", "2.0321E-04"), "as if it were J2"),
]


@pytest.mark.parametrize(("name", "text", "expected"), WRONG)
def test_what_is_wrong_is_named_with_its_line(tmp_path, name, text, expected):
    with pytest.raises(InputError, match=expected):
        read_gravity(written(tmp_path, name, text))


@pytest.mark.parametrize(
    ("turned", "expected"),
    [
        (lambda m: (math.cos(0.5 * math.pi * m), 1.0), "C22 .* point to the Earth"),
        (lambda m: ((-1.0) ** m, (-1.0) ** m), "C31 .*Condon-Shortley"),
        (lambda _: (1.0, -1.0), "S31 .*to the west"),
    ],
)
def test_a_turned_or_mirrored_field_is_refused_by_its_signs(tmp_path, turned, expected):
    field = default_field()
    text = "4.9028001218468E+12 1.738E+06 8 8\n"
    for n in range(2, 9):
        for m in range(n + 1):
            of_cosine, of_sine = turned(m)
            cosine, sine = of_cosine * field.cosine[n, m], of_sine * field.sine[n, m]
            text += f"{n} {m} {float(cosine)!r} {float(sine)!r}\n"
    with pytest.raises(InputError, match=expected):
        read_gravity(written(tmp_path, "field.sha", text))


EARTH, VENUS, MARS = (
    (3.986004418e14, 6_378_136.3),
    (3.2485859e14, 6_051_000.0),
    (4.2828e13, 3.396e6),
)


MOON = (4.9028001218468e12, 1_738_000.0)


def shadr_head(first, second):
    return SHADR.replace(" 1.738E+03, 4.9028001218467998E+03", f" {first!r}, {second!r}")


def gfc_head(gm, radius, key="gravity_constant"):
    head = GFC.replace("4.9028001218467998e+12", repr(gm)).replace("1.7380000000D+06", repr(radius))
    return head.replace("gravity_constant", key)


def cof_head(gm, radius):
    return COF.replace("4.9028001218467998e+12 1.73800000000000e+06", f"{gm!r} {radius!r}")


def columns_head(gm, radius):
    return COLUMNS.replace("4902.8001218467998", repr(gm)).replace("1738.0", repr(radius))


def gsfc_head(first, second):
    return GSFC.replace("4.9028001218467998E+12  1.738E+06", f"{first!r} {second!r}")


NOT_THE_MOON = [
    ("SI in SHADR", shadr_head(MOON[1], MOON[0]), "GM is in m3/s2 and the radius is in m"),
    ("GM before the radius", shadr_head(4902.8001218468, 1738.0), "in each other's place"),
    ("both at once", shadr_head(*MOON), "other's place and GM is in m3/s2 and the radius is in m"),
    (
        "only GM in SI",
        shadr_head(1738.0, MOON[0]),
        "but they are 4.*and 1738; GM is in m3/s2; write",
    ),
    ("only the radius in m", shadr_head(MOON[1], 4902.8), "; the radius is in m; write"),
    ("the Earth in SHADR", shadr_head(6378.1363, 398600.4418), "GM is the Earth's"),
    ("Venus in SHADR", shadr_head(6051.0, 324858.59), "GM is Venus's"),
    (
        "kilometres in ICGEM",
        gfc_head(4902.8001218468, 1738.0),
        "GM is in km3/s2 and the radius is in",
    ),
    ("ICGEM the wrong way round", gfc_head(MOON[1], MOON[0]), "in each other's place"),
    ("the Earth in ICGEM", gfc_head(*EARTH, "earth_gravity_constant"), "GM is the Earth's"),
    ("Mars in ICGEM", gfc_head(*MARS), "GM is Mars's"),
    ("kilometres in .cof", cof_head(4902.8, 1738.0), "GM is in km3/s2 and the radius is in km"),
    ("Venus in .cof", cof_head(*VENUS), "GM is Venus's"),
    ("SI under km names", columns_head(*MOON), "GM is in m3/s2 and the radius is in m"),
    ("GSFC the wrong way round", gsfc_head(MOON[1], MOON[0]), "in each other's place"),
    ("Mars in GSFC columns", gsfc_head(*MARS), "GM is Mars's"),
    ("a GM that is nobody's", gsfc_head(4.95e12, MOON[1]), "this GM is not the Moon's"),
    ("a radius that is nobody's", gsfc_head(MOON[0], 1_650_000.0), "no lunar reference radius"),
    ("a negative GM", gsfc_head(-MOON[0], MOON[1]), "this GM is not the Moon's"),
]


@pytest.mark.parametrize(
    ("text", "cause"), [row[1:] for row in NOT_THE_MOON], ids=[row[0] for row in NOT_THE_MOON]
)
def test_what_is_not_the_moons_is_refused_with_its_likely_cause(tmp_path, text, cause):
    with pytest.raises(InputError, match=cause) as refusal:
        read_gravity(written(tmp_path, "field.txt", text))
    sentence = str(refusal.value)
    assert "must be the Moon's" in sentence
    assert "\n" not in sentence


def test_published_lunar_constants_are_all_taken(tmp_path):
    """GLGM-2, LP165P, GRGM1200L and SGM100h on 1,738 km; maps' 1,737.4 km."""
    for gm, radius in ((4.90280295e12, 1.738e6), (4.902801056e12, 1.738e6), (4.9028e12, 1.7374e6)):
        read_gravity(written(tmp_path, "field.gfc", gfc_head(gm, radius)))


NO_FIELDS = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n", "is empty"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "git lfs pull"),
    "annex": (b"/annex/objects/SHA256E-s1--0.sha\n", "git annex get"),
    "page": (b"<!DOCTYPE html><html><body>404 Not Found</body></html>", "is a web page"),
    "bare page": (b"\n<HTML><head><title>403 Forbidden</title>", "is a web page"),
    "gzip": (b"\x1f\x8b\x08\x00\x00", "packed with gzip"),
    "zip": (b"PK\x03\x04\x14\x00", "packed with zip"),
    "binary": (b"\x00\x01\x02\x03" * 50, "is a binary file"),
    "utf-16": (GFC.encode("utf-16"), "is a binary file"),
}


@pytest.mark.parametrize("name", NO_FIELDS)
def test_a_file_that_is_no_text_of_a_field_is_named_for_what_it_is(tmp_path, name):
    content, what = NO_FIELDS[name]
    (tmp_path / "field.sha").write_bytes(content)
    with pytest.raises(InputError, match=what) as refusal:
        read_gravity(tmp_path / "field.sha")
    assert "\n" not in str(refusal.value)


@pytest.mark.timeout(20)
def test_a_pipe_a_folder_and_a_loop_are_refused_unopened(tmp_path):
    os.mkfifo(tmp_path / "pipe.gfc")
    (tmp_path / "loop.gfc").symlink_to(tmp_path / "loop.gfc")
    for name, what in (("pipe.gfc", "a pipe"), (".", "a folder"), ("loop.gfc", "symbolic links")):
        with pytest.raises(InputError, match=what):
            read_gravity(tmp_path / name)


def test_a_degree_the_file_does_not_reach_is_refused(tmp_path):
    path = written(tmp_path, "a.tab", SHADR)
    assert degree_of(read_gravity(path, 2)) == 2
    with pytest.raises(InputError, match="between 0 and the file's 2, but is 50"):
        read_gravity(path, 50)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"none\.gfc.*No such file"):
        read_gravity(tmp_path / "none.gfc")
