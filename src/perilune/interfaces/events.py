"""The events of a flight, in the order in which its log keeps their times."""

EVENT_NAMES = (
    "start",
    "deorbit-ignition",
    "deorbit-cutoff",
    "alignment",
    "ignition",
    "gate",
    "vertical-descent",
    "engine-cutoff",
    "contact",
    "tank-dry",
    "end",
)
