"""Readers of published maps, gravity fields and SPICE kernels, each with its provenance."""
