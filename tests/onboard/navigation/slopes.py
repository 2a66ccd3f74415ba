"""How a measurement changes by each error, by differences."""

import jax
import jax.numpy as jnp
import numpy as np

from perilune.onboard.navigation.estimate import correct
from perilune.onboard.navigation.sight import Sight

STEPS = np.repeat([1.0, 0.01, 1e-5, 1e-7, 1e-4, 1.0, 1.0, 0.01], [3, 3, 3, 3, 3, 1, 2, 3])


YES = jnp.array(True)


def look(upload, where, label, rate_body_rad_s=(0.0, 0.0, 0.0), coasting=0):
    """What the model of a unit may look at."""
    return Sight(
        chart=upload.chart,
        time_s=jnp.array(0.0),
        fixed_from_inertial=where.fixed_from_inertial,
        spin_inertial_rad_s=where.spin_inertial_rad_s,
        rate_body_rad_s=jnp.asarray(rate_body_rad_s),
        coasting=jnp.asarray(coasting),
        label=label,
    )


def slopes_by_difference(residuals, estimate):
    """Minus the change of the residuals, (n, 21), per unit of each error."""

    @jax.jit
    def at(error):
        return residuals(correct(estimate, error, estimate.covariance)).value

    columns = [
        (at(-step * axis) - at(step * axis)) / (2.0 * step)
        for step, axis in zip(STEPS, np.eye(21), strict=True)
    ]
    return np.stack(columns, axis=-1)
