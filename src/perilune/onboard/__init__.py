"""What the spacecraft believes and decides; it sees messages only."""
