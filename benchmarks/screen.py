"""A bench's record as tables on the screen."""

from rich.console import Console
from rich.table import Table

PARTS_SHOWN = 24
EACH = ("flights_per_s_each", "wall_s_each")


def show(record, console=None):
    """Print the record: machine, figures, campaigns, memory, shares, phases, parts, Basilisk."""
    console = console or Console()
    machine = record["machine"]
    console.print(
        f"{machine['processor']}, {machine['cores']} cores, load {machine['load_before']:.1f}"
        f" before; Python {machine['python']}, jax {machine['packages']['jax']};"
        f" {record['mission']}; commit {machine['commit']}; {machine['date']}"
    )
    tables = (_figures, _campaigns, _memory, _sizes, _shares, _phases, _parts)
    for table in (each(record) for each in tables):
        console.print(table)
    if record["shell"]["reason"]:
        console.print(record["shell"]["reason"])
    for each in _beside(record["basilisk"], record["campaigns"][0]["flights_per_s"]):
        console.print(each)


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


def _campaigns(record):
    columns = ("engine", "runs", "flights a batch", "workers", "flights/s", "each", "wall s each")
    table = _table("Campaigns, in turn", *columns, "compile s", "clean")
    for row in record["campaigns"]:
        table.add_row(
            row["engine"],
            *(f"{row[name]:,}" for name in ("runs", "batch_size", "workers")),
            f"{row['flights_per_s']:.1f}",
            *(" ".join(f"{each:.1f}" for each in row[name]) for name in EACH),
            f"{row['compile_s']:.1f}",
            f"{row['clean']:,}",
        )
    return table


def _memory(record):
    table = _table(
        "Memory of a campaign that compiles", "engine", "runs", "GB", "each process", "at s", "of s"
    )
    for row in record["memory"]:
        each = " ".join(f"{size:.2f}" for size in row["processes_gb"])
        numbers = (f"{row['at_s']:.0f}", f"{row['wall_s']:.0f}")
        table.add_row(row["engine"], f"{row['runs']:,}", f"{row['peak_gb']:.2f}", each, *numbers)
    return table


def _sizes(record):
    columns = ("engine", "lanes", "flights/s", "each repeat", "CPU s a flight", "GB", "ready s")
    table = _table("Batches alone, a pinned process a core (--lanes 16 32 128: XLA's)", *columns)
    for row in record["sizes"]:
        each = " ".join(f"{rate:.1f}" for rate in row["flights_per_s_each"])
        numbers = (row["cpu_s_a_flight"], row["memory_gb"], row["ready_s"])
        table.add_row(
            *(row["engine"], str(row["lanes"]), f"{row['flights_per_s']:.1f}", each),
            *(f"{n:.3g}" for n in numbers),
        )
    return table


def _phases(record):
    lanes = record["campaigns"][1]["batch_size"]
    title = f"Phases of one batch of {lanes} by XLA, one core, processor time"
    columns = ("phase", "steps", "s", "share", "Mflop a flight", "GFlop/s", "instructions")
    table = _table(title, *columns)
    total = sum(row["seconds"] for row in record["phases"])
    for row in record["phases"]:
        work = row["operations_a_flight"]
        table.add_row(
            row["phase"],
            str(row["steps"]),
            f"{row['seconds']:.2f}",
            f"{row['seconds'] / total:.0%}",
            f"{1e-6 * work:.1f}",
            f"{1e-9 * work * lanes / row['seconds']:.2f}",
            f"{row['instructions']:,}",
        )
    return table


def _shares(record):
    title = "Instructions of the native flight, by what asked for them"
    table = _table(title, "asked for by", "share", "of it for the surface")
    for row in record["shares"]:
        table.add_row(row["group"], f"{row['share']:.1%}", f"{row['surface_share']:.1%}")
    return table


def _parts(record):
    title = "Parts, as they run inside XLA's flight, ms a flight"
    table = _table(
        title, "asked for by", *(row["phase"] for row in record["phases"]), "all", "share"
    )
    whole = sum(sum(row["milliseconds_a_flight"]) for row in record["parts"])
    for row in _shortened(record["parts"]):
        each = row["milliseconds_a_flight"]
        cells = [f"{one:.2f}" for one in (*each, sum(each))]
        table.add_row(row["part"], *cells, f"{sum(each) / whole:.1%}")
    return table


def _shortened(parts):
    """The costliest parts, and the rest as one."""
    shown, rest = parts[:PARTS_SHOWN], parts[PARTS_SHOWN:]
    if rest:
        columns = zip(*(row["milliseconds_a_flight"] for row in rest), strict=True)
        sums = [sum(each) for each in columns]
        shown = [*shown, {"part": f"{len(rest)} more", "milliseconds_a_flight": sums}]
    return shown


def _beside(peer, ours):
    """Lines and tables on Basilisk."""
    if peer["reason"]:
        return [peer["reason"]]
    title = f"Basilisk {peer['version']} on the same recorded flight, a process a core"
    columns = ("steps", "flights/s", "CPU s a flight", "ours over theirs")
    rates = _table(title, *columns, "end from ours", "end from the reference")
    for row in peer["rates"]:
        numbers = (row["flights_per_s"], row["cpu_s_a_flight"], ours / row["flights_per_s"])
        ends = (_apart(row["from_ours"]), _apart(row["from_reference"]))
        rates.add_row(row["steps"], *(f"{n:.3g}" for n in numbers), *ends)
    did = _table("What each did: not the same work", "what", "ours", "Basilisk's")
    for row in peer["did"]:
        did.add_row(*row)
    return [rates, f"Ours ends {_apart(peer['ours_from_reference'])} from the reference.", did]


def _apart(ends):
    """Metres and m/s between two ends."""
    return f"{ends['position_m']:.1f} m, {ends['velocity_m_s']:.3f} m/s"
