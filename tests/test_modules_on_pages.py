"""Every module that a page names is there."""

import re

import pytest

from tests.test_docs import PAGES, ROOT, name_of, prose

PACKAGE = ROOT / "src" / "perilune"
FILES = [
    str(path)
    for folder in ("src", "tests", "tools", "validation", "benchmarks", "examples")
    for path in (ROOT / folder).rglob("*.py")
]


def modules_not_there(page):
    """Names of modules on a page that no file has: paths, and names in the sentence on top.

    On top of a page of docs/understand a full name is followed by the names of others near it.
    """
    text = prose(page)
    paths = re.findall(r"`((?:\w+/)*\w+\.py)`", text)
    absent = [path for path in paths if not any(file.endswith(f"/{path}") for file in FILES)]
    top = re.search(r"^\*([^*]*`perilune\.[^*]*)\*$", text, re.MULTILINE)
    place = PACKAGE
    for name in re.findall(r"`([a-z]\w*(?:\.\w+)*)`", top[1] if top else ""):
        if name.startswith("perilune."):
            place = PACKAGE.joinpath(*name.split(".")[1:])
            found = place.is_dir() or place.with_suffix(".py").is_file()
        else:
            near = PACKAGE / place.relative_to(PACKAGE).parts[0]
            found = any(each.stem == name for each in near.rglob("*"))
        absent += [] if found else [name]
    return absent


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_module_named_on_a_page_is_there(page):
    if page.name != "CHANGELOG.md":
        assert modules_not_there(page) == []


def test_the_name_of_a_module_that_is_gone_is_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("*`perilune.design`: `course`, `upload`; `perilune.gone`.*\n\n`spice.py`\n")
    assert modules_not_there(page) == ["spice.py", "upload", "perilune.gone"]
