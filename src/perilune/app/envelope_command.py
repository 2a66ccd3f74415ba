"""The command envelope: from options to an exit code."""

import dataclasses
from typing import TYPE_CHECKING, Annotated, cast

import typer

from perilune.app import options
from perilune.app.shared_options import spread

if TYPE_CHECKING:
    from perilune.campaign.request import Engine, Order


@dataclasses.dataclass(frozen=True, kw_only=True)
class EnvelopeOptions:
    """What `envelope` takes beside the mission."""

    factor: Annotated[
        list[str] | None,
        typer.Option("--factor", metavar="NAME", help="Only this one; may be repeated."),
    ] = None
    runs: Annotated[int, typer.Option(metavar="N", help="Flights at each value.")] = 64
    points: Annotated[
        int, typer.Option(metavar="N", help="Values of a factor at most, the start among them.")
    ] = 10
    confidence: options.Confidence = 0.95
    seed: options.Seed = 0
    fault: options.Faults = None
    settings: options.Settings = None
    engine: options.Engine = None
    workers: options.Workers = None
    out: options.Out = None
    resume: options.Resume = False
    as_json: options.AsJson = False

    def order(self, mission: str) -> "Order":
        """The order that every point shares."""
        from perilune.campaign.request import Order
        from perilune.environment_variables import named_folders

        return Order(
            mission,
            seed=self.seed,
            faults=tuple(self.fault or ()),
            settings=tuple(self.settings or ()),
            runs=self.runs,
            confidence=self.confidence,
            engine=cast("Engine | None", self.engine),
            workers=self.workers,
            out=self.out,
            resume=self.resume,
            folders=named_folders(),
        )


@spread
def envelope(asked: EnvelopeOptions, mission: options.Mission) -> int:
    """Move one number at a time until landings fail: how far do guidance and control hold?

    For each factor, such as thrust below belief or engine lag, finds by bisection where P(clean)
    leaves 0.99 and 0.5. All points fly the same run numbers.

    Exit codes: 0 flown; 2 bad input; 5 numerical failure in a flight.
    """
    from perilune.app.campaign_screen import watching
    from perilune.app.campaign_terminal import show_document
    from perilune.app.envelope_terminal import envelope_lines
    from perilune.app.run_envelope import Sought, envelope_and_write

    sought = Sought(tuple(asked.factor or ()), asked.points)
    with watching() as watch:
        document, folder = envelope_and_write(asked.order(mission), sought, watch)
    show_document(document, folder, asked.as_json, envelope_lines(document))
    points = [point for factor in document["factors"] for point in factor["points"]]
    return options.exit_code(
        {name for point in points for name in point["outcomes"] or ()}, options.DONE
    )


def add_to(app: typer.Typer) -> None:
    """Give this command to the command line."""
    app.command()(envelope)
