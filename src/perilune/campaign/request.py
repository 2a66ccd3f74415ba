"""The order of a campaign, and its checks before anything is flown."""

from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from perilune.errors import InputError
from perilune.folders import Folders
from perilune.output_folder import out_folder

if TYPE_CHECKING:
    from perilune.design.prepared import Prepared
    from perilune.mission import Mission

LARGEST = 2**32 - 1
USUAL_RUNS = 1_000
"""Flown where neither a number of runs nor a requirement is given."""
MOST_FOR_A_REQUIREMENT = 10_000
SOBOL_BLOCK = 256
"""Points of one scramble, in whole aligned batches; a campaign has two blocks or more."""
MOST_OF_A_LATIN_HYPERCUBE = 2**16
"""Its strata are laid out for all runs at once: this bounds the memory."""

Sampling = Literal["random", "sobol", "lhs"]
Engine = Literal["native", "xla"]


@dataclass(frozen=True)
class Order:
    """A campaign to be flown by `run_campaign`; checked there, not here.

    `mission` is a name in the catalog or a path; `settings` are "PATH=VALUE" as --set takes them,
    `faults` names or paths. In place of these three, `plan` is the path of a plan file, of which
    nothing is designed again. `seed` is a whole number from 0 to 4,294,967,295. Flown are `runs`
    flights (default 1,000) or, with `require`, as many as it takes to prove or refute that P(clean)
    is at least that, at most `runs` (default 10,000), with `confidence` (default 0.95). `sampling`
    is "random", "sobol" or "lhs"; `workers` the number of processes (default: one per core);
    `engine` is "native" or "xla", the compiler of the flight (default: native, where it can);
    `cluster` the address of a Dask scheduler in their place; `out` the folder (default: runs/…),
    which with `resume` may hold a part of this campaign. `folders` are those of measured data and
    of a catalog (default: what PERILUNE_DATA and PERILUNE_CATALOG name). With `band_runs`, so many
    flights more are flown at each value of what is epistemic, for a band on P(clean). `held` are
    pairs of a dispersed path and the quantile of its distribution at which all flights have it.

    >>> import perilune
    >>> perilune.Order("athena", require=0.95, faults=("altimeter-noisy",)).confidence
    0.95
    """

    mission: str = ""
    _: KW_ONLY
    plan: str | Path | None = None
    seed: int = 0
    faults: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    runs: int | None = None
    require: float | None = None
    confidence: float = 0.95
    sampling: Sampling = "random"
    workers: int | None = None
    engine: Engine | None = None
    cluster: str | None = None
    out: str | None = None
    resume: bool = False
    folders: Folders | None = None
    band_runs: int | None = None
    held: tuple[tuple[str, float], ...] = ()


KINDS = {
    "mission": (str | Path, "text"),
    "plan": (str | Path, "a path"),
    "seed": (int, "an `int`"),
    "runs": (int, "an `int`"),
    "require": (int | float, "a `float`"),
    "confidence": (int | float, "a `float`"),
    "workers": (int, "an `int`"),
    "cluster": (str, "text"),
    "out": (str | Path, "a path"),
    "folders": (Folders, "a `Folders`"),
    "band_runs": (int, "an `int`"),
}
"""What a field of an order must be; those that may be left out may be None."""


def check_order(order: Order) -> None:
    """Raise InputError, with the cure, for what contradicts itself or promises too much."""
    from perilune.campaign.statistics.sequential_test import Requirement, check

    _check_kinds(order)
    check_source(order)
    if order.require is not None and not 0.0 < order.require < 1.0:
        raise InputError(
            "--require must be a probability between 0 and 1 such as 0.99, "
            f"but is {order.require:g}."
        )
    if not 0.0 < order.confidence < 1.0:
        raise InputError(
            f"--confidence must lie between 0 and 1 such as 0.95, but is {order.confidence:g}."
        )
    if order.runs is not None and not 1 <= order.runs <= LARGEST:
        raise InputError(f"--runs must lie between 1 and {LARGEST}, but is {order.runs}.")
    if not 0 <= order.seed <= LARGEST:
        raise InputError(f"--seed must lie between 0 and {LARGEST}, but is {order.seed}.")
    _check_band(order)
    _check_fleet(order)
    _check_sampling(order)
    check_engine(order.engine)
    if order.require is not None:
        check(Requirement(order.require, order.confidence))


def check_engine(engine: str | None) -> None:
    """Raise InputError where there is no such compiler of flights."""
    if engine not in (None, "native", "xla"):
        raise InputError(f'--engine must be native or xla, but is "{engine}".')


