"""The stages of a command as they pass, and calls beside which Ctrl-C is answered."""

import contextlib
import functools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any


class Stages:
    """Announces each stage as it begins, and keeps how long each took, s."""

    def __init__(self, notify: Callable[[str], None]) -> None:
        """`notify(words)` is called with each stage."""
        self.notify = notify
        self.wall_s: dict[str, float] = {}

    @contextlib.contextmanager
    def __call__(self, name: str, words: str) -> Iterator[None]:
        """Announce a stage, run what is inside, keep its time."""
        self.notify(words)
        start = time.perf_counter()
        yield
        self.wall_s[name] = round(time.perf_counter() - start, 3)


class Beside:
    """A call in a thread of its own, so that Ctrl-C is answered at once meanwhile."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Start it."""
        self._call = functools.partial(function, *arguments)
        self._answer: Any = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def result(self) -> Any:
        """Its answer once it is there, or its error raised."""
        while self._thread.is_alive():
            self._thread.join(0.1)
        if self._error is not None:
            raise self._error
        return self._answer

    def _run(self) -> None:
        try:
            self._answer = self._call()
        except BaseException as error:  # raised again by `result`
            self._error = error
