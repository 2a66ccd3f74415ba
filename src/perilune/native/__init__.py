"""The native compiler: a program of JAX compiled for the lanes of a processor."""
