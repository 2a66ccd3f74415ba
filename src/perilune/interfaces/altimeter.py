"""The laser altimeter: the slant range along one of two beams, once a cycle."""

from typing import Annotated

from pydantic import Field

from perilune.interfaces.ranging import RANGING
from perilune.interfaces.sensor import Rate, Sensor, TimedSpec
from perilune.interfaces.table import Angle, Fraction, NotNegative, Reach, Vector, Why


class AltimeterSpec(TimedSpec):
    """A laser altimeter with two beams: one along -z, one canted from it towards +x."""

    mount_m: Vector
    """Where both beams start, in the body frame."""
    cant_rad: Angle
    """Between -z and the canted beam."""
    noise_m: Annotated[float, Field(gt=0.0, le=1_000.0)]
    """One sigma near the ground."""
    noise_fraction: Annotated[float, Field(ge=0.0, le=0.1)]
    """One sigma growing with range, of the range."""
    quantum_m: Annotated[float, Field(ge=0.0, le=100.0)]
    """Least step of the range."""
    min_range_m: NotNegative
    """Nearest range it gives."""
    max_range_m: Reach
    """Furthest range it gives."""
    incidence_limit_rad: Angle
    """Between beam and the normal of the ground; past it no echo."""
    dropout_fraction: Fraction
    """Share of readings lost, by nothing of what follows."""
    divergence_rad: Annotated[
        float, Field(ge=0.0, le=0.1), Why("wider beams are those of a radar altimeter")
    ] = 0.0
    """One sigma of the beam's light about its middle."""
    early_factor: Annotated[float, Field(ge=0.0, le=10.0)] = 0.0
    """How much too near an echo is timed, in sigmas of its depth: its near edge counts most."""
    jitter_factor: Annotated[float, Field(ge=0.0, le=10.0)] = 0.0
    """One sigma of the time of an echo, in sigmas of its depth."""
    sun_dropout_fraction: Fraction = 0.0
    """Share of readings lost at the greatest range over lit ground that has the Sun overhead."""
    false_echo_fraction: Fraction = 0.0
    """Share of readings that are of nothing, nearer than the ground and marked valid."""
    dust_height_m: NotNegative = 0.0
    """Height over ground below which engines that burn raise dust into the beam."""
    dust_dropout_fraction: Fraction = 0.0
    """Share of readings lost in the dust, close to the ground."""
    dust_echo_fraction: Fraction = 0.0
    """Share of readings that are of the dust, close to the ground."""


ALTIMETER = Sensor(
    **RANGING,
    kind="altimeter",
    title="laser altimeter",
    spec=AltimeterSpec,
    rate=Rate.CYCLE,
    uniforms=(2,),
    value_words="slant range read",
    fault_stream="fault",
    standing_faults=("lost_after_s", "noise_factor"),
    truth_alone=(
        "latency_s",
        "quantum_m",
        "min_range_m",
        "incidence_limit_rad",
        "dropout_fraction",
        "sun_dropout_fraction",
        "false_echo_fraction",
        "dust_height_m",
        "dust_dropout_fraction",
        "dust_echo_fraction",
    ),
)
