"""What rows prove: estimates with intervals, sequential and paired tests."""
