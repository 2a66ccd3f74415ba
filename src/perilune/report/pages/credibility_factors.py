"""How far a campaign may be trusted, factor by factor after NASA-STD-7009, with the evidence.

The eight factors are those of NASA-STD-7009A (2016). Revision B (2024) splits the management of
process and product in two, puts an assessment of the use in the place of history, and adds two
technical reviews; those stand below the eight. Levels run from 0, insufficient evidence, to 4.
What a level asks is in our own words; hold the sheet against the standard before a review.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

STANDARD = "NASA-STD-7009B (2024), with the eight factors of NASA-STD-7009A (2016)"
HIGHEST = 4
MISSING = 0


@dataclass(frozen=True)
class Lesser:
    """What may still be claimed of a factor where a campaign does not hold all it needs."""

    level: int
    asks: str
    why: str
    needs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Factor:
    """One factor: the level claimed, what that level asks, why, by which files, what is missing.

    `needs` names what a campaign's document must hold for the level; without it the first of
    `lesser` whose needs it holds is claimed, or level 0.
    """

    name: str
    part: str
    level: int
    asks: str
    why: str
    evidence: tuple[tuple[str, str], ...]
    raised_by: str
    needs: tuple[str, ...] = ()
    lesser: tuple[Lesser, ...] = ()


MOSTLY_TAGGED = "a tag of its source on at least half of the mission's values"
DRIVERS_TESTED = "tests of its inputs as drivers"
SHARES_FOUND = "shares of variance"
_SOME = "The sensitivity of some results to some of the inputs is estimated."
_NOT_DRAWN = (
    "The sensitivity to what was not drawn is unknown: model form, synthetic ground, parameters "
    "of the flight software."
)
FACTORS = (
    Factor(
        name="Data pedigree",
        part="development",
        level=1,
        asks="Sources of the data the models were made from are known; some are traced informally.",
        why="Maps, gravity field and ephemerides are published measurements. The landers' numbers "
        "come from press kits and papers; many are recalled, inferred or assumed. "
        "None has a published uncertainty.",
        evidence=(
            (
                "docs/look-up/mission-file.md",
                "every value of a mission carries the tag of its source",
            ),
            ("tests/mission/test_catalog.py", "the catalog's files and their tags"),
            ("docs/understand/terrain.md", "which maps, how fine, what is measured"),
            ("docs/understand/gravity.md", "which gravity field"),
        ),
        raised_by="Lander data from its maker with tolerances in place of the tags inferred and "
        "assumed.",
        needs=(MOSTLY_TAGGED,),
    ),
    Factor(
        name="Verification",
        part="development",
        level=2,
        asks="Documented practices show for all features that the models are correctly "
        "implemented.",
        why="Every model has tests against closed forms, conserved quantities or a second "
        "implementation, run on every change. The error of a whole flight from step sizes and "
        "tables is not bounded against a required accuracy, which level 3 asks.",
        evidence=(
            ("validation/README.md", "numbers beside someone else's, each with its limit"),
            ("tests/validation/test_motion.py", "motion against closed forms and other programs"),
            ("tests/truth/dynamics/test_contact.py", "contact against closed forms"),
            (
                "tests/flight/test_batch.py",
                "64 drawn flights: they land, the filter against its errors",
            ),
            ("tests/validation/test_world.py", "orbits, sky and Artemis I as others have them"),
            ("tests/test_architecture.py", "the flight software cannot see truth"),
        ),
        raised_by="A study of step, table and map spacing on touchdown figures against a stated "
        "accuracy.",
    ),
    Factor(
        name="Validation",
        part="development",
        level=1,
        asks="The conceptual model fits the problem and agrees with the referents there are.",
        why="Parts agree with other programs and with one tracked flight in lunar orbit. No "
        "descent or touchdown was compared with the telemetry of a real one, and no flight "
        "software with a flown one: of whole landings, published figures alone stand beside ours.",
        evidence=(
            ("validation/artemis_arcs.py", "orbits of Artemis I, a tracked spacecraft"),
            ("validation/stk_orbits.py", "orbits by another program"),
            ("docs/understand/hindcasts.md", "landings that were flown, beside published figures"),
            ("validation/touchdown.py", "tip-over and sliding; contact beside MuJoCo"),
            ("docs/understand/contact.md", "what the model of a touchdown leaves out"),
            ("docs/understand/guidance-and-control.md", "known limits of the flight software"),
        ),
        raised_by="The telemetry of a descent that was flown, such as Apollo 11's or "
        "Chandrayaan-3's, beside ours.",
    ),
    Factor(
        name="Input pedigree",
        part="use",
        level=1,
        asks="Sources of the inputs of this use are known; some are traced informally.",
        why="Each drawn input names its distribution and its source, listed on this page; where "
        "the source is an assumption, so is the width of the distribution, and with it P(clean).",
        evidence=(
            ("docs/look-up/mission-file.md", "how a dispersion is declared, with its tag"),
            ("docs/understand/sensors.md", "where the sensors' errors come from"),
        ),
        raised_by="Measured scatter of engine, sensors and navigation in place of assumed widths.",
        needs=("dispersions",),
    ),
    Factor(
        name="Uncertainty characterization",
        part="use",
        level=2,
        asks="Most sources of uncertainty are quantified, told apart as chance or as not known, "
        "and carried through to the results.",
        why="The drawn inputs are carried through to an interval on P(clean) whose error rates are "
        "tested, and those that are not known to a band beside it. Both leave out what the models "
        "leave out.",
        evidence=(
            ("docs/understand/report.md", "what each interval on this page assumes"),
            ("docs/understand/statistics.md", "the test and its intervals, with measured errors"),
            (
                "tests/campaign/statistics/test_binomial_interval.py",
                "the interval covers as often as promised",
            ),
            ("tests/campaign/band/test_corners.py", "and so does the band"),
            (
                "tests/campaign/statistics/test_sequential_test.py",
                "no error past the promise, however often one looks",
            ),
            ("tests/mechanics/test_randomness.py", "independent streams for every flight"),
        ),
        raised_by="The error of the models stated beside that of their inputs.",
        needs=("dispersions", "interval", "band"),
        lesser=(
            Lesser(
                1,
                "Sources of uncertainty are identified and their effect on results is assessed.",
                "The drawn inputs are carried through to an interval on P(clean) whose error rates "
                "are tested. What is not known and what varies from flight to flight are drawn "
                "alike: no band was flown, as level 2 asks (--band). The interval leaves out what "
                "the models leave out.",
                ("dispersions", "interval"),
            ),
        ),
    ),
    Factor(
        name="Results robustness",
        part="use",
        level=2,
        asks="The sensitivity of the results to some of the inputs, key ones included, is known.",
        why="The influence of the drawn inputs on a clean touchdown, speed, tilt and miss is "
        "estimated from this campaign's own flights. " + _NOT_DRAWN,
        evidence=(
            ("docs/understand/report.md", "how the drivers on this page are read"),
            (
                "tests/campaign/analysis/test_sensitivity_ks.py",
                "planted drivers are found, absent ones are not",
            ),
            (
                "tests/campaign/analysis/test_sobol_indices.py",
                "shares of variance against closed forms",
            ),
        ),
        raised_by="Campaigns that vary model form and the numbers held fixed here.",
        needs=("dispersions", DRIVERS_TESTED, SHARES_FOUND),
        lesser=(
            Lesser(
                1,
                _SOME,
                "The influence of the drawn inputs on speed, tilt or miss is estimated, but not "
                "what drives a clean touchdown: too few flights failed, or too few were clean. "
                + _NOT_DRAWN,
                ("dispersions", SHARES_FOUND),
            ),
            Lesser(
                1,
                _SOME,
                "The influence on a clean touchdown is tested, but too few flights reached "
                "speed, tilt and miss for shares of their variance. " + _NOT_DRAWN,
                ("dispersions", DRIVERS_TESTED),
            ),
        ),
    ),
    Factor(
        name="M&S history",
        part="support",
        level=MISSING,
        asks="The same model has served the same kind of use before.",
        why="No mission has been flown or reviewed with this program.",
        evidence=(),
        raised_by="Use in a review of a real mission, with its outcome known.",
    ),
    Factor(
        name="Process and product management",
        part="support",
        level=1,
        asks="The program is developed and run by an informal process.",
        why="Versions, hashes of the data, tested rules of architecture and written decisions "
        "exist. Named roles and an audit of the process do not.",
        evidence=(
            ("CONTRIBUTING.md", "how a change is made"),
            ("ARCHITECTURE.md", "what is built how"),
            ("docs/decisions/0001-jax-float64-one-pure-function.md", "the first of the decisions"),
            ("tests/test_architecture.py", "the rules that a machine guards"),
            (".ci/run", "what runs on every change"),
        ),
        raised_by="Named roles and an audit of the process.",
    ),
    Factor(
        name="Development technical review",
        part="revision B",
        level=MISSING,
        asks="Peers have reviewed the development, favourably.",
        why="No review by anyone but the authors is on record.",
        evidence=(),
        raised_by="A recorded review by peers.",
    ),
    Factor(
        name="Use assessment",
        part="revision B",
        level=MISSING,
        asks="This use lies within what the models are meant and permitted for.",
        why="Known limits are on each model's page, but no permitted use is stated with which this "
        "campaign could be compared.",
        evidence=(),
        raised_by="A statement of permitted uses, and this campaign compared with it.",
    ),
    Factor(
        name="Use and analysis technical review",
        part="revision B",
        level=MISSING,
        asks="Peers have reviewed this analysis, favourably.",
        why="No review of this campaign is on record.",
        evidence=(),
        raised_by="A recorded review of this campaign.",
    ),
)


def claimed(factor: Factor, document: Mapping) -> Factor:
    """The factor as far as a campaign holds what it rests on: level, what it asks, and why."""
    if not factor.evidence and factor.level > MISSING:
        raise ValueError(f"`{factor.name}` claims level {factor.level} without any evidence.")
    if _holds(document, factor.needs):
        return factor
    for less in factor.lesser:
        if _holds(document, less.needs):
            return replace(factor, level=less.level, asks=less.asks, why=less.why)
    return replace(factor, level=MISSING)


def _mostly_tagged(counts: Mapping[str, int] | None) -> bool:
    """Whether most values say where they are from; so taken where no counts are given."""
    silent = sum((counts or {}).get(kind, 0) for kind in ("untagged", "--set"))
    return not counts or 2 * silent <= sum(counts.values())


def _holds(document: Mapping, needs: tuple[str, ...]) -> bool:
    held = {
        MOSTLY_TAGGED: _mostly_tagged(document.get("value_sources")),
        DRIVERS_TESTED: any(each["p"] is not None for each in document.get("drivers") or ()),
        SHARES_FOUND: any(each["shares"] for each in document.get("indices") or ()),
    }
    return all(held.get(name, document.get(name)) for name in needs)
