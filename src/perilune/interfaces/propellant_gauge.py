"""The propellant gauge: what is left in the tanks, while thrust settles the liquid."""

from typing import Annotated

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float
from pydantic import Field

from perilune.interfaces.sensor import Period, Rate, Sensor, TimedErrors, TimedSpec
from perilune.interfaces.table import Fraction, NotNegative, Scale

Mass = Annotated[float, Field(ge=0.0, le=1_000.0)]


class PropellantGaugeSpec(TimedSpec):
    """A gauge of all tanks of propellant together; it reads while thrust settles the liquid."""

    noise_kg: Annotated[float, Field(gt=0.0, le=1_000.0)]
    """One sigma of a reading, swaying liquid included."""
    bias_kg: Mass
    """One sigma of what it is off by for a flight, as believed."""
    scale_fraction: Annotated[float, Field(ge=0.0, le=0.1)]
    """One sigma of what it is off by in proportion to what is left, as believed."""
    settled_m_s2: NotNegative
    """Least push of the thrust along body z under which it reads."""
    period_s: Period
    """Between readings."""
    dropout_fraction: Fraction
    """Share of readings lost."""


class PropellantGaugeErrors(TimedErrors):
    """Of the propellant gauge."""

    bias_kg: Annotated[float, Field(ge=-1_000.0, le=1_000.0)] = 0.0
    """Added to each reading."""
    scale_fraction: Scale = 0.0
    """Of what is left."""


class PropellantGaugeReading(eqx.Module):
    """What is left in all tanks of propellant together, without the cold gas."""

    propellant_kg: Float[Array, ""]
    valid: Bool[Array, ""]


PROPELLANT_GAUGE = Sensor(
    kind="propellant_gauge",
    title="propellant gauge",
    spec=PropellantGaugeSpec,
    errors=PropellantGaugeErrors,
    silent=lambda: PropellantGaugeReading(jnp.array(0.0), jnp.array(False)),
    rate=Rate.FRAME,
    uniforms=(),
    channels={"all": "all tanks"},
    column_unit="kg",
    value=("propellant_kg", "propellant_kg"),
    value_words="propellant read",
    error_units={"": ("kg", 1)},
    scaled_parts=("",),
    of_mass=True,
    truth_alone=("latency_s", "period_s", "settled_m_s2", "dropout_fraction"),
)
