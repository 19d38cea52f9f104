"""States what is counted. The counters themselves are in `infra.web.metrics`.

Metrics are a projection of job rows, as messages are: `job_changed` is called wherever a row is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from seedream import SeeDreamError
    from studio.jobs.job import Job

Limit = Literal["everyone", "role", "member", "server", "operator"]


class MetricsSink(Protocol):
    """Counts what happens. Called on the event loop, so it neither blocks nor raises."""

    def job_changed(self, before: Job | None, after: Job) -> None:
        """Count a row that was written. `before`: None for a new one."""
        ...

    def api_failed(self, error: SeeDreamError) -> None:
        """Count a failed request to the API, including one that is retried."""
        ...

    def quota_refused(self, limit: Limit) -> None:
        """Count a request that was refused by a limit. `limit`: whose it is."""
        ...
