"""Options that a command takes as one record: typer reads a field as it reads a parameter."""

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from perilune.app import options

if TYPE_CHECKING:
    from perilune.campaign.request import Engine, Order, Sampling


@dataclasses.dataclass(frozen=True, kw_only=True)
class CampaignOptions:
    """What `campaign` and `sweep` take alike."""

    runs: options.Runs = None
    require: options.Require = None
    confidence: options.Confidence = 0.95
    seed: options.Seed = 0
    fault: options.Faults = None
    settings: options.Settings = None
    sampling: options.Sampling = "random"
    engine: options.Engine = None
    workers: options.Workers = None
    cluster: options.Cluster = None
    out: options.Out = None
    resume: options.Resume = False
    as_json: options.AsJson = False

    def order(self, mission: str, plan: str | None = None) -> "Order":
        """The order of a campaign of a mission or a plan; what it holds is checked with it."""
        from perilune.campaign.request import Order
        from perilune.environment_variables import named_folders

        return Order(
            mission,
            plan=plan,
            seed=self.seed,
            faults=tuple(self.fault or ()),
            settings=tuple(self.settings or ()),
            runs=self.runs,
            require=self.require,
            confidence=self.confidence,
            sampling=cast("Sampling", self.sampling),
            engine=cast("Engine | None", self.engine),
            workers=self.workers,
            cluster=self.cluster,
            out=self.out,
            resume=self.resume,
            folders=named_folders(),
        )


def spread(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command whose parameter `asked` is such a record, with an option for each of its fields."""
    own = list(inspect.signature(command).parameters.values())
    record = next(each for each in own if each.name == "asked")
    own.remove(record)
    fields = list(inspect.signature(record.annotation).parameters.values())

    @functools.wraps(command)
    def taking(**given: Any) -> Any:
        shared = record.annotation(**{field.name: given.pop(field.name) for field in fields})
        return command(**given, **{record.name: shared})

    every = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in (*own, *fields)]
    vars(taking)["__signature__"] = inspect.Signature(every)
    return taking
