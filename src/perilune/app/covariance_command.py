"""The command covariance: from options to an exit code."""

import dataclasses
from typing import TYPE_CHECKING, Annotated, cast

import typer

from perilune.app import options
from perilune.app.shared_options import spread

if TYPE_CHECKING:
    from perilune.app.covariance_analysis import Asked
    from perilune.campaign.request import Engine


@dataclasses.dataclass(frozen=True, kw_only=True)
class CovarianceOptions:
    """What `covariance` takes beside the mission."""

    beside: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="A campaign of this mission, to set its errors beside."),
    ] = None
    scale: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SOURCE=FACTOR",
            help="What if a source were so many times as large, and the filter did not know it; "
            "may be repeated.",
        ),
    ] = None
    seed: options.Seed = 0
    fault: options.Faults = None
    settings: options.Settings = None
    engine: options.Engine = None
    out: options.Out = None
    as_json: options.AsJson = False

    def asked(self, mission: str) -> "Asked":
        """What is asked for."""
        from perilune.app.covariance_analysis import Asked
        from perilune.environment_variables import named_folders

        return Asked(
            mission=mission,
            beside=self.beside,
            seed=self.seed,
            faults=tuple(self.fault or ()),
            settings=tuple(self.settings or ()),
            scales=tuple(self.scale or ()),
            engine=cast("Engine | None", self.engine),
            out=self.out,
            folders=named_folders(),
        )


@spread
def covariance(asked: CovarianceOptions, mission: options.Mission) -> int:
    """Budget the navigation's errors by source, by a linear covariance analysis of one flight.

    Flies the mission once with no error drawn, and takes through its filter, with the gains that it
    had, one sigma of each error that the mission draws and of each noise.

    Exit codes: 0 done; 2 bad input.
    """
    from perilune.app.campaign_terminal import show_document
    from perilune.app.covariance_terminal import covariance_lines
    from perilune.app.flight_screen import progress
    from perilune.app.run_covariance import analyse_and_write

    with progress() as notify:
        document, folder = analyse_and_write(asked.asked(mission), notify)
    show_document(document, folder, asked.as_json, covariance_lines(document))
    return options.DONE


def add_to(app: typer.Typer) -> None:
    """Give this command to the command line."""
    app.command()(covariance)
