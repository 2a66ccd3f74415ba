"""Fly robotic Moon landings in simulation."""
