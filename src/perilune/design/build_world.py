"""The world of a flight plan, and where its models end."""

import numpy as np
from jaxtyping import Float

from perilune.design.flight_plan import Endings, NominalStart, World
from perilune.design.orbit import Fields
from perilune.design.survey import Survey
from perilune.design.typed_arrays import of_numbers
from perilune.mission.lander import Limits
from perilune.truth.environment.ephemeris import Sky

BODY_Z = (0.0, 0.0, 1.0)


def world_of(surveyed: Survey, sky: Sky, nominal_start: NominalStart, fields: Fields) -> World:
    """Truth's world as it was designed; what a flight draws of it is put in later."""
    none = np.zeros(3)
    return of_numbers(
        World,
        gravity=fields.field,
        track_gravity=fields.track,
        sky=sky,
        terrain=surveyed.terrain,
        aim_fixed_m=nominal_start.aim_fixed_m,
        track_normal_fixed=surveyed.track_normal_fixed,
        orbit_normal_inertial=nominal_start.orbit_normal_inertial,
        slope_fixed_fraction=none,
        left_out_m_s2=none,
    )


def endings_of(limits: Limits) -> Endings:
    """The limits of the models, of a lander."""
    return of_numbers(
        Endings,
        crash_speed_m_s=limits.crash_speed_m_s,
        tip_over_tilt_rad=limits.tip_over_tilt_rad,
        rest_direction_body=rest_direction_body(limits),
    )


def rest_direction_body(limits: Limits) -> Float[np.ndarray, "3"] | None:
    """What is up when the lander rests as it is meant to; None where it is body z."""
    direction = np.array(limits.rest_direction)
    return None if np.array_equal(direction, BODY_Z) else direction
