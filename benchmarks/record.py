"""What a bench found, as a JSON document: the figures beside their targets, and the tables."""

import json
from pathlib import Path

SCHEMA = 1
SCHEMA_FILE = Path(__file__).with_name("record.schema.json")

# figure                     unit           target, and whether the figure should be below or above
TARGETS = {
    "cold compile": ("s", 30.0, "below"),
    "`perilune fly` warm": ("s", 8.0, "below"),
    "`perilune --help`": ("s", 0.5, "below"),
    "flights per second": ("flights/s", 20.0, "above"),
    "peak memory": ("GB", 3.0, "below"),
}


def figure(name, value, unit=None):
    """One figure, with its target where it has one."""
    wanted_unit, target, side = TARGETS.get(name, (unit, None, None))
    met = None if target is None else (value <= target if side == "below" else value >= target)
    return {"name": name, "value": value, "unit": wanted_unit, "target": target, "met": met}


def figures(found):
    """The figures of one bench, in the order they are told."""
    chunk, alone = found["compiling"]
    fastest = max(found["throughput"], key=lambda row: row["flights_per_s"])
    memory_gb = max(fastest["memory_gb"], chunk["peak_memory_gb"], alone["peak_memory_gb"])
    return [
        figure("trace and lower", chunk["trace_and_lower_s"], "s"),
        figure("cold compile", chunk["cold_compile_s"]),
        figure("cold compile, processor time", chunk["cold_compile_cpu_s"], "s"),
        figure("compile from the cache", chunk["cached_compile_s"], "s"),
        figure("trace and lower, one flight with samples", alone["trace_and_lower_s"], "s"),
        figure("cold compile, one flight with samples", alone["cold_compile_s"], "s"),
        figure("compile from the cache, one flight with samples", alone["cached_compile_s"], "s"),
        figure("peak memory", memory_gb),
        figure("flights per second", fastest["flights_per_s"]),
        figure("processor time a flight", fastest["cpu_s_a_flight"], "s"),
        figure("workers ready to fly", fastest["ready_s"], "s"),
        figure("floating-point operations a flight", found["operations"], "operations"),
        *_shell_figures(found["shell"]),
    ]


def _shell_figures(shell):
    """What the command line took; nothing where it failed."""
    if shell["reason"]:
        return []
    return [
        figure("`perilune --help`", shell["help_s"]),
        figure("`perilune fly`, nothing compiled", shell["fly_first_s"], "s"),
        figure("`perilune fly` warm", shell["fly_warm_s"]),
    ]


def document(machine, found):
    """The whole record; `record.schema.json` says what is in it."""
    fastest = max(found["throughput"], key=lambda row: row["flights_per_s"])
    theirs = found["basilisk"].get("seconds")
    ours = fastest["cpu_s_a_flight"]
    return {
        "schema": SCHEMA,
        "machine": machine,
        "mission": found["mission"],
        "figures": figures(found),
        "compiling": found["compiling"],
        "throughput": found["throughput"],
        "phases": found["phases"],
        "parts": found["parts"],
        "shell": {"reason": found["shell"]["reason"]},
        "basilisk": {
            **found["basilisk"],
            "ours_s": ours,
            "ratio": None if theirs is None else theirs / ours,
        },
    }


def write(record, folder):
    """Write the record under its date; returns the path."""
    stamp = record["machine"]["date"].replace(":", "").replace("+0000", "Z")
    path = Path(folder) / f"bench-{stamp}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    aside.write_text(json.dumps(record, indent=2) + "\n")
    aside.rename(path)
    return path
