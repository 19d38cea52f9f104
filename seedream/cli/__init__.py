"""The command line, `python -m seedream`. The library doesn't import it."""
