import numpy as np

from perilune.campaign.statistics.multiple_testing import holm


def test_holms_correction_is_that_of_r():
    # p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm") of R's stats package
    np.testing.assert_allclose(holm([0.01, 0.04, 0.03, 0.005]), [0.03, 0.06, 0.06, 0.02])


def test_what_was_not_tested_costs_nothing():
    np.testing.assert_allclose(holm([0.02, np.nan, 0.5]), [0.04, np.nan, 0.5])


def test_nothing_tested_gives_nothing():
    assert len(holm([])) == 0


def test_no_corrected_p_value_is_above_one():
    np.testing.assert_array_equal(holm([0.9, 0.8]), [1.0, 1.0])
