"""Flies again what the pages quote, and compares: `make figures`; --write puts new figures in.

docs/figures.toml names each quotation, its page, the command that makes its numbers, which data the
command used, and how far a number may lie from the one quoted on another type of processor.
"""

import json
import os
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


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One quotation: the text on its page, as a template, and the numbers that stand in it."""

    page: Path
    quote: str
    numbers: dict[str, float]
    ask: dict[str, str]
    within: dict[str, float]

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
    """A number: of SQL over the rows, or at a path of the JSON printed, times a factor or not."""
    if ask.startswith("select "):
        rows = f"read_parquet('{folder}/runs/*.parquet')"
        ((found,),) = duckdb.sql(ask.replace("from runs", f"from {rows}")).fetchall()
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
        if not abs(value - figure.numbers[name]) <= figure.within.get(name, 0.0)
    ]


def write(changed: list[tuple[Figure, dict[str, float]]]) -> None:
    """Put new numbers into docs/figures.toml and the pages that quote them."""
    document = tomlkit.parse(FIGURES.read_text(encoding="utf-8"))
    for figure, now in changed:
        page = figure.page.read_text(encoding="utf-8")
        figure.page.write_text(
            page.replace(figure.text, figure.quote.format(**now)), encoding="utf-8"
        )
        for each in document["command"]:  # type: ignore[union-attr]
            for one in each["figures"]:
                if one["quote"] == figure.quote and ROOT / one["page"] == figure.page:
                    one["numbers"].update({name: float(f"{v:.6g}") for name, v in now.items()})
    FIGURES.write_text(tomlkit.dumps(document), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Run all commands, or those named; 1 where a figure moved."""
    wanted = [word for word in arguments if not word.startswith("--")]
    changed, said = [], []
    for command in commands():
        if wanted and command.name not in wanted:
            continue
        print(f"{command.name}: {command.run} (data: {command.data})", flush=True)
        for figure, now in answers(command):
            sentences = moved(figure, now)
            print("  moved" if sentences else "  holds", figure.quote.format(**now), flush=True)
            if sentences:
                changed.append((figure, now))
                said += sentences
    if "--write" in arguments:
        write(changed)
        return 0
    print("\n".join(said))
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
