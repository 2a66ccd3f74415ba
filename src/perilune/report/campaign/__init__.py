"""The pages of many flights: a campaign, two compared, a sweep, and how far to trust them."""
