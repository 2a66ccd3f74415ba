"""The page of a lander's drawing: three views to scale, and the tables they are drawn from."""

from collections.abc import Iterator

from markupsafe import Markup

from perilune.mission.propulsion import engines_of, nozzles_of
from perilune.report.drawing.lander_parts import Centers, Subject, centers_of
from perilune.report.drawing.lander_views import views_of
from perilune.report.drawing.vector_drawing import LEGEND, Drawing, drawing_of, sheet_svg
from perilune.report.figures.figure import Words
from perilune.report.pages.content import Section
from perilune.report.pages.lander_tables import (
    engines_table,
    masses_table,
    nozzles_table,
    sensors_table,
)
from perilune.report.pages.page_shell import Head, page_html

CAPTIONS = {
    "side-x": "Seen along +y. Legs are drawn with their struts, or from the hull's lower edge to "
    "the pads where the file has none; the dashed line is the ground once all legs have crushed "
    "by their stroke.",
    "side-y": "Seen along -x, from ahead. An arrow that points at you is a circle with a dot, one "
    "that points away a circle with a cross.",
    "top": "Seen along -z. Numbers at the pads are those of the legs; the dashed circle is that of "
    "`tread_radius`.",
}


def lander_html(subject: Subject, origin: str) -> str:
    """The whole page; `origin` is what was drawn, as it was named."""
    lander, centers = subject.lander, centers_of(subject)
    return page_html(
        _head(subject, centers, origin),
        [
            Section("drawing", "Drawing", [*_drawings(subject)]),
            Section("masses", "Masses and tanks", [masses_table(subject, centers)]),
            Section("engines", "Engines", [engines_table(lander, centers)]),
            Section("nozzles", "Nozzles", [nozzles_table(lander, centers)]),
            Section("sensors", "Sensors", [sensors_table(lander)]),
        ],
    )


def lander_svg(subject: Subject, origin: str) -> str:
    """The three views alone, as one SVG."""
    return sheet_svg(views_of(subject), subject.lander.title, f"{origin}. {_sentence(subject)}")


def _drawings(subject: Subject) -> Iterator[Drawing]:
    for drawn in views_of(subject):
        yield drawing_of(drawn, CAPTIONS[drawn.view.key])
    yield Drawing(Words("key", "Key", _undrawn(subject)), Markup(""), LEGEND)


def _head(subject: Subject, centers: Centers, origin: str) -> Head:
    lander = subject.lander
    thrust_kn = sum(each.max_thrust_n for each in engines_of(lander).values()) / 1e3
    full = [] if centers.full_kg is None else [(f"{centers.full_kg:.0f} kg", "full")]
    return Head(
        kind="drawing",
        title=lander.title,
        tone="open",
        headline=f"Lander {lander.name}",
        sentence=_sentence(subject),
        run=origin,
        tiles=(
            (f"{lander.hull.top_height_m:g} m", "to the top of the hull"),
            (f"{2.0 * lander.legs.tread_radius_m:g} m", "across the pads"),
            (f"{centers.empty_kg:.0f} kg", "empty, with payload and cold gas"),
            *full,
            (f"{thrust_kn:g} kN", f"full thrust, of {len(engines_of(lander))}"),
            (f"{len(nozzles_of(lander))}", "nozzles"),
        ),
    )


def _sentence(subject: Subject) -> str:
    how_full = (
        f"Full tanks hold {subject.propellant_kg:.0f} kg, the liquids settled on their floors."
        if subject.propellant_kg is not None
        else "How full its tanks are is in a mission: draw one, or give --propellant, to see the "
        "full centre of mass beside the empty one."
    )
    return (
        "Three views to one scale, in the body frame: origin at the centre of the plane of the "
        f"footpads, +z up along the thrust. {how_full}"
    )


def _undrawn(subject: Subject) -> str:
    """What the file has no place or direction for."""
    lander = subject.lander
    kinds = [("camera", "the camera"), ("imu", "the inertial unit")]
    absent = [words for kind, words in kinds if getattr(lander, kind) is not None]
    stars = (
        ""
        if lander.star_tracker is None
        else (" The star tracker has a direction and no place; it is drawn at the top of the hull.")
    )
    return (
        f"Not drawn, because a lander's file gives no place and direction: {' and '.join(absent)}."
        f"{stars} Lengths of arrows and beams say nothing; their directions do."
    )
