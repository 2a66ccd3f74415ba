"""Which thrust acceleration takes it where it should go."""
