"""What a bench found, as a JSON document: the figures beside their targets, and the tables."""

import json
from pathlib import Path

SCHEMA = 3
SCHEMA_FILE = Path(__file__).with_name("record.schema.json")

# figure                     unit           target, and whether the figure should be below or above
TARGETS = {
    "flights per second": ("flights/s", 40.0, "above"),
    "cold compile": ("s", 30.0, "below"),
    "`perilune fly` warm": ("s", 8.0, "below"),
    "`perilune --help`": ("s", 0.5, "below"),
    "peak memory": ("GB", 3.0, "below"),
    "ratio to Basilisk, our steps": ("", 10.0, "above"),
}


def figure(name, value, unit=None):
    """One figure, with its target where it has one."""
    wanted_unit, target, side = TARGETS.get(name, (unit, None, None))
    met = None if target is None else (value <= target if side == "below" else value >= target)
    return {"name": name, "value": value, "unit": wanted_unit, "target": target, "met": met}


def figures(found):
    """The figures of one bench, in the order they are told."""
    batch, alone = found["compiling"]
    campaign = found["campaign"]
    return [
        figure("flights per second", campaign["flights_per_s"]),
        figure("compile within the campaign", campaign["compile_s"], "s"),
        figure("peak memory", campaign["memory_gb"]),
        figure("trace and lower", batch["trace_and_lower_s"], "s"),
        figure("cold compile", batch["cold_compile_s"]),
        figure("cold compile, processor time", batch["cold_compile_cpu_s"], "s"),
        figure("compile from the cache", batch["cached_compile_s"], "s"),
        figure("trace and lower, one flight with samples", alone["trace_and_lower_s"], "s"),
        figure("cold compile, one flight with samples", alone["cold_compile_s"], "s"),
        figure("compile from the cache, one flight with samples", alone["cached_compile_s"], "s"),
        *_arithmetic(found),
        *_shell_figures(found["shell"]),
        *_ratios(found),
    ]


def _arithmetic(found):
    """Operations a flight, the rate reached, the machine's peak, and their ratio."""
    rows, peak, lanes = found["phases"], found["peak"], found["campaign"]["batch_size"]
    each = sum(row["operations_a_flight"] for row in rows)
    hard = sum(row["transcendental_a_flight"] for row in rows)
    reached = 1e-9 * each * found["campaign"]["flights_per_s"]
    cpu_s = sum(row["seconds"] for row in rows)
    started = sum(row["instructions"] for row in rows)
    return [
        figure("processor time a flight", cpu_s / lanes, "s"),
        figure("floating-point operations a flight", each, "operations"),
        figure("of them transcendental", hard, "operations"),
        figure("arithmetic reached", reached, "GFlop/s"),
        figure("peak, one core alone", peak["one_core_gflop_s"], "GFlop/s"),
        figure("peak, all cores at once", peak["all_cores_gflop_s"], "GFlop/s"),
        figure("vectors of the peak", peak["vector_bits"], "bits"),
        figure("matrix product, all cores at once", peak["matrix_product_gflop_s"], "GFlop/s"),
        figure("share of the peak reached", 100.0 * reached / peak["all_cores_gflop_s"], "%"),
        figure("memory, triad", peak["triad_gb_s"], "GB/s"),
        figure("instructions started a batch", started, "instructions"),
        figure("processor time an instruction", 1e6 * cpu_s / started, "µs"),
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


def _ratios(found):
    """Ours over Basilisk's flights a second, all cores each; nothing where it did not run."""
    ours = found["campaign"]["flights_per_s"]
    names = ("ratio to Basilisk, our steps", "ratio to Basilisk, coarse steps")
    rates = found["basilisk"]["rates"]
    return [
        figure(name, ours / row["flights_per_s"], "")
        for name, row in zip(names, rates, strict=False)
    ]


def document(machine, found):
    """The whole record; `record.schema.json` says what is in it."""
    return {
        "schema": SCHEMA,
        "machine": machine,
        "figures": figures(found),
        "shell": {"reason": found["shell"]["reason"]},
        **{
            name: found[name]
            for name in (
                *("mission", "compiling", "campaign", "sizes", "phases", "parts"),
                *("peak", "basilisk"),
            )
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
