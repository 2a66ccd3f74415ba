"""Readers of published maps and gravity fields, each with its provenance."""
