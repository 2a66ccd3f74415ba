"""What surrounds a flight: sky, gravity, ground and light as they really are."""
