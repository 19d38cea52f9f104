"""States what the operator sees: all processes together, this process, and usage by server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio.jobs.states import JobState
    from studio.quota.ledger import UsageTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class BotStatus:
    """All processes together, from the database.

    `processes`: alive. `open_jobs`: not ended, by state. `jobs_today`: accepted today, by state. `today`, `week`: since
    midnight and since Monday, UTC. `database`: kind and version. `size`: bytes. `answers`: response time, s.
    """

    processes: int
    open_jobs: Mapping[JobState, int]
    jobs_today: Mapping[JobState, int]
    today: UsageTotals
    week: UsageTotals
    database: str
    revision: str
    size: int
    answers: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessStatus:
    """This process. `started_at`: seconds since the epoch. `api_errors`: since then. `versions`: of packages."""

    started_at: float
    waiting: int
    running: int
    api_errors: Mapping[str, int]
    versions: Mapping[str, str]


class Operations(Protocol):
    async def bot_status(self) -> BotStatus: ...

    def process_status(self) -> ProcessStatus: ...

    async def use_by_server(self, days: int) -> dict[int, UsageTotals]:
        """Return the usage of the last `days` days by server, highest first; `studio.quota.ledger.PERSONAL` for DMs.

        The list is cut if there are very many servers.
        """
        ...
