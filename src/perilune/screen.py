"""What a person at a terminal sees of a flight: its progress, then its verdict."""

import contextlib
import sys
import time

from rich.console import Console


@contextlib.contextmanager
def progress():
    """Gives `tell(words)`: a spinner with the stage at work, on standard error.

    Where that is no terminal, a line for each stage. Words that begin with `note: ` stay.
    """
    console = Console(stderr=True, highlight=False)
    start = time.perf_counter()
    if not console.is_terminal:

        def print_line(words):
            since_s = time.perf_counter() - start
            console.print(f"[{since_s:5.1f} s] {words}", markup=False, soft_wrap=True)

        yield print_line
        return
    with console.status("starting") as status:

        def tell(words):
            if words.startswith("note: "):
                console.print(words, markup=False, soft_wrap=True)
            else:
                status.update(words)

        yield tell


def show_result(result, folder, as_json):
    """The verdict on standard output: as tables, or as `result.json`'s text and nothing else."""
    if as_json:
        from perilune.report.result import result_text

        sys.stdout.write(result_text(result))
        return
    from perilune.report.terminal import verdict_tables

    console = Console(highlight=False)
    console.print(verdict_tables(result))
    console.print(f"{folder}/report.html", markup=False, soft_wrap=True)
