"""What goes wrong at the edge: a bad file, a bad unit, a missing map."""


class InputError(Exception):
    """One sentence: what was expected, what came, where, and the cure."""
