"""How the vehicle moves: state, derivative, footpad contact."""
