"""What a linear analysis needs of each cycle of a reference flight, laid out cycle by cycle."""

from dataclasses import KW_ONLY
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int

from perilune.campaign.covariance.reference_flight import Record
from perilune.interfaces import BelievedState
from perilune.interfaces.clock import CLOCK_S
from perilune.interfaces.sensor_kinds import sensor_of
from perilune.mechanics.array_types import AnyArray
from perilune.mechanics.rotation import conjugate, multiply, to_rotation_vector
from perilune.onboard.computer import TAIL_THRUST_FACTOR
from perilune.onboard.navigation.measurements import strikes
from perilune.onboard.navigation.past import KEPT_COUNT, Instant
from perilune.onboard.upload import Upload
from perilune.truth.dynamics.state import TrueState

FOREVER = -np.inf


class Moment(eqx.Module):
    """One cycle and the update at its end; with a leading axis, all of them."""

    _: KW_ONLY
    clock: Int[AnyArray, "3"]  # at the end of the tick before it and of its own two
    tick_s: Float[AnyArray, ""]
    state: TrueState  # (3,), likewise
    powered: Bool[AnyArray, "2"]
    phase: Int[AnyArray, ""]
    beam: Int[AnyArray, ""]
    start: BelievedState  # after the readings at its beginning
    covariance: Float[AnyArray, "n n"]  # likewise
    end: BelievedState  # before those at its end
    past: Instant  # (16,), newest first
    corrections: Float[AnyArray, "9"]  # all up to its end
    readings: dict[str, Any]  # of cycle and frame, by label
    used: dict[str, Bool[AnyArray, " n"]]  # by label
    last_height_s: dict[
        str, Float[AnyArray, ""]
    ]  # when each unit that measures height was last used
    event_time_s: Float[AnyArray, " events"]
    height_m: Float[AnyArray, ""]  # of the footpads over the ground, as believed


def moments_of(record: Record, upload: Upload) -> Moment:
    """Every cycle but the last, whose readings no one hears; host arrays with a leading axis."""
    count = len(record.active) - 1
    before = np.maximum(np.arange(count) - 1, 0)
    after = _rows(record.heard, slice(1, None))
    start = _rows(record.heard.estimate, slice(0, -1))
    clock, end_s = record.clock[:-1], CLOCK_S * record.clock[:-1, 1]
    last = np.concatenate([[0], clock[:-1, 1]])
    state = jax.tree.map(
        lambda each: np.concatenate([each[before][:, 1:], each[:count]], axis=1), record.state
    )
    moved, tick_s = _corrections(record), CLOCK_S * (clock[:, 1] - clock[:, 0])
    rate_rad_s = state.sensed_rotation_body_rad[:, -1] / tick_s[:, None]
    used = {
        label: np.asarray(result.used)
        for label, result in {**after.cycle_results, **after.frame_results}.items()
        if sensor_of(label).scalar_count
    }
    return Moment(
        clock=np.concatenate([last[:, None], clock], axis=1),
        tick_s=tick_s,
        state=state,
        powered=_powered(record, upload)[:count],
        phase=record.phase[:count, 1],
        beam=record.beam[:count],
        start=start,
        covariance=record.heard.covariance[:-1],
        end=_rows(record.reckoned, slice(1, None)),
        past=_past(record, moved, end_s, rate_rad_s),
        corrections=moved[:count],
        readings=_rows({**record.readings, **record.frame_readings}, slice(0, count)),
        used=used,
        last_height_s={
            label: _last(each[:, 0], end_s) for label, each in used.items() if strikes(label)
        },
        event_time_s=np.where(
            record.event_time_s[None] <= end_s[:, None], record.event_time_s[None], np.nan
        ),
        height_m=after.height_m,
    )


def _rows(tree: Any, rows: slice) -> Any:
    return jax.tree.map(lambda each: each[rows], tree)


def _powered(record: Record, upload: Upload) -> Bool[AnyArray, "C 2"]:
    """Whether an engine burns, or its thrust has not yet died away."""
    ordered = np.asarray(upload.phases.engine_on)[record.phase].astype(bool)
    floor_n = TAIL_THRUST_FACTOR * float(upload.vehicle.min_thrust_n)
    return ordered | (record.state.thrust_n.sum(axis=-1) > floor_n)


def _corrections(record: Record) -> Float[AnyArray, "C 9"]:
    """What all updates have moved of place, velocity and attitude, those at its beginning too."""
    now, then = record.heard.estimate, record.reckoned
    turn = to_rotation_vector(multiply(now.inertial_from_body, conjugate(then.inertial_from_body)))
    each = np.concatenate(
        [
            now.position_inertial_m - then.position_inertial_m,
            now.velocity_inertial_m_s - then.velocity_inertial_m_s,
            np.asarray(turn),
        ],
        axis=1,
    )
    return np.cumsum(each, axis=0)


def _past(
    record: Record,
    moved: Float[AnyArray, "C 9"],
    end_s: Float[AnyArray, " N"],
    rate_rad_s: Float[AnyArray, "N 3"],
) -> Instant:
    """Of each cycle's end, what the filter keeps of the ends before it, the newest its own."""
    place = np.arange(len(end_s))[:, None] - np.arange(KEPT_COUNT)[None]
    known, place = place >= 0, np.maximum(place, 0)
    then = jax.tree.map(lambda each: np.asarray(each)[1:][place], record.reckoned)
    before = moved[:-1][place]
    return Instant(
        time_s=jnp.asarray(np.where(known, end_s[place], np.inf)),
        position_inertial_m=then.position_inertial_m,
        velocity_inertial_m_s=then.velocity_inertial_m_s,
        inertial_from_body=then.inertial_from_body,
        rate_body_rad_s=jnp.asarray(rate_rad_s[place]),
        moved_m=before[..., :3],
        sped_m_s=before[..., 3:6],
        turned_rad=before[..., 6:],
    )


def _last(used: Bool[AnyArray, " N"], end_s: Float[AnyArray, " N"]) -> Float[AnyArray, " N"]:
    """When it was last used, before each cycle's end."""
    latest = np.maximum.accumulate(np.where(used, end_s, FOREVER))
    return np.concatenate([[FOREVER], latest[:-1]])


def scalar_labels(moment: Moment) -> list[str]:
    """The labels of what is compared, cycle by cycle first."""
    return [label for label in moment.readings if sensor_of(label).scalar_count]
