"""Passes over a `Block`: each takes one and gives its equal, smaller or quicker."""
