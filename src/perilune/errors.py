"""What goes wrong at the edge: a bad file, a bad unit, a missing map."""


class InputError(Exception):
    """What a user can correct, as one sentence: what was expected, what came, where, and the cure.

    Raised before a flight; a flight itself raises nothing.

    >>> import perilune
    >>> perilune.load_mission("athens")
    Traceback (most recent call last):
    ...
    perilune.errors.InputError: ...
    """


class BrokenOffError(Exception):
    """The user broke it off; its text says what is kept and how to go on."""
