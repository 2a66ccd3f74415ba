"""What a user does with campaigns: fly and show one, replay, query, compare, sweep."""
