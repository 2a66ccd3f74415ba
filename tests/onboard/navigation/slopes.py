"""How a measurement changes by each error, by differences."""

import jax
import jax.numpy as jnp
import numpy as np

from perilune.onboard.navigation.estimate import correct
from perilune.onboard.navigation.sight import Sight

STEPS = {
    "gyro_bias_rad_s": 1e-7,
    "accelerometer_bias_m_s2": 1e-4,
    "bias_m": 1.0,
    "bias_m_s": 0.01,
    "bias_rad_s": 1e-5,
    "misalignment_rad": 1e-5,
}


YES = jnp.array(True)


def look(upload, where, label, rate_body_rad_s=(0.0, 0.0, 0.0)):
    """What the model of a unit may look at."""
    return Sight(
        chart=upload.chart,
        time_s=jnp.array(0.0),
        fixed_from_inertial=where.fixed_from_inertial,
        spin_inertial_rad_s=where.spin_inertial_rad_s,
        rate_body_rad_s=jnp.asarray(rate_body_rad_s),
        label=label,
    )


def steps_of(layout):
    """By how much each error is moved."""
    steps = np.repeat([1.0, 0.01, 1e-5, 1.0], [3, 3, 3, layout.count - 9])
    for places in layout.of.values():
        for name, place in places.items():
            steps[place] = STEPS[name]
    return steps


def slopes_by_difference(residuals, estimate):
    """Minus the change of the residuals, (n, errors), per unit of each error."""

    @jax.jit
    def at(error):
        return residuals(correct(estimate, error, estimate.covariance)).value

    columns = [
        (at(-step * axis) - at(step * axis)) / (2.0 * step)
        for step, axis in zip(steps_of(estimate.layout), np.eye(estimate.layout.count), strict=True)
    ]
    return np.stack(columns, axis=-1)
