"""The phases of a descent whose file lists none."""

from perilune.interfaces.descent_phase import Phase

WRITTEN: tuple[dict, ...] = (
    {
        "name": "orbit",
        "law": "no_thrust",
        "engine": False,
        "attitude": "burn",
        "pace": "wait",
        "ends": {"at": "burn"},
    },
    {
        "name": "deorbit",
        "law": "orbit_burn",
        "engine": True,
        "attitude": "burn",
        "ends": {"at": "burn_complete"},
    },
    {
        "name": "coast",
        "law": "no_thrust",
        "engine": False,
        "attitude": "retrograde",
        "pace": "long",
        "ends": {"to_ignition": "30 s"},
    },
    {
        "name": "align",
        "law": "braking",
        "engine": False,
        "attitude": "thrust_in_orbit",
        "ends": {"to_ignition": "0 s"},
    },
    {
        "name": "braking",
        "law": "braking",
        "engine": True,
        "attitude": "thrust",
        "ends": {"time_to_go": "5 s"},
    },
    {
        "name": "approach",
        "law": "approach",
        "engine": True,
        "attitude": "thrust",
        "altimeter_beam": "axial",
        "ends": {"time_to_go": "8 s", "at": "final_height"},
    },
    {
        "name": "descent",
        "law": "vertical_descent",
        "engine": True,
        "attitude": "thrust",
        "altimeter_beam": "axial",
    },
)
"""As a mission's file has them."""
STANDARD_PHASES = tuple(map(Phase.model_validate, WRITTEN))
