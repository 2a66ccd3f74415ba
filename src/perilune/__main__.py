"""The process of the command line: it listens for signals first, then runs the command beside."""

from perilune import signals

STACK_BYTES = 64 * 2**20
"""Of the thread that runs the command, whatever the shell's limit: a compiler nests deeply."""


LOOK_S = 0.1


def main() -> None:
    """Run the command line and leave with its exit code, at once.

    The command has a thread of its own and this one does nothing but wait, so that a signal is
    answered at any moment, also while a compiler is at work or a library is being loaded. Taking a
    compiler and its threads down in good order costs 0.7 s; all files are written by now.
    """
    signals.listen()
    import os
    import threading

    codes: list[int] = []
    threading.stack_size(STACK_BYTES)
    command = threading.Thread(target=_run, args=(codes,), daemon=True)
    command.start()
    threading.stack_size(0)
    while command.is_alive():  # a signal that comes just before a wait would not end the wait
        command.join(LOOK_S)
    os._exit(codes[0] if codes else 1)


def _run(codes: list[int]) -> None:
    from perilune.app.cli import whole_command

    codes.append(whole_command())


if __name__ == "__main__":
    main()
