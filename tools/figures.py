"""Flies again what the pages quote, and compares: `make figures`; --write puts new figures in.

docs/figures.toml names each quotation, its page, the command that makes its numbers, which data the
command used, and how far a number may lie from the one quoted on another type of processor: by a
difference (`within`), or by a factor (`times`).
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import tomlkit

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "docs" / "figures.toml"
TABLES = {
    "runs": "read_parquet('{folder}/runs/*.parquet')",
    "campaign": "read_json('{folder}/campaign.json')",
    "telemetry": "read_parquet('{folder}/telemetry.parquet')",
}
"""What a figure's SQL may ask by name, and where a command that was given {folder} leaves it."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One quotation: the text on its page, as a template, and the numbers that stand in it."""

    page: Path
    quote: str
    numbers: dict[str, float]
    ask: dict[str, str]
    within: dict[str, float]
    times: dict[str, float]

    @property
    def text(self) -> str:
        """The quotation as its page has it."""
        return self.quote.format(**self.numbers)


@dataclass(frozen=True, kw_only=True)
class Command:
    """What is run, with which data, and the figures that it makes."""

    name: str
    run: str
    data: str
    figures: tuple[Figure, ...]


def commands(path: Path = FIGURES) -> list[Command]:
    """Every command of docs/figures.toml."""
    document = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap()
    return [
        Command(
            name=each["name"],
            run=each["run"],
            data=each["data"],
            figures=tuple(
                Figure(
                    page=ROOT / one["page"],
                    quote=one["quote"],
                    numbers=one["numbers"],
                    ask=one["ask"],
                    within=one.get("within", {}),
                    times=one.get("times", {}),
                )
                for one in each["figures"]
            ),
        )
        for each in document["command"]
    ]


def absent(figures: list[Figure]) -> list[str]:
    """Quotations that their pages do not have, as sentences."""
    return [
        f"{each.page.relative_to(ROOT)} must say: {each.text}"
        for each in figures
        if " ".join(each.text.split()) not in " ".join(each.page.read_text().split())
    ]


def answers(command: Command) -> Iterator[tuple[Figure, dict[str, float]]]:
    """Run a command in a folder of its own; each figure with its numbers now."""
    with tempfile.TemporaryDirectory() as folder:
        environment = dict(os.environ)
        if command.data == "built-in":
            environment.pop("PERILUNE_DATA", None)
        words = [word.format(folder=folder) for word in shlex.split(command.run)]
        words[0] = {"python": sys.executable}.get(words[0], words[0])
        path = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
        done = subprocess.run(
            words,
            cwd=ROOT,
            env={**environment, "PATH": path},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        document = json.loads(done.stdout) if done.stdout.lstrip().startswith("{") else {}
        for figure in command.figures:
            yield figure, {name: _asked(ask, document, folder) for name, ask in figure.ask.items()}


def _asked(ask: str, document: dict, folder: str) -> float:
    """A number: of SQL over the rows, or at a path of the JSON printed, times a factor or not.

    SQL may ask `runs`, a campaign's rows; `campaign`, its campaign.json as one row; `telemetry`,
    that of one flight.
    """
    if ask.startswith("select "):
        for table, source in TABLES.items():
            ask = ask.replace(f"from {table}", f"from {source.format(folder=folder)}")
        ((found,),) = duckdb.sql(ask).fetchall()
        return float(found)
    factor, _, path = ask.rpartition("* ")
    value = document
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return float(factor or 1.0) * float(value)  # type: ignore[arg-type]


def moved(figure: Figure, now: dict[str, float]) -> list[str]:
    """What differs by more than it may, as sentences."""
    return [
        f"{figure.page.relative_to(ROOT)}: `{name}` of «{figure.text}» is now {value:g}"
        for name, value in now.items()
        if not _holds(figure, name, value)
    ]


def _holds(figure: Figure, name: str, value: float) -> bool:
    quoted = figure.numbers[name]
    if name in figure.times:
        return quoted / figure.times[name] <= value <= quoted * figure.times[name]
    return abs(value - quoted) <= figure.within.get(name, 0.0)


def write(changed: list[tuple[Figure, dict[str, float]]]) -> list[str]:
    """Put new numbers into docs/figures.toml and the pages that quote them.

    Returns a sentence for each quotation that its page does not have, which is left as it was.
    """
    document = tomlkit.parse(FIGURES.read_text(encoding="utf-8"))
    unfound = []
    for figure, now in changed:
        page = figure.page.read_text(encoding="utf-8")
        new = rewritten(page, figure.text, figure.quote.format(**now))
        if new is None:
            unfound += [
                f"{sentence}; correct it, then --write again" for sentence in absent([figure])
            ]
            continue
        figure.page.write_text(new, encoding="utf-8")
        for each in document["command"]:  # type: ignore[union-attr]
            for one in each["figures"]:
                if one["quote"] == figure.quote and ROOT / one["page"] == figure.page:
                    one["numbers"].update({name: float(f"{v:.6g}") for name, v in now.items()})
    FIGURES.write_text(tomlkit.dumps(document), encoding="utf-8")
    return unfound


def rewritten(page: str, old: str, new: str) -> str | None:
    """A page with a quotation changed word by word, wrapped as it was; None where it has none."""
    found = re.search(r"(\s+)".join(map(re.escape, old.split())), page)
    if found is None:
        return None
    gaps = [*found.groups(), ""]
    words = "".join(word + gap for word, gap in zip(new.split(), gaps, strict=True))
    return page[: found.start()] + words + page[found.end() :]


def unflyable(wanted: list[Command]) -> str | None:
    """Why the commands cannot be run here: they would fly other ground than they did; or None."""
    names = [each.name for each in wanted if each.data == "measured"]
    if not names or os.environ.get("PERILUNE_DATA"):
        return None
    return (
        f"PERILUNE_DATA must name the folder of measured maps and fields for {', '.join(names)}, "
        "but is not set; set it, or name commands whose `data` is built-in."
    )


def main(arguments: list[str]) -> int:
    """Run all commands, or those named; 1 where a figure moved or cannot be written, 2 refused."""
    names = [word for word in arguments if not word.startswith("--")]
    wanted = [each for each in commands() if not names or each.name in names]
    refused = unflyable(wanted)
    if refused:
        print(refused, file=sys.stderr)
        return 2
    changed, said = [], []
    for command in wanted:
        print(f"{command.name}: {command.run} (data: {command.data})", flush=True)
        for figure, now in answers(command):
            sentences = moved(figure, now)
            print("  moved" if sentences else "  holds", figure.quote.format(**now), flush=True)
            if sentences:
                changed.append((figure, now))
                said += sentences
    if "--write" in arguments:
        said = write(changed)
    print("\n".join(said))
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
