"""What every probability of a campaign is a probability of."""

OF_WHAT = "of this model and these dispersions"
"""Stands in every sentence that gives a probability: chance in the draws, as the model flies them.

It does not cover what the model leaves out, nor numbers that were not drawn.
"""
P_CLEAN = f"the probability of a clean touchdown, {OF_WHAT},"
"""How a sentence names P(clean); a verb follows."""
