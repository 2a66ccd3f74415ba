"""Fly Athena in Python, judge it, then fly the same run again without its altimeter.

    python examples/01_first_landing.py

The first flight compiles for up to half a minute and is kept for the next time, here and on the
command line. It is `fly(draw(plan, key), key)`, compiled: every number of a mission is an argument,
so the second flight compiles nothing.
"""

import perilune
from perilune import Event


def main():
    """Two flights of one compiled program, with the same draws."""
    perilune.use_cache(print)
    flight, key = perilune.sampled_flight(), perilune.run_key(seed=0, run=0)
    for faults in ((), ("altimeter-dead",)):
        mission = perilune.load_mission("athena", faults=faults)
        summary, _samples = flight(perilune.plan(mission), key)
        tell(", ".join(faults) or "all well", summary, perilune.judge(summary, mission))


def tell(title, summary, verdict):
    """How a flight went, in a few lines."""
    braking_s = summary.event_time_s[Event.GATE] - summary.event_time_s[Event.IGNITION]
    print(f"{title}: {verdict.outcome}, clean: {verdict.clean}")
    print(f"  braked for {braking_s:.0f} s; {summary.propellant_kg:.0f} kg of propellant left")
    print(f"  height error at 100 m: {summary.height_error_100_m:+.1f} m")
    for criterion in verdict.criteria:
        if not criterion.met:
            print(f"  not met: {criterion.name}, {criterion.value} (limit {criterion.limit:g})")


if __name__ == "__main__":
    main()
