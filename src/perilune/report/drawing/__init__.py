"""Drawings of a lander, in vectors: its parts in the body frame, three views of them, SVG."""