class Source(Protocol):
    """What is to be flown: a mission with its faults and settings, or a plan file."""

    @property
    def mission(self) -> str:
        """Name or path; empty beside a plan file."""

    @property
    def plan(self) -> str | Path | None:
        """Path of a plan file."""

    @property
    def faults(self) -> tuple[str, ...]:
        """Names or paths."""

    @property
    def settings(self) -> tuple[str, ...]:
        """PATH=VALUE."""


def check_source(source: Source) -> None:
    """Raise InputError where neither a mission nor a plan is named, or one beside the other."""
    if source.plan is None:
        if not str(source.mission):
            raise InputError(
                "MISSION must name a mission in the catalog or the path of a file, but is missing; "
                "give it, or a plan file with --plan."
            )
        return
    if str(source.mission):
        raise InputError(
            f"--plan {source.plan} has its mission in it, but {source.mission} is named too; give "
            "one of the two."
        )
    if source.settings or source.faults:
        raise InputError(
            f"--set and --fault change what is designed, but --plan {source.plan} is designed "
            "already; give them to `perilune plan`, and fly what it writes."
        )


def _check_kinds(order: Order) -> None:
    for name, (kind, words) in KINDS.items():
        value = getattr(order, name)
        may_lack = getattr(Order, name, value) is None
        if value is None and may_lack:
            continue
        if not isinstance(value, kind) or isinstance(value, bool):
            raise InputError(f"`{name}` of an order must be {words}, but is {value!r}.")


def most_runs(order: Order) -> int:
    """How many runs are flown at most."""
    if order.runs is not None:
        return order.runs
    return USUAL_RUNS if order.require is None else MOST_FOR_A_REQUIREMENT


def plan_of(source: Source) -> "Prepared | None":
    """What the plan file holds that a source names, None for none; InputError as `read_plan`."""
    if source.plan is None:
        return None
    from perilune.design.plan_file import read_plan

    return read_plan(source.plan)


def mission_of(order: Order) -> "Mission":
    """The mission with its faults and settings; InputError where anything is missing or wrong."""
    from perilune.mission import sound_mission

    return sound_mission(order.mission, order.settings, order.faults, order.folders or Folders())


def folder_of(order: Order, mission: "Mission") -> Path:
    """Where the campaign is kept: as asked, or `runs/<mission>[-<faults>]-campaign-s<seed>`."""
    usual = "-".join([mission.name, *mission.faults, "campaign", f"s{order.seed}"])
    return out_folder(order.out, Path("runs", usual))


def _check_band(order: Order) -> None:
    if order.band_runs is not None and not 1 <= order.band_runs <= LARGEST:
        raise InputError(f"--band must lie between 1 and {LARGEST}, but is {order.band_runs}.")
    for path, quantile in order.held:
        if not 0.0 < quantile < 1.0:
            raise InputError(
                f"`held` must have a quantile between 0 and 1 for {path}, but has {quantile:g}."
            )


def _check_fleet(order: Order) -> None:
    if order.workers is not None and order.workers < 1:
        raise InputError(f"--workers must be at least 1, but is {order.workers}.")
    if order.cluster is not None and not order.cluster.strip():
        raise InputError(
            "--cluster must be the address of a running Dask scheduler such as "
            "tcp://127.0.0.1:8786, but is empty; name it, or leave out --cluster."
        )
    if order.workers is not None and order.cluster is not None:
        raise InputError(
            "--workers are processes of this machine and --cluster is a scheduler that has its "
            "own; give one of them."
        )


def _check_sampling(order: Order) -> None:
    if order.sampling not in ("random", "sobol", "lhs"):
        raise InputError(f'--sampling must be random, sobol or lhs, but is "{order.sampling}".')
    if order.sampling == "random":
        return
    if order.require is not None:
        raise InputError(
            "--require needs independent flights, which only random sampling gives, but sampling "
            f"is {order.sampling}; leave out --sampling, or give --runs and no requirement."
        )
    if order.runs is None:
        raise InputError(
            f"--sampling {order.sampling} must know how many runs there will be; give --runs."
        )
    if order.sampling == "lhs" and order.runs > MOST_OF_A_LATIN_HYPERCUBE:
        raise InputError(
            f"A Latin hypercube has at most {MOST_OF_A_LATIN_HYPERCUBE} runs, but "
            f"--runs is {order.runs}; use --sampling sobol or random."
        )
    if order.sampling == "sobol" and (order.runs % SOBOL_BLOCK or order.runs < 2 * SOBOL_BLOCK):
        nearest = SOBOL_BLOCK * max(2, round(order.runs / SOBOL_BLOCK))
        raise InputError(
            f"Sobol points come in blocks of {SOBOL_BLOCK}, at least two, but --runs is "
            f"{order.runs}; give --runs {nearest}."
        )
