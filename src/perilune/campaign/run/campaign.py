"""A campaign that is under way: what was asked for, its design, how rows are judged, its folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perilune.campaign.request import Order
from perilune.campaign.run.row_columns import Judging
from perilune.design.prepared import Prepared
from perilune.flight.native_flight import NativeFlight
from perilune.mission import Mission


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """The order, its mission and design, how rows are judged; `record` is `order.json`."""

    order: Order
    mission: Mission
    design: Prepared
    flight: NativeFlight | None  # None where XLA flies it
    record: dict[str, Any]
    judging: Judging
    folder: Path
