"""Fly robotic Moon landings in simulation: the front door, each name fetched on first use."""

TYPE_CHECKING = False  # a type checker takes it for true; `typing` itself would cost time
if TYPE_CHECKING:
    from typing import Any

_ROOM_OF = {
    "Event": "perilune.interfaces.events",
    "Folders": "perilune.folders",
    "InputError": "perilune.errors",
    "Order": "perilune.campaign.request",
    "Outcome": "perilune.flight.outcome",
    "check_mission": "perilune.front_door",
    "draw": "perilune.flight",
    "fly": "perilune.flight",
    "fly_batch": "perilune.campaign.run.whole_batch",
    "judge": "perilune.verdict",
    "judge_batch": "perilune.campaign.run.batch_verdicts",
    "load_mission": "perilune.front_door",
    "nominal": "perilune.design",
    "plan": "perilune.design",
    "query": "perilune.app.query_rows",
    "read_plan": "perilune.design.plan_file",
    "read_rows": "perilune.campaign.run.row_store",
    "resolved_text": "perilune.mission",
    "run_campaign": "perilune.front_door",
    "run_key": "perilune.mechanics.randomness",
    "sampled_flight": "perilune.app.sampled_flight",
    "save_plan": "perilune.design.plan_file",
    "use_cache": "perilune.flight.compile_cache",
}

__all__ = [  # noqa: PLE0604, the list is the table above
    *_ROOM_OF
]


def __getattr__(name: str) -> "Any":
    """Fetch a public name from the room it lives in (PEP 562), and keep it."""
    if name == "__version__":
        from importlib.metadata import version

        return version("perilune")
    if name not in _ROOM_OF:
        raise AttributeError(f"perilune has no `{name}`; it offers {', '.join(__all__)}.")
    import importlib  # here: a signal in the first millisecond finds as little as possible

    room, _, name_there = _ROOM_OF[name].partition(":")
    value = getattr(importlib.import_module(room), name_there or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """What a user may import, before and after it was fetched."""
    return sorted({*globals(), *__all__, "__version__"})
