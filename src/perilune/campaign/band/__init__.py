"""P(clean) as a band over what is not known: each assumption at its ends, on the same runs."""
