"""What jobs need from infra and cogs, as Protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from seedream import ImageEvent, ImageRequest, Result, Submission, TaskStatus
    from studio.jobs.events import Shown
    from studio.jobs.job import Job, PictureSource, Reason
    from studio.jobs.messages import PostedMessage
    from studio.jobs.pictures import Bundle, Picture
    from studio.quota.decide import Check
    from studio.quota.ledger import Charge


class JobStore(Protocol):
    """Job rows and their charges. Every call is one transaction."""

    async def insert(self, job: Job, charge: Charge, checks: Sequence[Check]) -> bool:
        """Insert a job and its charge. Returns False, and writes nothing, if a check fails."""
        ...

    async def save(self, job: Job, *, previous: Job) -> bool:
        """Write the job if its row is still at the previous version; False if another change came first.

        A job that ends is charged for in the same transaction.
        """
        ...

    async def get(self, job_id: str) -> Job | None: ...

    async def shown_in(self, message_id: int) -> str | None:
        """Returns the id of the job whose first message this is."""
        ...

    async def claim(self, owner: str) -> list[Job]:
        """Take over some unsettled jobs of dead owners. Returns the oldest first."""
        ...

    async def unsettled(self, owner: str) -> list[str]:
        """Returns the ids of the owner's unsettled jobs, oldest first."""
        ...

    async def undelivered(self, user_id: int, *, since: float) -> list[Job]:
        """Returns the member's undelivered results that ended since then, newest first."""
        ...

    async def to_retry(self, *, until: float) -> list[Job]:
        """Returns jobs with a refused call to Discord whose retry is due by then, longest due first."""
        ...

    async def refused_in(self, channel_id: int) -> list[Job]:
        """Returns a channel's jobs with a refused call to Discord."""
        ...

    async def without_need(self, job_ids: AbstractSet[str], *, undelivered_since: float) -> set[str]:
        """Returns those of these jobs whose files can be deleted, unknown ids included.

        A job needs its files until it is settled; if it wasn't delivered, for some time after its end.
        """
        ...

    async def add_callback(self, job_id: str, body: bytes, now: float) -> None: ...

    async def callbacks(self, job_id: str) -> list[bytes]:
        """Returns the bodies posted for a job that hasn't ended, in order."""
        ...

    async def called_back(self, job_ids: AbstractSet[str]) -> set[str]:
        """Returns those of these jobs that have a callback."""
        ...

    async def purge(self, *, tokens: float, callbacks: float) -> None:
        """Erase interaction tokens that expired before `tokens`, and callbacks received before `callbacks`."""
        ...


class Leases(Protocol):
    """Names that one process holds for a while. They expire by themselves when it dies."""

    async def hold(self, name: str, seconds: float) -> bool:
        """Take or renew a lease; False if another process holds it."""
        ...

    async def extend(self, name: str, seconds: float) -> None:
        """Make a lease last at least this long from now, whoever holds it."""
        ...

    async def remaining(self, name: str) -> float:
        """Seconds until a lease expires; 0 if nobody holds it."""
        ...

    async def release(self, name: str) -> None: ...

    async def processes(self) -> int:
        """Returns how many processes are alive."""
        ...


class SharedState(Protocol):
    """Small values that all processes share, by name."""

    async def read(self) -> dict[str, str]:
        """Returns all values, by name."""
        ...

    async def swap(self, name: str, before: str | None, after: str | None) -> bool:
        """Replace `before` by `after`; False if the value isn't `before`. None stands for no value."""
        ...


class Alerts(Protocol):
    """Messages to the operator about what only they can fix. Never raises."""

    async def out_of_service(self, reason: Reason) -> None: ...


class KeyCheck(Protocol):
    async def check_key(self) -> None:
        """Return if the service accepts the key. Costs nothing. Raises: SeeDreamError."""
        ...


class ImageApi(KeyCheck, Protocol):
    """The SeeDream API. Raises the errors of `seedream.errors`."""

    def stream(self, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]: ...
    async def generate(self, request: ImageRequest) -> Result: ...
    async def submit(self, request: ImageRequest) -> Submission: ...
    async def tasks(self, ids: Sequence[str]) -> dict[str, TaskStatus]: ...


class Pictures(Protocol):
    """Picture files, downloaded and checked. Raises the errors of `studio.jobs.pictures`."""

    async def fetch(self, job_id: str, index: int, source: str | bytes) -> Picture: ...
    async def reference(
        self, url: str, *, formats: frozenset[str], together: int, alpha: bool, kept: tuple[str, int] | None
    ) -> str:
        """Returns a member's picture as a data: URL that the service accepts. Raises: BadReference.

        `together`: how many references share the request's limit. `alpha`: add an alpha channel, even if opaque.
        `kept`: job and index that the reference was kept under.
        """
        ...

    async def keep_reference(self, job_id: str, index: int, url: str) -> None:
        """Download a member's picture now, because its link may expire. Keeps nothing if that fails."""
        ...

    async def kept_references(self, job_id: str) -> frozenset[int]:
        """Returns the indexes of the job's references that were kept."""
        ...

    async def gone(self, url: str) -> bool:
        """Whether the server says that the file is gone; False if that is unknown."""
        ...

    async def discard(self, job_id: str) -> None: ...

    async def holds(self, picture: Picture) -> bool:
        """Whether the picture's file still exists."""
        ...

    async def owners(self) -> set[str]:
        """Returns the ids of the jobs that have files."""
        ...


class PictureFiles(Protocol):
    """Picture files, as the presenter needs them."""

    async def shrink(self, picture: Picture, limit: int) -> Picture:
        """Returns the same picture in at most `limit` bytes. Raises: PictureUnavailable."""
        ...

    async def bundle(
        self, job_id: str, pictures: Mapping[str, Picture], texts: Mapping[str, str], *, limit: int
    ) -> Bundle | None:
        """Write a ZIP of pictures and texts, each under its name. Returns None if it would exceed `limit` bytes.

        Raises: PictureUnavailable.
        """
        ...

    def path(self, file: Picture | Bundle) -> Path: ...


class Links(Protocol):
    async def fresh_link(self, source: PictureSource, url: str) -> str | None:
        """Returns a fresh link to the same file, from its message; None if the bot can't reach that.

        Raises: DeliveryDelayedError if Discord is unavailable.
        """
        ...


class Presenter(Protocol):
    """Projects a job onto its messages."""

    async def show(self, job: Job) -> Shown:
        """Render the job and bring its messages up to date.

        Raises: UndeliverableError, DeliveryDelayedError.
        """
        ...

    async def tidy(self, job: Job) -> frozenset[int]:
        """Redirect or delete replaced messages. Returns the ids of those that need nothing more."""
        ...

    async def find(self, job: Job) -> PostedMessage | None:
        """Find the placeholder of a job whose process died before recording it; None if there is none.

        Raises: DeliveryDelayedError; UndeliverableError if it can't be found out any more.
        """
        ...
