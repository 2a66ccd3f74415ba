"""What goes wrong at the edge: a bad file, a bad unit, a missing map."""


class InputError(Exception):
    """One sentence: what was expected, what came, where, and the cure."""


class BrokenOffError(Exception):
    """The user broke it off; its text says what is kept and how to go on."""
