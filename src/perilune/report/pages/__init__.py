"""The pages: a flight, a campaign, two campaigns compared, a sweep."""
