"""A bench's record as tables on the screen."""

from rich.console import Console
from rich.table import Table


def show(record, console=None):
    """Print the record: machine, figures, chunks, phases, parts, Basilisk."""
    console = console or Console()
    machine = record["machine"]
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, load {machine['load_before']:.1f}"
        f" before; Python {machine['python']}, jax {machine['packages']['jax']};"
        f" {record['mission']}; commit {machine['commit']}; {machine['date']}"
    )
    for table in (_figures(record), _chunks(record), _phases(record), _parts(record)):
        console.print(table)
    if record["shell"]["reason"]:
        console.print(record["shell"]["reason"])
    console.print(_beside(record["basilisk"]))


def _table(title, *columns):
    table = Table(title=title, title_justify="left")
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right")
    return table


def _figures(record):
    table = _table("Figures", "figure", "value", "unit", "target", "met")
    for row in record["figures"]:
        target = "" if row["target"] is None else f"{row['target']:g}"
        met = {None: "", True: "yes", False: "no"}[row["met"]]
        table.add_row(row["name"], f"{row['value']:.3g}", row["unit"], target, met)
    return table


def _chunks(record):
    table = _table("Chunks", "lanes", "flights/s", "each repeat", "CPU s a flight", "GB", "ready s")
    for row in record["throughput"]:
        each = " ".join(f"{rate:.1f}" for rate in row["flights_per_s_each"])
        numbers = (row["cpu_s_a_flight"], row["memory_gb"], row["ready_s"])
        table.add_row(
            str(row["lanes"]), f"{row['flights_per_s']:.1f}", each, *(f"{n:.3g}" for n in numbers)
        )
    return table


def _phases(record):
    table = _table("Phases of one chunk, processor time", "phase", "steps", "s", "share")
    total = sum(row["seconds"] for row in record["phases"])
    for row in record["phases"]:
        share = f"{row['seconds'] / total:.0%}"
        table.add_row(row["phase"], str(row["steps"]), f"{row['seconds']:.2f}", share)
    return table


def _parts(record):
    title = "Parts, each alone, processor time; a sub-part is also inside the whole above it"
    table = _table(title, "part", "runs a flight", "µs a run", "ms a flight")
    for row in record["parts"]:
        name = f"{row['part']}: {row['what']}"
        table.add_row(
            name,
            str(row["runs"]),
            f"{row['microseconds']:.2f}",
            f"{row['milliseconds_a_flight']:.1f}",
        )
    return table


def _beside(peer):
    if peer["reason"]:
        return peer["reason"]
    return (
        f"Basilisk {peer['version']}: {peer['seconds']:.3f} s of one core for {peer['did']}.\n"
        f"Perilune: {peer['ours_s']:.3f} s of one core, batched, for a whole flight: orbit, burn,"
        " coast, braking, approach, descent, contact, with every sensor, filter, guidance, harmonic"
        f" gravity and terrain. Theirs over ours: {peer['ratio']:.1f}. Not the same work."
    )
