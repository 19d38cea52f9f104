"""Refusals of the quota. They carry values; cogs choose the sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.quota.decide import Closed, Refused
    from studio.quota.limits import Limit


class TooManyLimitsError(StudioError):
    """A server has reached the maximum number of limits."""


class LimitChangedError(StudioError):
    """A limit isn't what an admin saw when they decided to replace it. `now`: what it is; None if there is none."""

    def __init__(self, now: Limit | None) -> None:
        super().__init__(f"the limit is {now} now")
        self.now = now


class QuotaExceededError(StudioError):
    """A limit refuses the request; `refused` says which."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"the limit of {refused.by.key} by {refused.kind}")
        self.refused = refused


class ClosedError(StudioError):
    """The operator has closed this place to everybody."""

    def __init__(self, closed: Closed) -> None:
        super().__init__(closed.value)
        self.closed = closed


class CrowdedError(StudioError):
    """Other requests used up the room that there was: five decisions in a row were outdated, or a queue is full."""


class TooManyUnderWayError(StudioError):
    """The member has `most` requests that wait or run."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} requests are under way")
        self.most = most
