"""A linear covariance analysis of navigation along one flight: sources, sigmas, a budget."""
