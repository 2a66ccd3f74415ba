"""What really happens: the world, the vehicle, its motion, its sensors, its faults."""
