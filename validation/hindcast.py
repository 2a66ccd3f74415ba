"""Knows what was published of landings that were flown, and flies them to stand beside it.

Rows are declared in `authorities/hindcasts.toml`; a mission whose name the catalog does not have is
left out. Each is flown once nominally and 64 times as drawn, by the command line, and the page
docs/understand/hindcasts.md is written with what came of it.
"""

import json
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

import duckdb

from perilune import load_mission
from perilune.mission.mission_files import catalog_names
from validation.comparison import AUTHORITIES, Comparison, data_file
from validation.hindcast_page import page

DECLARED = AUTHORITIES / "hindcasts.toml"
PAGE = Path(__file__).parents[1] / "docs" / "understand" / "hindcasts.md"
RUN_COUNT = 64
UNCLEAN_SHARE = 0.5
"""Most of the drawn flights are to be clean."""
TELEMETRY = """
    select *, time_s - {ignition} as since_s, altitude_m - {site} as over_site_m,
        sqrt(true_velocity_x_m_s**2 + true_velocity_y_m_s**2 + true_velocity_z_m_s**2)
            as inertial_speed_m_s
    from read_parquet('{folder}/telemetry.parquet')
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One published figure and ours."""

    what: str
    unit: str
    published: float
    source: str
    why: str
    within: float
    given: bool
    nominal: float
    drawn: tuple[float, float, float] | None
    """5 %, 50 % and 95 % of the drawn flights."""


@dataclass(frozen=True, kw_only=True)
class Hindcast:
    """What came of one mission."""

    name: str
    title: str
    text: str
    rows: tuple[Row, ...]
    clean: bool
    clean_count: int
    run_count: int
    faults: tuple[str, ...]
    """Flown with these, it is to end as the lander that was lost."""
    settings: tuple[str, ...] = ()
    """What is set of the mission or of its faults, `PATH=VALUE`."""
    assumed: dict[str, str]
    """Path → value and reason, of what is not published."""


def declared():
    """The missions of the file that the catalog has."""
    known = catalog_names("mission", None)
    document = tomllib.loads(DECLARED.read_text(encoding="utf-8"))
    return [each for each in document["mission"] if each["name"] in known]


def fly(mission, folder):
    """Fly a declared mission into a folder; its `Hindcast`."""
    single, many = Path(folder) / "single", Path(folder) / "many"
    name, faults = mission["name"], tuple(mission.get("faults", ()))
    settings = tuple(mission.get("settings", ()))
    asked = [word for each in faults for word in ("--fault", each)]
    asked += [word for each in settings for word in ("--set", each)]
    _perilune("fly", name, *asked, "--nominal", "--out", str(single))
    _perilune("campaign", name, *asked, "--runs", str(RUN_COUNT), "--out", str(many))
    result = json.loads((single / "result.json").read_text(encoding="utf-8"))
    campaign = json.loads((many / "campaign.json").read_text(encoding="utf-8"))
    loaded = load_mission(name)
    asking = Asking(single, many, _times(result), loaded.site.height_m)
    return Hindcast(
        name=name,
        title=loaded.title,
        text=mission["text"].strip(),
        rows=tuple(asking.row(each) for each in mission["rows"]),
        clean=result["clean"],
        clean_count=campaign["clean"],
        run_count=campaign["runs"],
        faults=faults,
        settings=settings,
        assumed=_assumed(loaded),
    )


class Asking:
    """Reads rows out of one nominal flight and a campaign."""

    def __init__(self, single, many, times_s, site_height_m):
        """Events by name → s."""
        self.times_s = times_s
        self.telemetry = TELEMETRY.format(
            ignition=times_s.get("ignition", "'nan'::double"), site=site_height_m, folder=single
        )
        self.runs = f"read_parquet('{many}/runs/*.parquet')"

    def row(self, declared_row):
        """A declared row with its numbers."""
        kept = ("what", "unit", "published", "source", "why", "within")
        value = self._value(declared_row["value"], self._when(declared_row))
        if "less_at" in declared_row:
            value -= self._value(declared_row["value"], self._at(declared_row["less_at"]))
        return Row(
            **{name: declared_row[name] for name in kept},
            given=declared_row.get("given", False),
            nominal=value,
            drawn=self._drawn(declared_row.get("drawn")),
        )

    def _when(self, declared_row):
        return declared_row["when"] if "when" in declared_row else self._at(declared_row["at"])

    def _at(self, event):
        return f"time_s >= {self.times_s[event]} - 1e-6"

    def _value(self, value, when):
        """At the first row of the telemetry where it holds and the value is there."""
        found = duckdb.sql(
            f"select {value} from ({self.telemetry}) where {when} and not isnan({value}) "
            "order by time_s limit 1"
        ).fetchall()
        return float(found[0][0]) if found else float("nan")

    def _drawn(self, value):
        if value is None:
            return None
        found = duckdb.sql(
            f"select quantile_cont(({value})::double, [0.05, 0.5, 0.95]) from {self.runs}"
        ).fetchall()
        return tuple(map(float, found[0][0]))


def compare():
    """Fly every declared mission, write the page, and hold each row to what its reason explains."""
    data_file("terrain/moon_global_16ppd.npz")
    flown = []
    for mission in declared():
        with tempfile.TemporaryDirectory() as folder:
            flown.append(fly(mission, folder))
    PAGE.write_text(page(flown), encoding="utf-8")
    return [one for each in flown for one in comparisons(each)]


def comparisons(flown):
    """Of one mission: every row, and the share of drawn flights that ended otherwise than flown.

    Most that landed are to land clean; of those lost by a fault none is.
    """
    for row in flown.rows:
        yield Comparison(
            f"{flown.name}: {row.what}",
            abs(row.nominal - row.published),
            row.within,
            row.unit.split()[0],
            row.source,
            row.nominal,
            row.published,
        )
    clean = flown.clean_count / flown.run_count
    if flown.faults:
        yield Comparison(f"{flown.name}: lost flights that are clean", clean, 0.0, "", "as flown")
        return
    yield Comparison(
        f"{flown.name}: drawn flights that are not clean",
        1.0 - clean,
        UNCLEAN_SHARE,
        "",
        "asked for",
    )


def _perilune(*words):
    """A command of ours; a flight that is not clean ends with 1, which is no mistake here."""
    done = subprocess.run(
        [sys.executable, "-m", "perilune", *words], capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr[-1_000:])


def _times(result):
    return {each["name"]: each["time_s"] for each in result["events"] if each["time_s"] is not None}


def _assumed(mission):
    """Path → the reason written beside it, of every value tagged `assumed`."""
    return {
        path: tag.removeprefix("assumed").lstrip(": ")
        for path, tag in sorted(mission.sources.items())
        if tag.startswith("assumed")
    }
