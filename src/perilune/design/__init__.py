"""From a mission to a flight plan: truth's constants, the course, and the upload."""
