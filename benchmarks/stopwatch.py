"""How long a piece of work takes; the clock comes in by argument, so that a test can hold it."""

import os
import statistics
import time


def seconds_of(work, clock=time.perf_counter):
    """What `work()` returns, and how long it took, s."""
    start = clock()
    made = work()
    return made, clock() - start


def median_seconds(work, count, clock=time.perf_counter):
    """Median of `count` times of `work()`, s; what it returns is dropped."""
    return statistics.median(seconds_of(work, clock)[1] for _ in range(count))


def cpu_seconds():
    """Processor time of this process, all threads: what neighbours on the machine do not add."""
    return time.process_time()


def cpu_seconds_of_all():
    """Processor time of this process and of those that it has started and that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
