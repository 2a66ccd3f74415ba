"""What the instruments read of the truth."""
