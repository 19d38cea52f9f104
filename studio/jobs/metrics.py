"""What is counted. The numbers themselves are kept outside, see `infra.web.metrics`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from seedream import SeeDreamError
    from studio.jobs.job import Job

Limit = Literal["everyone", "role", "member", "server", "operator"]


class Meter(Protocol):
    """Told of what happens, on the event loop. It neither waits nor raises."""

    def job_changed(self, before: Job | None, after: Job) -> None:
        """A row was written; `before`: as it was, None for a new one."""
        ...

    def api_failed(self, error: SeeDreamError) -> None:
        """A request to the API came to an error, also to one that is tried again."""
        ...

    def quota_refused(self, limit: Limit) -> None:
        """A request was over a limit; `limit`: whose it is."""
        ...
