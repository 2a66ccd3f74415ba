"""Commands typed into processes of their own."""

from perilune.app import cli


def refused(told, *arguments):
    """The one sentence of a bad input."""
    code, out, err = told(*arguments)
    assert (code, out) == (cli.BAD_INPUT, "")
    lines = [line for line in err.splitlines() if not line.startswith("[")]
    assert len(lines) == 1, err
    return lines[0]
