"""What is kept of members, for how long, and how it is forgotten. Pure.

Jobs hold what members wrote. They are forgotten `RETENTION_DAYS` after they were asked for, or when their member wants
it; one that still runs, once it has ended. Charges hold amounts. They are kept for as long as a report reaches back,
and lose their member's name, if that is wanted, once no window of a quota reaches them: see `studio.quota.ledger`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from studio.quota.ledger import NO_USAGE, UsageTotals

if TYPE_CHECKING:
    from studio.members.preferences import Preferences

NOBODY = 0
"""The member of a charge whose own was forgotten: none has this id."""

DAY_SECONDS = 86_400.0
REACH_SECONDS = 32 * DAY_SECONDS  # a month has 31 days, and begins at another time in another time zone
REPORTED_SECONDS = 400 * DAY_SECONDS  # reports reach a year back, and a month for comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of a member.

    `jobs`: how many, the oldest from `since` (seconds since the epoch; None without any); `running`: of these. `use`:
    by the ledger, as far as it names them.
    """

    preferences: Preferences
    jobs: int = 0
    since: float | None = None
    running: int = 0
    use: UsageTotals = NO_USAGE

    def __bool__(self) -> bool:
        return bool(self.preferences or self.jobs or self.use.pictures)


@dataclass(frozen=True, slots=True)
class Erased:
    """`jobs`: how many were erased; `running`: how many will be once they have ended."""

    jobs: int
    running: int


class Archive(Protocol):
    @property
    def retention_days(self) -> int:
        """After which jobs are forgotten; 0 for never."""
        ...

    async def kept(self, user_id: int) -> Kept: ...

    async def erase(self, user_id: int) -> Erased:
        """Forget all that was kept of a member until now; what can't be yet, `tidy` forgets later."""
        ...

    async def tidy(self) -> None:
        """Forget what is due, some of it: for one process to do, again and again."""
        ...
