"""How far a lander's guidance and control hold when one number is not what they take it to be."""
