"""The transfer in all of truth's degrees, and the noise that stands for them in the filter."""

import dataclasses
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from perilune.design.build_track_gravity import no_track_gravity, track_gravity
from perilune.design.course import Course
from perilune.design.measured_data import to_degree
from perilune.design.orbit import Approach, Fields, Transfer, find_transfer
from perilune.design.survey import Survey
from perilune.design.track import PlannedTrack, gravity_walk_m_s_per_sqrt_s, planned_track
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.gravity import degree_of
from perilune.truth.environment.ephemeris import Sky
from perilune.truth.environment.track_gravity import TrackGravity

FIELD_DEGREE = 24
"""Summed wherever a vehicle is; truth's degrees above are tabulated along the planned track."""


@dataclass(frozen=True)
class Tracked:
    """A transfer with the fields it is flown in."""

    transfer: Transfer
    fields: Fields
    gravity_walk_m_s_per_sqrt_s: Float[np.ndarray, "8"]
    """Of the filter, by range to go."""


def tracked_transfer(
    surveyed: Survey, sky: Sky, course: Course, approach: Approach, fields: Fields | None = None
) -> Tracked:
    """The transfer in truth's whole field, and the table of its short waves along the track.

    Found in degree 24 first, some 100 m beside the track in all degrees, which is close enough for
    the table; then again with it. Where `fields` of a neighbouring track are given, a landing some
    minutes earlier or later, their table is kept.
    """
    if fields is None:
        fields = Fields(to_degree(surveyed.gravity, FIELD_DEGREE), no_track_gravity())
        if degree_of(surveyed.gravity) > FIELD_DEGREE:
            fields = dataclasses.replace(
                fields, track=_table(surveyed, sky, course, approach, fields)
            )
    transfer = find_transfer(fields, sky, approach)
    track = _track(surveyed, sky, course, approach, transfer)
    walk = gravity_walk_m_s_per_sqrt_s(fields, surveyed.onboard_gravity, track)
    return Tracked(transfer, fields, walk)


def _table(
    surveyed: Survey, sky: Sky, course: Course, approach: Approach, fields: Fields
) -> TrackGravity:
    transfer = find_transfer(fields, sky, approach)
    track = _track(surveyed, sky, course, approach, transfer)
    places_pa_m = np.concatenate([track.places_pa_m, track.past_pa_m])
    return track_gravity(surveyed.gravity, FIELD_DEGREE, places_pa_m)


def _track(
    surveyed: Survey, sky: Sky, course: Course, approach: Approach, transfer: Transfer
) -> PlannedTrack:
    site_radius_m = MOON_RADIUS_M + surveyed.terrain_report.site_height_m
    return planned_track(sky, transfer, course, approach, site_radius_m)
