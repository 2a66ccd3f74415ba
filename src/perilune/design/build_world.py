"""The world of a flight plan, and where its models end."""

import numpy as np

from perilune.design.flight_plan import Endings, NominalStart, World
from perilune.design.orbit import Fields
from perilune.design.survey import Survey
from perilune.design.typed_arrays import of_numbers
from perilune.mission.lander import Limits
from perilune.truth.environment.ephemeris import Sky


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
    )
