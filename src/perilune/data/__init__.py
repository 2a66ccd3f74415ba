"""Reads published maps and gravity fields, and says where each came from."""
