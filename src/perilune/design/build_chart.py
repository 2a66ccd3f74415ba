"""The chart in the upload: where the Moon, its pull, its ground and the aim point are believed."""

import jax
import numpy as np

from perilune.design.build_track_gravity import track_gravity
from perilune.design.survey import Survey
from perilune.design.transfer import Tracked
from perilune.design.typed_arrays import of_numbers
from perilune.mechanics.constants import MOON_RADIUS_M
from perilune.mechanics.gravity import degree_of
from perilune.mechanics.rotation import from_matrix, rotate
from perilune.onboard.upload import Chart
from perilune.truth.environment.ephemeris import Sky, earth_position_m, pa_from_inertial

_quaternion = jax.jit(from_matrix)


def chart(surveyed: Survey, sky: Sky, tracked: Tracked) -> Chart:
    """Where things are believed to be: the aim point stands on the believed ground.

    Of the published field the low degrees are summed on board wherever the vehicle is, and those
    above are tabulated along the planned track.
    """
    height_m = surveyed.believed_height_m
    landing_s = float(tracked.track.times_s[-1])
    places_pa_m = np.concatenate([tracked.track.places_pa_m, tracked.track.past_pa_m])
    return of_numbers(
        Chart,
        pa_from_inertial=sky.pa_from_inertial,
        fixed_from_pa=sky.fixed_from_pa,
        site_from_fixed=_quaternion(surveyed.site_from_fixed),
        aim_fixed_m=(MOON_RADIUS_M + height_m) * surveyed.aim_fixed,
        aim_height_m=height_m,
        track_normal_fixed=surveyed.track_normal_fixed,
        downrange_site=surveyed.downrange_site,
        gravity=surveyed.onboard_gravity,
        track_gravity=track_gravity(
            surveyed.gravity, degree_of(surveyed.onboard_gravity), places_pa_m
        ),
        earth_gm_m3_s2=sky.earth_gm_m3_s2,
        earth_pa_m=rotate(pa_from_inertial(sky, landing_s), earth_position_m(sky, landing_s)),
        terrain_map=surveyed.onboard_map,
    )
