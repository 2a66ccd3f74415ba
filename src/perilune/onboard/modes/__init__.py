"""Which part of the flight it believes it is in."""
