"""A flight on a terminal: its progress, then its verdict."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from rich.console import Console

from perilune import signals
from perilune.streams import takes_unicode, write_json

PULSE_S = 10.0
"""A stage that lasts longer prints every so often that it is still running."""


class Lines:
    """A line for each stage where there is no terminal, and one every `PULSE_S` of a long stage."""

    def __init__(self, console: Console) -> None:
        """Nothing printed yet."""
        self._console, self._start = console, time.perf_counter()
        self.stage, self._last = "starting", self._start
        self._ended, self._one_line = threading.Event(), threading.Lock()

    def __enter__(self) -> "Lines":
        """Begin to print."""
        threading.Thread(target=self._pulse, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Print nothing more."""
        self._ended.set()

    def say(self, words: str) -> None:
        """Print a line; what is no note becomes the current stage."""
        if not words.startswith("note: "):
            self.stage = words
        self._print(words)

    def _print(self, words: str) -> None:
        with self._one_line:
            self._last = time.perf_counter()
            line = f"[{self._last - self._start:5.1f} s] {words}"
            self._console.print(line, markup=False, soft_wrap=True)

    def _pulse(self) -> None:
        while not self._ended.wait(max(0.05, self._last + PULSE_S - time.perf_counter())):
            if time.perf_counter() - self._last >= PULSE_S:
                self._print(f"still {self.stage}")


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A function that shows the current stage beside a spinner on standard error.

    Where that is no terminal, a line for each stage. Words that begin with `note: ` stay.
    """
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        with Lines(console) as lines:
            yield lines.say
        return
    with (
        console.status("starting", spinner=spinner(console)) as status,
        signals.closing(status.stop),
    ):

        def notify(words: str) -> None:
            if words.startswith("note: "):
                console.print(words, markup=False, soft_wrap=True)
            else:
                status.update(words)

        yield notify


def spinner(console: Console) -> str:
    """The name of a spinner that the console's encoding can show."""
    return "dots" if takes_unicode(console.file) else "line"


def show_result(result: Mapping[str, Any], folder: str, as_json: bool) -> None:
    """The verdict on standard output: as tables, or as `result.json`'s text and nothing else."""
    if as_json:
        from perilune.report.result import result_text

        write_json(result_text(result))
        return
    from perilune.report.flight_terminal import verdict_tables
    from perilune.report.terminal_width import print_fitted

    console = Console(highlight=False)
    for each in verdict_tables(result):
        print_fitted(console, each)
    console.print(f"{folder}/report.html", markup=False, soft_wrap=True)
    sys.stdout.flush()
