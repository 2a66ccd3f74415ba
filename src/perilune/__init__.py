"""Fly robotic Moon landings in simulation: the front door, each name fetched on first use."""

import importlib

_ROOM_OF = {
    "InputError": "perilune.errors",
    "check_mission": "perilune.design.check",
    "draw": "perilune.flight",
    "fly": "perilune.flight",
    "judge": "perilune.verdict",
    "load_mission": "perilune.mission",
    "plan": "perilune.design",
}

__all__ = [  # noqa: PLE0604, the list is the table above
    *_ROOM_OF
]


def __getattr__(name):
    """Fetch a public name from the room it lives in (PEP 562), and keep it."""
    if name not in _ROOM_OF:
        raise AttributeError(f"perilune has no `{name}`; it offers {', '.join(__all__)}.")
    room, _, name_there = _ROOM_OF[name].partition(":")
    value = getattr(importlib.import_module(room), name_there or name)
    globals()[name] = value
    return value


def __dir__():
    """What a user may import, before and after it was fetched."""
    return sorted({*globals(), *__all__})
