"""The commands of the command line, as typer reads them: options, and what each leaves with."""
