"""Knows how hindcasts are written down: docs/understand/hindcasts.md."""

TITLE = "# Hindcasts: landings that were flown, flown again"
MADE = (
    "*Made by `python -m validation hindcast` (`validation/hindcast.py`) from "
    "`validation/authorities/hindcasts.toml`; do not edit.*"
)
SAYS = (
    "Missions of the catalog that were flown, by files alone, beside what was published of them. "
    "*Nominal* is the flight with no error drawn; *drawn* is the median of {runs} flights with "
    "everything drawn that the mission names, and from 5 % to 95 % of them. A row marked *given* "
    "was an input of ours. No number of a mission was changed to come nearer to a published one."
)
NONE = "\N{EN DASH}"


def page(flown):
    """The page, whole."""
    runs = max((each.run_count for each in flown), default=0)
    head = f"{TITLE}\n\n{MADE}\n\n{SAYS.format(runs=runs)}\n"
    return head + "".join(map(_mission, flown))


def _mission(flown):
    clean = "clean" if flown.clean else "not clean"
    faults = "".join(f" --fault {each}" for each in flown.faults)
    faults += "".join(f" --set '{each}'" for each in flown.settings)
    title = " with ".join([flown.title, *(f"`{each}`" for each in flown.faults)])
    return "".join(
        [
            f"\n## {title}\n\n`perilune fly {flown.name}{faults}`. {flown.text}\n\n",
            f"The nominal flight was {clean}; of {flown.run_count} drawn flights "
            f"{flown.clean_count} were clean.\n\n",
            "| what | published | nominal | drawn | difference | source | why |\n",
            "|---|---:|---:|---:|---:|---|---|\n",
            *map(_row, flown.rows),
            "" if flown.faults else _assumed(flown),
        ]
    )


def _assumed(flown):
    """What no figure is known for; once a mission, and not again with its faults."""
    return "".join(
        [
            f"\n### What is assumed of {flown.name}\n\nNo published figure is known for these:\n\n",
            "| value | assumed |\n|---|---|\n",
            *(f"| `{path}` | {why or NONE} |\n" for path, why in flown.assumed.items()),
        ]
    )


def _row(row):
    what = f"{row.what} (given)" if row.given else row.what
    drawn = NONE
    if row.drawn is not None:
        low, middle, high = map(number, row.drawn)
        drawn = f"{middle} ({low} to {high})"
    difference = number(row.nominal - row.published, signed=True)
    return (
        f"| {what}, {row.unit} | {number(row.published)} | {number(row.nominal)} | {drawn} | "
        f"{difference} | {row.source} | {row.why} |\n"
    )


def number(value, signed=False):
    """With four figures, or every one before the point."""
    size = abs(value)
    digits = 0 if size >= 1_000.0 else 1 if size >= 100.0 else 2
    text = f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"
    return text.replace("-", "\N{MINUS SIGN}")
