"""What a figure of navigation says of its band of three sigma."""

import numpy as np
import pytest

from perilune.report.figures.navigation_errors import consistency_words, share_outside


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (1.0, "cautious: band 3.0 times error"),
        (1.5, "cautious: band 2.0 times error"),
        (2.0, "band 1.5 times error"),
    ],
)
def test_a_band_far_wider_than_the_error_is_called_cautious_and_not_praised(size, words):
    """The largest error is `size` sigma, of a sigma of one: three over that is the ratio."""
    error = size * np.sin(np.linspace(0.0, 1.0, 1001) * np.pi)
    assert consistency_words(error, np.ones(1001)) == words


def test_a_band_that_is_left_too_often_is_called_overconfident():
    error = np.where(np.arange(1000) < 5, 4.0, 0.1)
    assert consistency_words(error, np.ones(1000)) == "0.5 % outside"
    error = np.where(np.arange(1000) < 50, 4.0, 0.1)
    assert consistency_words(error, np.ones(1000)) == "overconfident: 5 % outside"
    assert consistency_words(np.full(1000, 4.0), np.ones(1000)) == "overconfident: 100 % outside"
    assert consistency_words(np.zeros(3), np.ones(3)) == "no error known"


def test_three_sigma_is_left_as_often_as_the_normal_law_says():
    error = np.random.default_rng(1).standard_normal(400_000)
    sigma = np.where(np.arange(400_000) < 4, np.nan, 1.0)
    assert share_outside(error, sigma) == pytest.approx(0.0027, abs=3 * np.sqrt(0.0027 / 400_000))
