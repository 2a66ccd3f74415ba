"""What a bench found, as a JSON document: the figures beside their targets, and the tables."""

import json
import statistics
from pathlib import Path

SCHEMA = 4
SCHEMA_FILE = Path(__file__).with_name("record.schema.json")

# figure                     unit           target, and whether the figure should be below or above
TARGETS = {
    "flights per second": ("flights/s", 250.0, "above"),
    "ratio to XLA": ("", 4.5, "above"),
    "cold compile": ("s", 15.0, "below"),
    "`perilune fly` warm": ("s", 8.0, "below"),
    "`perilune --help`": ("s", 0.5, "below"),
    "memory of a campaign, native": ("GB", 1.0, "below"),
    "smallest look of `--require`": ("flights", 8.0, "below"),
    "ratio to Basilisk, our steps": ("", 45.0, "above"),
    "share of the peak, operations by XLA's count": ("%", 20.0, "above"),
    "share of the peak, operations executed": ("%", 20.0, "above"),
}


def figure(name, value, unit=None):
    """One figure, with its target where it has one."""
    wanted_unit, target, side = TARGETS.get(name, (unit, None, None))
    met = None if target is None else (value <= target if side == "below" else value >= target)
    return {"name": name, "value": value, "unit": wanted_unit, "target": target, "met": met}


def figures(found):
    """The figures of one bench, in the order they are told; the native engine's where none says."""
    native, xla = found["campaigns"]
    return [
        figure("flights per second", native["flights_per_s"]),
        figure("flights per second, XLA", xla["flights_per_s"], "flights/s"),
        figure("ratio to XLA", ratio_in_turn(native, xla)),
        figure("flights per second, design to conclusions", _shell_rate(native), "flights/s"),
        figure("flights per second, design to conclusions, XLA", _shell_rate(xla), "flights/s"),
        figure("compile within the campaign", native["compile_s"], "s"),
        figure("compile within the campaign, XLA", xla["compile_s"], "s"),
        *(
            figure(f"memory of a campaign, {one['engine']}", one["peak_gb"], "GB")
            for one in found["memory"]
        ),
        figure("smallest look of `--require`", found["first_look"]["flights_a_look"]),
        *_compiling(found["compiling"]),
        *_arithmetic(found),
        *_shell_figures(found["shell"]),
        *_ratios(found),
    ]


def ratio_in_turn(native, xla):
    """Median over turns of how many times as fast the native campaign was as XLA's after it."""
    pairs = zip(native["flights_per_s_each"], xla["flights_per_s_each"], strict=True)
    return statistics.median(one / other for one, other in pairs)


def _shell_rate(campaign):
    """Flights a second from the order to the conclusions: the quickest, with nothing to compile."""
    return campaign["runs"] / min(campaign["wall_s_each"])


def _compiling(rows):
    """Trace, cold compile and compile from the cache, of the native engine and of XLA's two."""
    batch, alone, native = rows
    told = []
    for words, row in (("", native), (", XLA's batch", batch), (", XLA's one flight", alone)):
        told += [
            figure(f"trace{words}", row["trace_and_lower_s"], "s"),
            figure(f"cold compile{words}", row["cold_compile_s"], "s"),
            figure(f"cold compile{words}, processor time", row["cold_compile_cpu_s"], "s"),
            figure(f"compile from the cache{words}", row["cached_compile_s"], "s"),
        ]
    return told


def _arithmetic(found):
    """Operations a flight, the rates reached, the machine's peak, and their ratios.

    There are two counts: that of XLA's program (`hlo.py`), which is one of what is computed,
    whoever computes it, and that of what the native engine's program executes (`executed.py`).
    """
    native, xla = found["campaigns"]
    peak, rows = found["peak"], found["phases"]
    by_xla = sum(row["operations_a_flight"] for row in rows)
    told = [
        *_reached("operations by XLA's count", by_xla, native, peak),
        *_reached("operations executed", found["operations"]["executed"], native, peak),
        *_reached("operations by XLA's count, flown by XLA", by_xla, xla, peak),
    ]
    hard = sum(row["transcendental_a_flight"] for row in rows)
    cpu_s = sum(row["seconds"] for row in rows)
    started = sum(row["instructions"] for row in rows)
    return [
        *told,
        figure("of those by XLA's count, transcendental", hard, "operations"),
        figure("peak, one core alone", peak["one_core_gflop_s"], "GFlop/s"),
        figure("peak, all cores at once", peak["all_cores_gflop_s"], "GFlop/s"),
        figure("vectors of the peak", peak["vector_bits"], "bits"),
        figure("matrix product, all cores at once", peak["matrix_product_gflop_s"], "GFlop/s"),
        figure("memory, triad", peak["triad_gb_s"], "GB/s"),
        figure("processor time a flight, XLA", cpu_s / xla["batch_size"], "s"),
        figure("instructions started a batch, XLA", started, "instructions"),
        figure("processor time an instruction, XLA", 1e6 * cpu_s / started, "µs"),
    ]


def _reached(words, count, campaign, peak):
    """Operations a flight, billions a second in a campaign, and their share of all cores' peak."""
    rate = 1e-9 * count * campaign["flights_per_s"]
    share = 100.0 * rate / peak["all_cores_gflop_s"]
    return [
        figure(f"a flight, {words}", count, "operations"),
        figure(f"arithmetic reached, {words}", rate, "GFlop/s"),
        figure(f"share of the peak, {words}", share, "%"),
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
    ours = found["campaigns"][0]["flights_per_s"]
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
                *("mission", "compiling", "campaigns", "memory", "first_look", "sizes"),
                *("operations", "shares", "phases", "parts", "peak", "basilisk"),
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
