"""How the command line ends on a signal: after what is being written, with one line, at once.

No exception is thrown into work that is under way: an import, a compiler or a `finally` broken off
half-way would answer with a traceback of its own. This module imports nothing that Python has not
loaded by itself, so that it can listen before anything else is read: not even `typing`.
"""

import _signal
import _thread
import os
from _collections_abc import Callable

ENDING = {
    int(_signal.SIGINT): "interrupted",
    int(_signal.SIGTERM): "terminated",
    int(_signal.SIGHUP): "hung up",
}
EXIT_CODE_BASE = 128
"""A process that a signal ended exits with this plus the signal's number, as a shell reports it."""
NOTHING = "nothing was written"


class _Leaving:
    """What is known of this process when a signal comes."""

    is_asked = False
    words: list[Callable[[], str]] = []  # noqa: RUF012, of the whole process: the first of them speaks
    closing: list[Callable[[], object]] = []  # noqa: RUF012, what is put back: a cursor, processes that were started
    writing = _thread.RLock()
    place: object = None


def listen() -> None:
    """Answer Ctrl-C, SIGTERM and SIGHUP with one line and 128 plus the signal's number.

    A signal that whatever started this process has it ignore, as `nohup` does, stays ignored.
    """
    for number in ENDING:
        if _signal.getsignal(number) != _signal.SIG_IGN:
            _signal.signal(number, _leave)


class writing:  # noqa: N801, read as a verb: `with writing(folder):`
    """Files go into place inside: a signal waits for the end of it. Noted as written after."""

    def __init__(self, place: object) -> None:
        """`place` is the folder they go to."""
        self._place = place

    def __enter__(self) -> None:
        """Hold the signal back."""
        _Leaving.writing.acquire()

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Let it through."""
        if kind is None:
            _Leaving.place = self._place
        _Leaving.writing.release()


class standing:  # noqa: N801, read as a verb: `with standing(words):`
    """Inside, `words()` says what is kept and how to go on; the outermost one speaks."""

    def __init__(self, words: Callable[[], str]) -> None:
        """`words` is a function without arguments."""
        self._words = words

    def __enter__(self) -> None:
        """From here on."""
        _Leaving.words.append(self._words)

    def __exit__(self, *_: object) -> None:
        """No longer."""
        _Leaving.words.remove(self._words)


class closing:  # noqa: N801, read as a verb: `with closing(act):`
    """Inside, a signal calls `act()` before the process leaves."""

    def __init__(self, act: Callable[[], object]) -> None:
        """`act` is a function without arguments."""
        self._act = act

    def __enter__(self) -> None:
        """From here on."""
        _Leaving.closing.append(self._act)

    def __exit__(self, *_: object) -> None:
        """No longer."""
        _Leaving.closing.remove(self._act)


def kept() -> str:
    """What is kept of the work of this process, in words."""
    if _Leaving.words:
        return _Leaving.words[0]()
    return NOTHING if _Leaving.place is None else f"what was written is in {_Leaving.place}"


def _leave(number: int, _: object) -> None:
    """End the process; asked a second time, without waiting for anything."""
    if not _Leaving.is_asked:
        _Leaving.is_asked = True
        while not _Leaving.writing.acquire(timeout=0.1):
            pass  # in short waits, each of which a second signal ends
        for act in _Leaving.closing[::-1]:
            _tried(act)
    left = _tried(kept) or NOTHING
    line = f"perilune: {ENDING[number]}{';' if left == NOTHING else ':'} {left}.\n"
    _tried(os.write, 2, line.encode("ascii", "backslashreplace"))
    os._exit(EXIT_CODE_BASE + number)


def _tried(act: Callable[..., object], *arguments: object) -> object:
    """Its answer, or None where it fails: nothing may keep a process from leaving."""
    try:
        return act(*arguments)
    except Exception:
        return None
