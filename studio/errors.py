"""The base of all errors of the studio. Each package has its own below it, in `errors.py`."""

from __future__ import annotations


class StudioError(Exception):
    """Something the studio will not do."""


class UnavailableError(StudioError):
    """The database can't be used for a moment. Trying again later is safe."""
