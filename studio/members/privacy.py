"""What is stored about members, for how long, and how it is deleted. Pure.

Jobs hold prompts. They are deleted `RETENTION_DAYS` after they were accepted, or when their member asks for it; a
running job as soon as it has ended. Charges hold amounts. They are kept for as long as reports reach back. A member who
has asked for deletion is taken out of their charges once no quota window reaches them: see `studio.quota.ledger`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from studio.quota.ledger import NO_USAGE, UsageTotals

if TYPE_CHECKING:
    from studio.members.preferences import Preferences

NOBODY = 0
"""The member id of anonymous charges; no member has it."""

DAY_SECONDS = 86_400.0
REACH_SECONDS = 32 * DAY_SECONDS  # a month of 31 days, in any time zone
REPORTED_SECONDS = 400 * DAY_SECONDS  # reports reach a year back, plus a month for comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredData:
    """What is stored about a member.

    `jobs`: how many, the oldest from `since` (seconds since the epoch; None without any), `running` of them still
    running. `use`: the total of the charges that name them.
    """

    preferences: Preferences
    jobs: int = 0
    since: float | None = None
    running: int = 0
    use: UsageTotals = NO_USAGE

    def __bool__(self) -> bool:
        return bool(self.preferences or self.jobs or self.use.pictures)


@dataclass(frozen=True, slots=True)
class Deletion:
    """`jobs`: how many were deleted; `running`: how many will be once they have ended."""

    jobs: int
    running: int


class Retention(Protocol):
    @property
    def retention_days(self) -> int:
        """After how many days jobs are deleted; 0 for never."""
        ...

    async def stored(self, user_id: int) -> StoredData: ...

    async def erase(self, user_id: int) -> Deletion:
        """Delete everything stored about a member so far; what can't be deleted yet, `tidy` deletes later."""
        ...

    async def tidy(self) -> None:
        """Delete a batch of what is due. One process calls this, again and again."""
        ...
