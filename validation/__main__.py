"""Prints every comparison: `python -m validation [MODULE]`; exits with 1 if one fails."""

import importlib
import pkgutil
import sys

import validation
from validation.comparison import AuthorityAbsentError


def main(only=()):
    """Run `compare()` of every module that has one, or of those named; how many failed."""
    failed = 0
    for found in pkgutil.iter_modules(validation.__path__):
        if found.name == "__main__" or (only and found.name not in only):
            continue
        compare = getattr(importlib.import_module(f"validation.{found.name}"), "compare", None)
        failed += _print(found.name, compare) if compare else 0
    return failed


def _print(name, compare):
    print(f"\n{name}")
    try:
        comparisons = compare()
    except AuthorityAbsentError as absent:
        print(f"  not compared: {absent}")
        return 0
    for one in comparisons:
        pair = "" if one.ours is None else f"{one.ours:12.5g} beside {one.theirs:.5g}"
        mark = "ok  " if one.holds else "FAIL"
        apart = f"{one.difference:9.3g} <= {one.limit:g} {one.unit}"
        print(f"  {mark} {one.name:58} {apart:24} {pair:28} [{one.authority}]")
    return sum(not one.holds for one in comparisons)


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
