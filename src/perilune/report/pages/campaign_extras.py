"""What a campaign's page says beside document and rows: limits, the ground about the aim point."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from perilune.campaign.statistics.columns import numbers_if_any
from perilune.mechanics.map_tiles import heights_on_plane
from perilune.report.figures.footprint import reach_m
from perilune.report.figures.margins import TOUCHES
from perilune.report.figures.true_footprint import Places
from perilune.report.pages.flight_extras import limits_of, sources_of, terrain_rows

if TYPE_CHECKING:
    from perilune.design.prepared import Prepared
    from perilune.mission import Mission

PIXELS = 240
LEAST_M, MOST_M = 100.0, 20_000.0


def campaign_extras(
    mission: "Mission",
    design: "Prepared",
    document: Mapping[str, Any],
    table: pa.Table,
    folder: Path | str,
) -> dict[str, Any]:
    """The `extras` of `campaign_html`, from mission, design, document, rows and their folder.

    The ground is drawn from the map that was flown over, as far as the landings reach.
    """
    return {
        "title": mission.title,
        "summary": mission.summary,
        "folder": str(folder),
        "limits": limits_of(mission) | dict.fromkeys(TOUCHES, 0.0),
        "map": ground_of(
            design,
            _reach_m(document, table, mission.criteria.miss_m),
            mission.descent.target_m,
        ),
        "terrain": terrain_rows(design.terrain),
        "sources": sources_of(mission),
    }


def ground_of(
    design: "Prepared", reach_m: float, aim_m: tuple[float, float] = (0.0, 0.0)
) -> dict[str, Any]:
    """Heights on a square about the aim point, `reach_m` to each side, in the site's plane.

    The aim point is `aim_m` east and north of the site.
    """
    km = np.linspace(-reach_m, reach_m, PIXELS) / 1e3
    plane_m = 1e3 * np.stack(np.meshgrid(km, km), axis=-1) + np.array(aim_m)
    height_m = np.asarray(heights_on_plane(design.plan.world.terrain.map, plane_m))
    ground = design.terrain.statement
    return {"x_km": km, "y_km": km, "height_m": height_m, "ground": ground}


def _reach_m(document: Mapping[str, Any], table: pa.Table, miss_m: float) -> float:
    """As far as the figure of the landings shows, within reason."""
    miss = (numbers_if_any(table, f"miss_{way}_m") for way in ("east", "north"))
    return float(np.clip(1.02 * reach_m(document, Places(*miss), miss_m), LEAST_M, MOST_M))
