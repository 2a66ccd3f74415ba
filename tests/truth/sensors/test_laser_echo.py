"""What becomes of a laser pulse: depth of its echo, sunlight, dust and false echoes."""

import math

import jax.numpy as jnp
import numpy as np
import pytest

from perilune.interfaces.altimeter import AltimeterSpec
from perilune.truth.environment.craters import LEAST_M
from perilune.truth.environment.roughness import Roughness, rms_slope, roughness_octave
from perilune.truth.sensors.laser_echo import depth_m, fate
from tests.truth.sensors.scenes import flown, scene
from tests.truth.sensors.test_altimeter import SPEC


def sheet(**changes):
    return flown(AltimeterSpec.model_validate(SPEC | {"dropout_fraction": 0.0} | changes))


def lost_share(over, range_m, **changes):
    """The chance that a reading is lost, found by halving."""
    return _share(lambda chance: fate(sheet(**changes), over, jnp.array(range_m), chance).lost)


def untrue_share(over, range_m, **changes):
    """The chance that a reading is lost or false."""

    def untrue(chance):
        found = fate(sheet(**changes), over, jnp.array(range_m), chance)
        return found.lost | found.false

    return _share(untrue)


def _share(is_below):
    chances = (jnp.arange(2_000.0) + 0.5) / 2_000
    return float(jnp.mean(jnp.where(is_below(chances), 1.0, 0.0)))


@pytest.mark.parametrize("incidence_deg", [0.0, 30.0, 65.0])
@pytest.mark.parametrize("range_m", [50.0, 8_000.0])
def test_a_spot_on_a_slope_is_as_deep_as_its_radius_times_the_tangent(range_m, incidence_deg):
    """Gardner (1992), eq. 7, the term of the slope: r tan(divergence) tan(incidence)."""
    incidence = math.radians(incidence_deg)
    found = depth_m(sheet(divergence="0.5 mrad"), scene(), range_m, jnp.cos(incidence))
    expected_m = range_m * math.tan(0.5e-3) * math.tan(incidence)
    assert float(found) == pytest.approx(expected_m, rel=1e-9, abs=1e-9)


def test_relief_in_the_spot_adds_its_slope_times_the_radius_seen_along_the_beam():
    """Gardner (1992), eq. 7, the term of the roughness: over the cosine of the incidence."""
    spec, rough = (
        sheet(divergence="0.5 mrad"),
        scene(rough_slope=lambda size_m: 0.1 * jnp.ones_like(size_m)),
    )
    smooth_m, rough_m = (
        float(depth_m(spec, over, 1_000.0, jnp.cos(0.5))) for over in (scene(), rough)
    )
    added_m = 1_000.0 * math.tan(0.5e-3) * 0.1 / math.cos(0.5)
    assert math.sqrt(rough_m**2 - smooth_m**2) == pytest.approx(added_m, rel=1e-6)


def test_a_beam_without_width_has_echoes_without_depth():
    assert float(depth_m(sheet(), scene(rough_slope=jnp.ones_like), 9_000.0, jnp.cos(1.0))) == 0.0


@pytest.mark.parametrize(
    ("elevation_rad", "lit", "range_m", "share"),
    [
        (0.5 * math.pi, 1.0, 20_000.0, 0.4),
        (0.5 * math.pi, 1.0, 10_000.0, 0.1),
        (math.pi / 6.0, 1.0, 20_000.0, 0.2),
        (math.pi / 6.0, 0.5, 20_000.0, 0.1),
        (-0.1, 1.0, 20_000.0, 0.0),
    ],
    ids=["overhead", "half as far", "half as bright", "half in shadow", "at night"],
)
def test_sunlight_drowns_echoes_by_its_height_the_lit_ground_and_the_range_squared(
    elevation_rad, lit, range_m, share
):
    over = scene(sun_elevation_rad=elevation_rad, lit_fraction=lit)
    found = lost_share(over, range_m, sun_dropout_fraction=0.4)
    assert found == pytest.approx(share, abs=1e-3)


def over_dust(height_m, thrust_n=1_000.0):
    return scene(height_m, thrust_n=jnp.array([0.0, thrust_n]))


@pytest.mark.parametrize(
    ("height_m", "thrust_n", "share"),
    [(0.0, 1_000.0, 0.6), (10.0, 1_000.0, 0.3), (21.0, 1_000.0, 0.0), (5.0, 0.0, 0.0)],
    ids=["at the ground", "half-way up", "above it", "with engines off"],
)
def test_dust_takes_and_makes_echoes_while_engines_burn(height_m, thrust_n, share):
    over = over_dust(height_m, thrust_n)
    taken = lost_share(over, height_m, dust_height="20 m", dust_dropout_fraction=0.6)
    made = untrue_share(over, height_m, dust_height="20 m", dust_echo_fraction=0.6)
    assert taken == pytest.approx(share, abs=1e-3)
    assert made == pytest.approx(share, abs=1e-3)


def test_causes_act_one_by_one():
    """Of all 0.9 are not dropped, 0.8 not drowned, 0.7 not lost in dust; 0.95 and 0.9 are true."""
    over = scene(1e-9, thrust_n=jnp.array([1.0]), sun_elevation_rad=0.5 * math.pi)
    causes = {
        "dropout_fraction": 0.1,
        "sun_dropout_fraction": 0.2,
        "dust_height": "20 m",
        "dust_dropout_fraction": 0.3,
        "false_echo_fraction": 0.05,
        "dust_echo_fraction": 0.1,
    }
    kept = 0.9 * 0.8 * 0.7
    assert lost_share(over, 20_000.0, **causes) == pytest.approx(1.0 - kept, abs=1e-3)
    true = kept * 0.95 * 0.9
    assert untrue_share(over, 20_000.0, **causes) == pytest.approx(1.0 - true, abs=1e-3)


@pytest.mark.parametrize("octave", [0, 4])
def test_the_rms_slope_of_a_size_is_that_of_the_corners_of_its_waves(octave):
    """A corner has a slope of its own, even between -1 and 1 times the factor."""
    factor = jnp.linspace(0.3, 0.1, len(LEAST_M))
    roughness = Roughness(slope_factor=factor)
    side_m = 0.5 * float(LEAST_M[octave])
    key = jnp.array([1, 2], jnp.uint32)
    slopes = [
        roughness_octave(roughness, key, jnp.array(octave), jnp.array([east, 3.0]) * side_m)[1]
        for east in range(400)
    ]
    found = float(rms_slope(roughness, jnp.array(1.4 * float(LEAST_M[octave]))))
    assert found == pytest.approx(float(np.sqrt(np.mean(np.square(slopes)))), rel=0.06)
    assert found == pytest.approx(float(factor[octave]) / math.sqrt(3.0))


def test_below_the_shortest_waves_and_past_the_longest_the_last_slope_holds():
    roughness = Roughness(slope_factor=jnp.linspace(0.3, 0.1, len(LEAST_M)))
    ends = [float(rms_slope(roughness, jnp.array(size_m))) for size_m in (0.01, 1e5)]
    assert ends == pytest.approx([0.3 / math.sqrt(3.0), 0.1 / math.sqrt(3.0)])
