"""Faults that could never begin: what they wait for does not come, or comes too late."""

from collections.abc import Iterator

from perilune.interfaces.events import EVENT_NAMES, PHASE_EVENTS, Event
from perilune.mission.fault import ALWAYS_THERE, effects_of
from perilune.mission.mission import Mission
from perilune.mission.phase_events import GIVEN_BY, events_of, name_of
from perilune.mission.validation_messages import origin_of

AFTER_READINGS = (Event.ENGINE_CUTOFF, Event.CONTACT, Event.LEG_BROKEN, Event.END)
"""Sensors read for the last time shortly before contact."""


def faults_that_never_begin(mission: Mission) -> Iterator[str]:
    """A sentence for each fault that waits for an event which cannot begin it."""
    begun = events_of(mission.descent.phases)
    given = ", ".join(f"`{name_of(event)}`" for event in begun)
    for name, fault in mission.faults.items():
        for label, table in fault.signals.items():
            event = Event(EVENT_NAMES.index(table.after_event))
            key = f"faults.{name}.{label}.after_event"
            must = f"{origin_of(key.split('.'), mission.origins)}: `{key}` must be an event"
            asked = GIVEN_BY.get(event, "")
            sent = label.replace("_", " ") if label in ALWAYS_THERE else "reading"
            too_late = (Event.END,) if label in ALWAYS_THERE else AFTER_READINGS
            if not effects_of(table):
                continue
            if event in PHASE_EVENTS and event not in begun:
                yield (
                    f"{must} that a phase of the mission begins ({given}), but no phase begins "
                    f"`{name_of(event)}`: none has {asked}; name another event, or add "
                    "such a phase to `descent.phases`."
                )
            elif event in too_late:
                yield (
                    f"{must} that leaves the fault something to change, but after "
                    f"`{name_of(event)}` there is no {sent} any more; name an "
                    "earlier event."
                )
