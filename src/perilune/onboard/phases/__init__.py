"""Which phase of its list the flight software believes it is in."""
