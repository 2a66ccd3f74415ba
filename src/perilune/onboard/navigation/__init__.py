"""Where the spacecraft believes it is."""
