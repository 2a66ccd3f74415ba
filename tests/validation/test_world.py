"""The world beside STK, SPICE, Horizons and the published skies: each comparison holds."""

import pytest

from validation import artemis_arcs, horizons, rough_patches, sky_elevations, sky_tables, stk_orbits
from validation.comparison import AuthorityAbsentError


def agreed(compare):
    try:
        comparisons = compare()
    except AuthorityAbsentError as absent:
        pytest.skip(str(absent))
    assert comparisons
    for one in comparisons:
        assert one.holds, f"{one.name}: {one.difference:g} {one.unit}, limit {one.limit:g}"
    return comparisons


def test_a_point_mass_orbit_is_that_of_stk_to_5_mm_after_3_days():
    agreed(lambda: [stk_orbits.two_body()])


def test_an_lp165p_orbit_is_that_of_stk_to_1_m_after_10_hours():
    agreed(lambda: [stk_orbits.harmonics()])


def test_the_tables_of_the_sky_are_spice_to_1_m_from_2023_to_2026():
    assert len(agreed(sky_tables.compare)) == 4


def test_sun_and_earth_stand_where_others_saw_them_to_0_3_degrees():
    assert len(agreed(sky_elevations.compare)) > 40


def test_artemis_i_coasts_around_the_moon_as_horizons_has_it_to_1_m_in_2_hours():
    agreed(artemis_arcs.compare)


def test_the_ground_below_the_map_is_as_rough_as_the_moon_was_measured_to_be():
    """Surfaces of fixed keys: no chance of a false alarm. The product does not resolve 4 m."""
    assert len(agreed(rough_patches.compare)) == 8


def test_the_horizon_stands_where_ray_tracing_over_a_mesh_has_it_to_a_tenth_of_a_degree():
    assert len(agreed(horizons.compare)) == 2
