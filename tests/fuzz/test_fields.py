"""Gravity fields in every form give their coefficients; broken ones are refused or the Moon's."""

import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from perilune.data.gravity.gravity_files import describe_gravity, read_described, read_gravity
from perilune.errors import InputError
from tests.fuzz.ground import broken, broken_lines, edits

GM_M3_S2, C20 = 4.9028001218467998e12, -9.0878251047406001e-05
LARGEST_TERM = 1e-3
"""No normalised term of the Moon is a tenth of this, C20 aside not a twentieth."""


@st.composite
def fields(draw):
    """(radius, GM, rows): a row is degree, order, cosine, sine, as the text of a file has them."""
    degree = draw(st.integers(2, 5))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    rows = []
    for n in range(draw(st.sampled_from((0, 1, 2))), degree + 1):
        for m in range(n + 1):
            cosine, sine = random.normal(0.0, 1e-5 / n**2, 2) if n > 1 else (0.0, 0.0)
            cosine = {(0, 0): 1.0, (2, 0): C20}.get((n, m), cosine)
            rows.append((n, m, float(cosine), float(sine) if m else 0.0))
    if draw(st.booleans()):  # order by order
        rows.sort(key=lambda row: (row[1], row[0]))
    return draw(st.sampled_from((1.738e6, 1.7374e6))), GM_M3_S2, rows


styles = st.fixed_dictionaries(
    {
        "exponent": st.sampled_from(("e", "E", "D", "d")),
        "comma": st.booleans(),
        "errors": st.booleans(),
        "newline": st.sampled_from(("\n", "\r\n")),
        "blank": st.booleans(),
        "end": st.booleans(),
        "mark": st.booleans(),
        "km": st.booleans(),
        "tide": st.sampled_from((None, "tide_free", "zero_tide")),
        "prose": st.sampled_from(("", "norm of nothing 1.0", "gfc 2 0 5.0 5.0", "radius 7")),
    }
)


def number(value, style):
    return repr(float(value)).replace("e", style["exponent"])


def _rows(field, style, separator):
    spare = ["0.0", "0.0"] if style["errors"] else []
    return [
        separator.join([f"{n:5d}", f"{m:5d}", number(c, style), number(s, style), *spare])
        for n, m, c, s in field[2]
    ]


def shadr(field, style):
    radius_m, gm_m3_s2, rows = field
    separator = "," if style["comma"] else "  "
    constants = [number(radius_m / 1e3, style), number(gm_m3_s2 / 1e9, style), "0.0"]
    degree = str(max(row[0] for row in rows))
    return [
        separator.join([*constants, degree, degree, "1", "0.0", "0.0"]),
        *_rows(field, style, separator),
    ]


def gsfc(field, style):
    radius_m, gm_m3_s2, rows = field
    one = 1e3 if style["km"] else 1.0
    degree = str(max(row[0] for row in rows))
    head = [number(gm_m3_s2 / one**3, style), number(radius_m / one, style), degree, degree]
    return ["  ".join(head), *_rows(field, style, "  ")]


def columns(field, style):
    radius_m, gm_m3_s2, _ = field
    named = f"# GM_km3_s2 {gm_m3_s2 / 1e9!r} R_km {radius_m / 1e3!r}"
    if not style["km"]:
        named = f"# GM_m3_s2 {gm_m3_s2!r}\n# R_m {radius_m!r}"
    tide = [f"# C20 is {style['tide']}"] if style["tide"] else []
    return [*named.split("\n"), *tide, *_rows(field, style, "," if style["comma"] else " ")]


def cof(field, style):
    radius_m, gm_m3_s2, rows = field
    style = style | {"exponent": "e"}
    degree = max(row[0] for row in rows)
    head = f"POTFIELD{degree:3d}{degree:3d}  0 {gm_m3_s2:.16e} {radius_m:.14e} 1.00000000000000e+00"
    lines = [f"RECOEF  {n:3d}{m:3d}   {c:21.14e}{s:21.14e}" for n, m, c, s in rows]
    return ["COMMENT   1", head, *lines, "END"]


def gfc(field, style):
    radius_m, gm_m3_s2, rows = field
    prose = [style["prose"], "begin_of_head ======="] if style["prose"] else []
    tide = [f"tide_system   {style['tide']}"] if style["tide"] else []
    lines = [
        "product_type  gravity_field",
        f"gravity_constant  {number(gm_m3_s2, style)}",
        f"radius   {number(radius_m, style)}",
        f"max_degree  {max(row[0] for row in rows)}",
        "norm   fully_normalized",
        *tide,
        "end_of_head =======",
    ]
    return [*prose, *lines, *(f"gfc {row}" for row in _rows(field, style, "  "))]


