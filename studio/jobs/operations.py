"""What the operator is shown: how the bot is doing as a whole, how this process is, and who uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from studio.jobs.job import JobState
    from studio.quota.ledger import UsageTotals


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """All processes together, by the database.

    `processes`: alive. `open_jobs`: those that have not ended, by state. `jobs_today`: those accepted today. `today`,
    `week`: since midnight and since Monday, UTC. `database`: its kind and version. `size`: bytes. `answers`: seconds.
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
class Here:
    """This process. `started_at`: seconds since the epoch. `api_errors`: since then, by error. `versions`: by name."""

    started_at: float
    waiting: int
    running: int
    api_errors: Mapping[str, int]
    versions: Mapping[str, str]


class Operations(Protocol):
    async def whole(self) -> Whole: ...

    def here(self) -> Here: ...

    async def use_by_server(self, days: int) -> dict[int, UsageTotals]:
        """Usage of the last `days` days by server, the heaviest first; `studio.quota.ledger.PERSONAL` for none.

        Of very many servers only the first.
        """
        ...
