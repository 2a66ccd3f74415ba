"""What the vehicle is: mass, engine, thrusters, legs."""
