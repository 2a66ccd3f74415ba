"""Which actuators give that thrust and attitude."""
