"""The picture of a lander, from a name to the file."""

from dataclasses import dataclass
from pathlib import Path

from perilune.errors import InputError
from perilune.folders import Folders, expanded, unlike_file

PAGE, PICTURE = ".html", ".svg"
OURS = 'class="view'
"""Stands in each drawing, and so tells one that may be replaced."""


@dataclass(frozen=True)
class Asked:
    """What is drawn: a lander or a mission, and with how much propellant its tanks are full."""

    name: str
    settings: tuple[str, ...] = ()
    propellant_kg: float | None = None
    """None: what the mission gives them."""


def draw_and_write(asked: Asked, out: str | None, folders: Folders) -> tuple[Path, tuple[str, ...]]:
    """(the file written, what is wrong with the lander although it could be drawn).

    Without `out` the file is `<lander>.html` here: a page with three views and tables. With a name
    that ends in `.svg` it is the views alone. Raises InputError for what a user can correct.
    """
    from perilune.atomic_files import replace_file
    from perilune.mission.lander_file import lander_of
    from perilune.report.drawing.lander_parts import Subject
    from perilune.report.pages.lander_page import lander_html, lander_svg

    found = lander_of(asked.name, asked.settings, folders)
    place = expanded(out or f"{found.lander.name}{PAGE}", "--out")
    _check(place)
    full_kg = found.propellant_kg if asked.propellant_kg is None else asked.propellant_kg
    subject = Subject(lander=found.lander, propellant_kg=full_kg)
    made = lander_svg if place.suffix == PICTURE else lander_html
    text = made(subject, asked.name)
    try:
        replace_file(place, lambda aside: aside.write_text(text, encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{place} cannot be written ({error.strerror}); name another with --out."
        ) from error
    return place, found.mistakes


def _check(place: Path) -> None:
    if place.suffix not in (PAGE, PICTURE):
        raise InputError(f"--out must end in {PAGE} or {PICTURE}, but is `{place}`.")
    if not place.parent.is_dir():
        raise InputError(f"{place} must be in a folder that is there; make {place.parent} first.")
    if place.exists() and (unlike_file(place) or OURS.encode() not in place.read_bytes()):
        raise InputError(
            f"{place} is there already and is no drawing; name another file with --out."
        )