FORMS = {each.__name__: each for each in (shadr, gsfc, columns, cof, gfc)}


@given(
    form=st.sampled_from(sorted(FORMS)),
    field=fields(),
    style=styles,
    ending=st.sampled_from((".sha", ".tab", ".txt", ".gfc", ".cof", "")),
)
def test_a_field_in_any_form_gives_its_coefficients(form, field, style, ending):
    lines = FORMS[form](field, style) + [""] * style["blank"]
    text = style["newline"].join(lines) + style["newline"] * style["end"]
    radius_m, gm_m3_s2, rows = field
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"field{ending}")
        path.write_bytes(b"\xef\xbb\xbf" * style["mark"] + text.encode())
        found, said = read_described(path)
        lower = read_gravity(path, 2)
    exact = 1e-14 if form == "cof" else 1e-15
    np.testing.assert_allclose(found.gm_m3_s2, gm_m3_s2, rtol=1e-15)
    np.testing.assert_allclose(found.radius_m, radius_m, rtol=1e-15)
    assert said.degree == max(row[0] for row in rows)
    for n, m, c, s in rows:
        np.testing.assert_allclose([found.cosine[n, m], found.sine[n, m]], [c, s], rtol=exact)
    np.testing.assert_array_equal(lower.cosine, found.cosine[:3, :3])
    if style["tide"] and form in ("columns", "gfc"):
        assert said.tide == style["tide"]


PLAIN = {"exponent": "E", "comma": False, "errors": True, "km": False, "tide": "tide_free"}
RIGHT = (1.738e6, GM_M3_S2, [(2, 0, C20, 0.0), (2, 1, -6.86e-9, -2.6e-10), (2, 2, 3.4e-5, 1.6e-10)])
RIGHT[2].extend((3, m, 2.6e-5 / (m + 1), 5e-6 * m / (m + 1)) for m in range(4))
TEXTS = {
    name: "\n".join(form(RIGHT, PLAIN | {"prose": "A field."})) + "\n"
    for name, form in FORMS.items()
}


@given(form=st.sampled_from(sorted(FORMS)), changes=edits, in_lines=st.booleans())
def test_a_broken_field_is_refused_in_a_sentence_or_the_moons(form, changes, in_lines):
    text = broken_lines(TEXTS[form], changes).encode("latin-1") if in_lines else None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "field.sha")
        path.write_bytes(text or broken(TEXTS[form].encode(), changes))
        assert_refused_or_the_moons(path)


NUMBERS = ("nan", "inf", "-1", "0", "1e400", "1e-400", "9" * 30, "", "1.5", "0x10", "1_0", "½", "-")


@given(
    form=st.sampled_from(sorted(FORMS)),
    place=st.integers(0, 10_000),
    value=st.one_of(
        st.sampled_from(NUMBERS),
        st.floats().map(repr),
        st.integers(-3_000, 3_000).map(str),
        st.text(max_size=6),
    ),
)
def test_a_field_with_another_number_is_refused_in_a_sentence_or_the_moons(form, place, value):
    words = TEXTS[form].split(" ")
    at = [i for i, word in enumerate(words) if any(letter.isdigit() for letter in word)]
    words[at[place % len(at)]] = value
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "field.gfc")
        path.write_text(" ".join(words), encoding="utf-8", errors="replace")
        assert_refused_or_the_moons(path)


def assert_refused_or_the_moons(path):
    """One sentence, or a field of the Moon's GM and radius whose terms a near sphere can have."""
    try:
        field, said = read_described(path)
    except InputError as error:
        sentence = str(error)
        assert "\n" not in sentence
        assert path.name in sentence
        assert sentence.endswith("."), sentence
        return
    assert abs(float(field.gm_m3_s2) / GM_M3_S2 - 1.0) < 2e-4
    assert abs(float(field.radius_m) / 1.738e6 - 1.0) < 2e-3
    cosine, sine = np.array(field.cosine), np.array(field.sine)
    assert cosine[0, 0] == 1.0
    assert np.isfinite(cosine).all()
    assert np.isfinite(sine).all()
    assert max(np.abs(cosine[1:]).max(initial=0.0), np.abs(sine).max()) <= LARGEST_TERM
    moved = said.degree > 1 and not np.isclose(said.c20, C20, rtol=0.03)
    assert said.notes or not moved


def test_the_whole_fields_are_read_without_a_note():
    with tempfile.TemporaryDirectory() as folder:
        for name, text in TEXTS.items():
            path = Path(folder, name)
            path.write_text(text)
            assert describe_gravity(path).notes == (), name
