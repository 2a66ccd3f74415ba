"""What rows point to: failure modes, sensitivities, interactions, the landing footprint."""
