"""One SHA-256 of a flight plan: the same where every number of it is the same, to the bit."""

import hashlib
import json

from perilune.design.flight_plan import FlightPlan
from perilune.design.plan_tree import Described, described
from perilune.mechanics.portable_bytes import portable_bytes


def plan_sha256(plan: FlightPlan) -> str:
    """The SHA-256, in hexadecimal, of a plan's structure and of every array in it."""
    return sha256_of_described(described(plan))


def sha256_of_described(plan: Described) -> str:
    """The same of a plan's description.

    First the structure as JSON with sorted keys and no spaces, then of each array, in the order of
    their paths, its path, a zero byte, and its bytes, least significant first, row by row. Every
    not-a-number is one pattern of bits, and -0.0 is not 0.0. Types and shapes are in the structure.
    """
    digest = hashlib.sha256()
    digest.update(json.dumps(plan.structure, sort_keys=True, separators=(",", ":")).encode())
    for path in sorted(plan.leaves):
        digest.update(f"{path}\0".encode())
        digest.update(portable_bytes(plan.leaves[path]))
    return digest.hexdigest()
