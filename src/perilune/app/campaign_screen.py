"""Progress of a campaign on a terminal: flights done, rate, estimate, time left."""

import contextlib
import time
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, TextColumn
from rich.table import Column

from perilune import signals
from perilune.app.flight_screen import Lines, spinner
from perilune.campaign.run.throughput import Standing

WIDE = 120
"""Columns of a terminal that has room for a bar beside the words."""
LINES_APART_S = 5.0
"""Time between two lines of progress, where there is no terminal to draw a bar on."""


@contextlib.contextmanager
def watching(may_stop_early: bool = False) -> "Iterator[LineWatch | BarWatch]":
    """A watch for a campaign: a bar on standard error, or lines where that is no terminal.

    Where a decision may end the campaign early, the time left is given as an upper bound.
    """
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        with Lines(console) as lines:
            yield LineWatch(lines, may_stop_early)
        return
    with (
        Progress(*_columns(console), console=console, transient=True) as progress,
        signals.closing(progress.stop),
    ):
        yield BarWatch(progress, may_stop_early)


def _columns(console: Console) -> tuple[ProgressColumn, ...]:
    """Of a progress: words alone, folded so that no digit is cut, where there is no room."""
    if console.width >= WIDE:
        return (
            SpinnerColumn(spinner(console)),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[standing]}", markup=False),
        )
    words = "{task.description} {task.fields[standing]}"
    return (TextColumn(words, markup=False, table_column=Column(overflow="fold")),)


def standing_words(standing: Standing, may_stop_early: bool = False) -> str:
    """`640 of 1,000 flights, 98.4 % clean (97.1 to 99.3 % of this model and dispersions), …`."""
    share = 100.0 * standing.clean / standing.flown
    lo, hi = 100.0 * standing.lo, 100.0 * standing.hi
    parts = [
        f"{standing.flown:,} of {standing.most:,} flights",
        f"{standing.rate_per_s:.1f}/s" if standing.rate_per_s else "",
        f"{share:.1f} % clean ({lo:.1f} to {hi:.1f} % of this model and dispersions)",
        f"{'at most ' * may_stop_early}{_span(standing.left_s)} left" if standing.left_s else "",
    ]
    return ", ".join(part for part in parts if part)


class LineWatch:
    """Prints a line for each stage, and progress every `LINES_APART_S`."""

    def __init__(self, lines: Lines, may_stop_early: bool) -> None:
        """Nothing printed yet."""
        self.parting: str | None = None
        self._lines, self._may_stop_early = lines, may_stop_early
        self._said: float | None = None
        self._held: str | None = None

    def say(self, words: str) -> None:
        """Print a stage; the words of an interruption are kept for the last line."""
        if words.startswith("interrupted: "):
            self.parting = words
            return
        if self._held is not None:
            self._tell(self._held)
        self._tell(words)

    def progress(self, standing: Standing) -> None:
        """Progress; the latest is held back until it is due, or a stage ends."""
        self._lines.stage = self._held = standing_words(standing, self._may_stop_early)
        now = time.perf_counter()
        if self._said is None or now - self._said >= LINES_APART_S:
            self._said = now
            self._tell(self._held)

    def _tell(self, words: str) -> None:
        self._held = None
        self._lines.say(words)


class BarWatch:
    """Draws a bar once flights come in; before that, shows the current stage."""

    def __init__(self, progress: Progress, may_stop_early: bool) -> None:
        """A bar without an end, yet."""
        self.parting: str | None = None
        self._progress, self._may_stop_early = progress, may_stop_early
        self._task = progress.add_task("starting", total=None, standing="")

    def say(self, words: str) -> None:
        """Show a stage; notes stay on the screen."""
        if words.startswith("interrupted: "):
            self.parting = words
        elif words.startswith("note: "):
            self._progress.console.print(words, markup=False, soft_wrap=True)
        else:
            self._progress.update(self._task, description=words)

    def progress(self, standing: Standing) -> None:
        """Draw the progress."""
        self._progress.update(
            self._task,
            description="flying",
            total=standing.most,
            completed=standing.flown,
            standing=standing_words(standing, self._may_stop_early),
        )


def _span(seconds: float) -> str:
    """`9 s`, `4 min 05 s`, `2 h 10 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
