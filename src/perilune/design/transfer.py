"""The transfer in all of truth's degrees."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from perilune.design.build_track_gravity import no_track_gravity, track_gravity
from perilune.design.course import Course
from perilune.design.measured_data import to_degree
from perilune.design.orbit import Approach, Fields, Transfer
from perilune.design.survey import Survey
from perilune.design.track import PlannedTrack, planned_track
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.gravity import degree_of
from perilune.mechanics.time import Epoch
from perilune.mechanics.track_gravity import TrackGravity
from perilune.truth.environment.ephemeris import Sky

FIELD_DEGREE = 24
"""Summed wherever a vehicle is; truth's degrees above are tabulated along the planned track."""


@dataclass(frozen=True)
class LaidOut:
    """When a flight starts, under which sky, and how it comes to ignition and to the site."""

    epoch: Epoch
    sky: Sky
    approach: Approach
    transfer: Transfer


@dataclass(frozen=True)
class Tracked:
    """A transfer with the fields it is flown in."""

    laid: LaidOut
    fields: Fields
    track: PlannedTrack

    @property
    def transfer(self) -> Transfer:
        """From the flight's start to ignition."""
        return self.laid.transfer


Lay = Callable[[Fields], LaidOut]
"""How a flight is laid out in a gravity field."""


def tracked_transfer(
    surveyed: Survey, course: Course, lay: Lay, fields: Fields | None = None
) -> Tracked:
    """The transfer in truth's whole field, and the table of its short waves along the track.

    Found in degree 24 first, some 100 m beside the track in all degrees, which is close enough for
    the table; then again with it. Where `fields` of a neighbouring track are given, a landing some
    minutes earlier or later, their table is kept.
    """
    if fields is None:
        fields = Fields(to_degree(surveyed.gravity, FIELD_DEGREE), no_track_gravity())
        if degree_of(surveyed.gravity) > FIELD_DEGREE:
            fields = dataclasses.replace(fields, track=_table(surveyed, course, lay(fields)))
    laid = lay(fields)
    track = _track(surveyed, course, laid)
    return Tracked(laid, fields, track)


def _table(surveyed: Survey, course: Course, laid: LaidOut) -> TrackGravity:
    track = _track(surveyed, course, laid)
    places_pa_m = np.concatenate([track.places_pa_m, track.past_pa_m])
    return track_gravity(surveyed.gravity, FIELD_DEGREE, places_pa_m)


def _track(surveyed: Survey, course: Course, laid: LaidOut) -> PlannedTrack:
    site_radius_m = MOON_RADIUS_M + surveyed.terrain_report.site_height_m
    return planned_track(laid.sky, laid.transfer, course, laid.approach, site_radius_m)
