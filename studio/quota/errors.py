"""What quotas refuse, as values: cogs choose the sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.quota.decide import Closed, Refused


class TooManyLimitsError(StudioError):
    """A server has as many limits as one may have: one has to be cleared first."""


class QuotaExceededError(StudioError):
    """A limit does not let it through: `refused` says which."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"the limit of {refused.by.key} by {refused.kind}")
        self.refused = refused


class ClosedError(StudioError):
    """The operator lets nobody make anything here."""

    def __init__(self, closed: Closed) -> None:
        super().__init__(closed.value)
        self.closed = closed


class CrowdedError(StudioError):
    """Others were faster, time and again: what a limit had room for was gone whenever it was to be used."""
