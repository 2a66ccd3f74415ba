"""What a script hands over in the wrong form is one sentence, and never done in silence."""

import pytest

import perilune
from perilune import InputError, Order, load_mission, run_key
from perilune.campaign.request import check_order


@pytest.mark.parametrize("name", ["settings", "faults"])
@pytest.mark.parametrize("given", ["criteria.miss=50 m", [3]])
def test_one_text_in_place_of_a_list_is_named(name, given):
    with pytest.raises(InputError, match=f"`{name}` must be a list of texts, but is"):
        load_mission("athena", **{name: given})


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("runs", "64"),
        ("runs", 64.5),
        ("seed", None),
        ("seed", True),
        ("require", "0.9"),
        ("confidence", None),
        ("workers", 1.5),
        ("cluster", 3),
        ("out", b"x"),
        ("mission", 3),
        ("plan", 3),
    ],
)
def test_a_field_of_an_order_in_the_wrong_form_is_named(name, given):
    with pytest.raises(InputError, match=f"`{name}` of an order must be"):
        check_order(Order(**{"mission": "athena", name: given}))


def test_an_order_names_a_mission_or_a_plan():
    with pytest.raises(InputError, match="MISSION must name a mission"):
        check_order(Order())
    with pytest.raises(InputError, match="give one of the two"):
        check_order(Order("athena", plan="athena.plan"))
    check_order(Order(plan="athena.plan"))


@pytest.mark.parametrize(("seed", "run"), [(-1, 0), (0, -1), (2**32, 0), (0, 2**32)])
def test_a_seed_or_run_beyond_32_bits_is_refused(seed, run):
    with pytest.raises(InputError, match="must lie between 0 and 4294967295"):
        run_key(seed, run)


def test_the_public_names_are_what_the_page_says_they_are():
    assert perilune.__version__
    assert all(hasattr(perilune, name) for name in perilune.__all__)
