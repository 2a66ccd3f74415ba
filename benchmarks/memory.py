"""Memory of a campaign as it flies: all its processes together, looked at while they live.

Linux says for each process its proportional set size: what it holds alone, and of what it shares
its part (`smaps_rollup` of proc(5)). Added up over processes they count no page twice.
"""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.campaign import campaign

LOOK_S = 0.25  # from look to look
PROCESSES = Path("/proc")


def memory_of_campaign(
    mission: str, engine: str, runs: int, folder: Path, look_s: float = LOOK_S
) -> dict[str, Any]:
    """The most memory that a campaign's processes held at once; `folder` is empty, so it compiles.

    Its processes are the one that designs, writes rows and concludes, the workers, and those that
    compile. What is between two looks is not seen.
    """
    out, cache = Path(folder, "campaign"), Path(folder, "programs")

    def fly() -> dict[str, Any]:
        return campaign(mission, engine, out, cache, runs=runs)

    document, looks = watched(fly, look_s)
    at_s, processes = max(looks, key=lambda look: sum(look[1]))
    return {
        "engine": engine,
        "runs": document["runs"],
        "workers": document["timing"]["workers"],
        "peak_gb": sum(processes) / 1e9,
        "processes_gb": sorted((each / 1e9 for each in processes), reverse=True),
        "at_s": at_s,
        "wall_s": looks[-1][0],
        "looks": len(looks),
    }


def watched(
    work: Callable[[], Any], look_s: float = LOOK_S
) -> tuple[Any, list[tuple[float, list[int]]]]:
    """What `work()` returns, and (s since its begin, bytes of each descendant) at every look.

    Descendants of this process that were there before are not counted.
    """
    before, looks, over = set(descendants()), [], threading.Event()
    start_s = time.monotonic()

    def look() -> None:
        while not over.wait(look_s):
            sizes = [proportional_bytes(each) for each in descendants() if each not in before]
            looks.append((time.monotonic() - start_s, [size for size in sizes if size]))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        made = work()
    finally:
        over.set()
        watcher.join()
    return made, looks


def descendants(root: int | None = None) -> list[int]:
    """Numbers of the processes that a process started, and of theirs; of this one, if None."""
    children: dict[int, list[int]] = {}
    for path in PROCESSES.glob("[0-9]*/stat"):
        parent = _parent(path)
        if parent is not None:
            children.setdefault(parent, []).append(int(path.parent.name))
    here = int((PROCESSES / "self").readlink().name) if root is None else root
    found, waiting = [], [here]
    while waiting:
        young = children.get(waiting.pop(), [])
        found += young
        waiting += young
    return found


def _parent(stat: Path) -> int | None:
    """The parent that a process's `stat` names, after its command in brackets; None if it ended."""
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return None


def proportional_bytes(process: int) -> int:
    """Proportional set size of a process, bytes; 0 where it has ended."""
    try:
        text = (PROCESSES / str(process) / "smaps_rollup").read_text()
    except OSError:
        return 0
    found = [line.split()[1] for line in text.splitlines() if line.startswith("Pss:")]
    return 1024 * int(found[0]) if found else 0
