import numpy as np
import pytest

from perilune.data.gravity.gravity_files import describe_gravity, read_gravity
from perilune.errors import InputError
from perilune.mechanics.gravity import degree_of
from tests.data.gravity.small_fields import COF, COLUMNS, GFC, GSFC, SHADR, written

MANNERS = {"a.tab": SHADR, "b.sha": COLUMNS, "c.sha": SHADR, "d.cof": COF, "e.gfc": GFC}


@pytest.mark.parametrize("name", MANNERS)
def test_every_manner_of_writing_gives_the_same_field(tmp_path, name):
    field = read_gravity(written(tmp_path, name, MANNERS[name]))
    assert float(field.gm_m3_s2) == pytest.approx(4902.8001218467998e9, rel=1e-15)
    assert float(field.radius_m) == 1_738_000.0
    expected = [[1.0, 0, 0], [0, 0, 0], [-9.08782510474060e-05, -6.86017606786350e-09, 3.4e-05]]
    np.testing.assert_allclose(field.cosine, expected, rtol=1e-14)
    np.testing.assert_allclose(field.sine[2], [0.0, -2.59972792252490e-10, 1.6e-10], rtol=1e-14)


GSFC_KM = GSFC.replace("4.9028001218467998E+12", "4.9028001218467998E+03").replace("E+06", "E+03")


PROSE = "norm of the residuals 0.1\n# gfc\ngfc\nradius of nothing\n\n"


BLANKS = SHADR.replace(",", " ")


MORE = {
    "f.sha": GSFC,
    "g.sha": GSFC_KM,
    "h.gfc": PROSE + GFC,
    "i.txt": SHADR,
    "j.tab": BLANKS,
    "k.dat": COF,
    "l.gfc": "\ufeff" + GFC,
    "m.sha": SHADR.replace("\n", "\r\n"),
    "n.sha": COLUMNS.replace(
        "GM_km3_s2 4902.8001218467998", "GM_m3_s2 4.9028001218467998e12"
    ).replace("R_km 1738.0", "R_m 1738e3"),
    "o.gfc": GFC.replace("norm                          fully_normalized\n", ""),
}
"""Further forms of the same field: GSFC's columns, prose before a head, other endings and ends."""


@pytest.mark.parametrize("name", MORE)
def test_further_forms_are_told_by_what_the_file_says(tmp_path, name):
    field = read_gravity(written(tmp_path, name, MORE[name]))
    assert float(field.gm_m3_s2) == pytest.approx(4902.8001218467998e9, rel=1e-15)
    assert float(field.radius_m) == pytest.approx(1_738_000.0, rel=1e-15)
    assert float(field.cosine[2, 0]) == pytest.approx(-9.08782510474060e-05, rel=1e-15)
    assert float(field.sine[2, 1]) == pytest.approx(-2.59972792252490e-10, rel=1e-15)


def doubled(text, change=""):
    row = next(line for line in text.splitlines() if "6.86" in line)
    return text.rstrip() + "\n" + (row.replace("6.86", change) if change else row) + "\n"


@pytest.mark.parametrize("text", [SHADR, COLUMNS, GSFC, GFC])
def test_a_term_given_twice_is_noted_and_refused_where_its_values_differ(tmp_path, text):
    assert (
        "1 term is given twice, alike"
        in describe_gravity(written(tmp_path, "field", doubled(text))).notes
    )
    with pytest.raises(InputError, match=r"n = 2, m = 1 must be given once, but line \d"):
        read_gravity(written(tmp_path, "field", doubled(text, "6.87")))


@pytest.mark.parametrize(("declared", "is_noted"), [("zero_tide", True), ("tide_free", False)])
def test_the_tide_system_is_said_and_a_permanent_tide_noted(tmp_path, declared, is_noted):
    text = GFC.replace("norm  ", f"tide_system {declared}\nnorm  ")
    described = describe_gravity(written(tmp_path, "field.gfc", text))
    assert described.tide == declared
    assert any("permanent tide" in note for note in described.notes) == is_noted
    commented = describe_gravity(written(tmp_path, "field.sha", "# C20 is tide-free\n" + COLUMNS))
    assert commented.tide == "tide-free"


def test_the_terms_of_a_file_may_stand_in_any_order(tmp_path):
    """Order by order too: reading stops early only where all terms up to the degree are there."""
    degrees = [(n, m) for m in range(7) for n in range(max(m, 2), 7)]
    rows = [
        f"{n} {m} {-9.088e-5 if (n, m) == (2, 0) else 1e-6 * n + 1e-8 * m!r} 0.0"
        for n, m in degrees
    ]
    head = "4.9028e12 1738000 6 6\n"
    whole = read_gravity(written(tmp_path, "a.sha", head + "\n".join(rows)))
    part = read_gravity(written(tmp_path, "a.sha", head + "\n".join(rows)), 4)
    np.testing.assert_array_equal(part.cosine, whole.cosine[:5, :5])
    assert degree_of(whole) == 6


def test_a_large_field_is_read_as_a_small_one_is(tmp_path):
    """NumPy reads many rows at once; with one row spelt its own way each is read alone."""
    degrees = [(n, m) for n in range(2, 221) for m in range(n + 1)]
    rows = [
        f"{n} {m} {-9.088e-5 if (n, m) == (2, 0) else 1e-6 / n + 1e-8 * m!r} {1e-9 * m!r}"
        for n, m in degrees
    ]
    assert len(rows) > 20_000
    head = "4.9028e12 1738000 220 220\n"
    fast = read_gravity(written(tmp_path, "a.sha", head + "\n".join(rows)))
    rows[-1] = rows[-1].replace("e-0", "D-0")
    slow = read_gravity(written(tmp_path, "b.sha", head + "\n".join(rows)))
    np.testing.assert_array_equal(fast.cosine, slow.cosine)
    np.testing.assert_array_equal(fast.sine, slow.sine)


def test_a_head_that_promises_more_than_the_file_holds_is_noted(tmp_path):
    described = describe_gravity(written(tmp_path, "a.tab", SHADR))
    assert described.notes == ("the head declares degree 1199, the file holds 2",)
    assert described.degree == 2
    assert described.normalisation == "4-pi, as declared"
