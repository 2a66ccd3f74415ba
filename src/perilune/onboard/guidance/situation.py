"""What a guidance law is given, and what it answers."""

from dataclasses import KW_ONLY

import equinox as eqx
from jaxtyping import Array, Bool, Float

from perilune.onboard.guidance.view import View
from perilune.onboard.upload import Chart, DescentGains, Plan

SHORTEST_TIME_TO_GO_S = 1.0


class GuidanceCommand(eqx.Module):
    """What guidance asks of control."""

    thrust_acceleration_site_m_s2: Float[Array, "3"]
    time_to_go_s: Float[Array, ""]
    throttle: Float[Array, ""] | float = float("nan")
    """Of a burn whose thrust is set; not-a-number where the acceleration sets it."""


class Situation(eqx.Module):
    """What a guidance law is given."""

    _: KW_ONLY
    plan: Plan
    chart: Chart
    gains: DescentGains
    figures: dict[str, Float[Array, "..."]]  # of the phase, SI, by their names in its table
    view: View
    most_m_s2: Float[Array, ""]  # acceleration at full thrust, as felt
    exhaust_m_s: Float[Array, ""]
    entered: Bool[Array, ""]  # the first tick of the phase
    remaining_s: Float[Array, ""]  # of the time to go of the last tick
