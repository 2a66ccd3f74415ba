"""Faults as data at the seam: the message that arrives instead."""
