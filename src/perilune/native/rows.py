"""The table of primitives that are more than an operation on numbers: how each is written."""

from collections.abc import Mapping

from perilune.native import control, indexing, reductions, structure
from perilune.native.arena_access import Row
from perilune.native.rearrangements import GATHERED, VIEWS

ROWS: Mapping[str, Row] = {
    **dict.fromkeys(VIEWS, structure.view),
    **dict.fromkeys(GATHERED, structure.gathered),
    **dict.fromkeys(reductions.COMBINED, reductions.reduce),
    "any_lane": structure.any_lane,
    "cond": control.cond,
    "dot_general": reductions.dot_general,
    "dynamic_slice": structure.dynamic_slice,
    "dynamic_update_slice": structure.dynamic_update_slice,
    "gather": indexing.gather,
    "room": structure.room,
    "scan": control.scan,
    "scatter": indexing.scatter,
    "scatter-add": indexing.scatter,
    "split": structure.split,
    "sum_of_products": reductions.sum_of_products,
    "while": control.while_loop,
}
