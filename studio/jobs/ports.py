"""States what jobs need from outside, implemented in `infra` and `cogs` and passed in by `assembly.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from seedream import ImageEvent, ImageRequest, Result, Submission, TaskStatus
    from seedream.images import Glance, NotAnImageError
    from studio.clock import Clock
    from studio.guilds.ports import GuildStore
    from studio.jobs.events import Shown
    from studio.jobs.job import Job, PictureSource
    from studio.jobs.messages import PostedMessage
    from studio.jobs.metrics import MetricsSink
    from studio.jobs.pictures import Bundle, Picture, ReferenceForm
    from studio.jobs.states import Reason
    from studio.members.privacy import Retention
    from studio.quota.ceiling import CeilingUse
    from studio.quota.decide import Check
    from studio.quota.ledger import Charge
    from studio.quota.ports import QuotaStore


class JobStore(Protocol):
    """Stores job rows and their charges. Every call is one transaction."""

    async def insert(
        self, job: Job, charge: Charge, checks: Sequence[Check], others: Sequence[tuple[Job, Charge]] = ()
    ) -> bool:
        """Insert a row and its charge, and others with it. If a check fails, write nothing and return False."""
        ...

    async def save(self, job: Job, *, previous: Job) -> bool:
        """Write the job and return True, unless its row differs from `previous`. A final state settles the charge."""
        ...

    async def get(self, job_id: str) -> Job | None: ...

    async def shown_in(self, message_id: int) -> str | None:
        """Return the id of the job whose first message this is."""
        ...

    async def claim(self, owner: str) -> list[Job]:
        """Take over unsettled jobs of other owners that are dead: a batch, oldest first. Raises their versions."""
        ...

    async def unsettled(self, owner: str) -> list[str]:
        """List the ids of the owner's unsettled jobs, oldest first."""
        ...

    async def undelivered(self, user_id: int, *, since: float) -> list[Job]:
        """List the member's results that ended since then and could not be delivered, newest first."""
        ...

    async def to_retry(self, *, until: float) -> list[Job]:
        """List the jobs whose `retry_at` has passed, longest due first."""
        ...

    async def refused_in(self, channel_id: int) -> list[Job]:
        """List the jobs of a channel for which Discord has refused something."""
        ...

    async def without_need(self, job_ids: AbstractSet[str], *, undelivered_since: float, kept_until: float) -> set[str]:
        """Return those of these jobs that need no files, or don't exist.

        A job needs its files until it is settled, longer if its own `kept_until` isn't before this one, and if
        undelivered, for some time after its end.
        """
        ...

    async def add_callback(self, job_id: str, body: bytes, now: float) -> None: ...

    async def callbacks(self, job_id: str) -> list[bytes]:
        """List the callbacks for a job that hasn't ended, in order."""
        ...

    async def called_back(self, job_ids: AbstractSet[str]) -> set[str]:
        """Return those of these jobs that have callbacks."""
        ...

    async def purge(self, *, tokens: float, callbacks: float) -> None:
        """Delete interaction tokens that expired before `tokens`, and callbacks older than `callbacks`."""
        ...


class Leases(Protocol):
    """Grants names to one process at a time, for a while. They expire after it dies."""

    async def hold(self, name: str, seconds: float) -> bool:
        """Take or renew a lease; False if another process has it."""
        ...

    async def extend(self, name: str, seconds: float) -> None:
        """Make a lease last at least so long from now, whichever process has it."""
        ...

    async def remaining(self, name: str) -> float:
        """Return the seconds until a lease expires; 0 if nobody has it."""
        ...

    async def release(self, name: str) -> None: ...

    async def processes(self) -> int:
        """Count the living processes."""
        ...


class SharedState(Protocol):
    """Stores small values that all processes share, by name."""

    async def read(self) -> dict[str, str]:
        """Return all values."""
        ...

    async def swap(self, name: str, before: str | None, after: str | None) -> bool:
        """Compare and swap: change a value unless it differs from `before`; False if it does. None: no value."""
        ...


class Alerts(Protocol):
    """Alerts the operator to what only they can fix. Never raises."""

    async def out_of_service(self, reason: Reason) -> None:
        """The API rejects every request."""
        ...

    async def ceiling(self, use: CeilingUse) -> None:
        """So much of the whole bot's daily limit is used."""
        ...


class KeyCheck(Protocol):
    async def check_key(self) -> None:
        """Return if the service accepts the key. Free of charge. Raises: SeeDreamError."""
        ...


class ImageApi(KeyCheck, Protocol):
    """The SeeDream API. Errors are those of `seedream.errors`."""

    def stream(self, request: ImageRequest) -> AsyncGenerator[ImageEvent, None]: ...
    async def generate(self, request: ImageRequest) -> Result: ...
    async def submit(self, request: ImageRequest) -> Submission: ...
    async def tasks(self, ids: Sequence[str]) -> dict[str, TaskStatus]: ...


class Pictures(Protocol):
    """Fetches, checks and keeps picture files. Errors are those of `studio.jobs.pictures`."""

    async def fetch(self, job_id: str, index: int, source: str | bytes) -> Picture: ...
    async def prepare_reference(self, job_id: str, index: int, url: str, form: ReferenceForm) -> None:
        """Download a member's picture and keep it in this form. Raises: BadReference."""
        ...

    async def prepared_references(self, job_id: str) -> Mapping[int, bool]:
        """Return the indexes of the job's prepared pictures, and whether their links lead to the very same bytes."""
        ...

    async def reference(self, job_id: str, index: int) -> str:
        """Return a prepared picture as a data: URL. Raises: BadReference."""
        ...

    async def gone(self, url: str) -> bool:
        """Whether the file's host says that it is gone; False if that is unknown."""
        ...

    async def discard(self, job_id: str) -> None: ...

    async def moved(self, picture: Picture, job_id: str, index: int) -> Picture:
        """Make a picture's file one of this job's, under this index. A file that is there already stays."""
        ...

    async def holds(self, picture: Picture) -> bool:
        """Whether its file is still there."""
        ...

    async def fullness(self) -> float:
        """Return how full the room for files is, from 0 to 1."""
        ...

    async def owners(self) -> set[str]:
        """Return the ids of the jobs that have files."""
        ...


Look: TypeAlias = "Glance | NotAnImageError | None"
"""What is behind a link by its first bytes, or why that is no picture; None if its host doesn't say in time."""


class ImageLooks(Protocol):
    """Looks at files before a request is accepted."""

    async def look(self, urls: Sequence[str]) -> list[Look]:
        """Look at each link, all within the time that a command has for its answer."""
        ...


class PictureFiles(Protocol):
    """Prepares picture files for upload, and fetches them again if they are gone."""

    async def fetch(self, job_id: str, index: int, source: str | bytes) -> Picture: ...
    async def holds(self, picture: Picture) -> bool: ...
    async def shrink(self, picture: Picture, limit: int) -> Picture:
        """Return the picture in at most `limit` bytes. Raises: PictureUnavailable."""
        ...

    async def bundle(
        self, job_id: str, pictures: Mapping[str, Picture], texts: Mapping[str, str], *, limit: int
    ) -> Bundle | None:
        """Make a ZIP of pictures and texts, each under its name; None if it would exceed `limit` bytes.

        Raises: PictureUnavailable.
        """
        ...

    def path(self, file: Picture | Bundle) -> Path: ...


class Links(Protocol):
    async def fresh_link(self, source: PictureSource, url: str) -> str | None:
        """Return a working link to the same file, from the message that has it; None if that can't be read.

        Raises: DeliveryDelayedError, if Discord can't be reached at the moment.
        """
        ...


class Presenter(Protocol):
    """Brings Discord messages up to their job's row."""

    async def show(self, job: Job) -> Shown:
        """Render the job and edit or post its messages.

        Raises: UndeliverableError, DeliveryDelayedError.
        """
        ...

    async def tidy(self, job: Job) -> frozenset[int]:
        """Point replaced messages to their successors, or delete them; return the ids of those that are done."""
        ...

    async def mention(self, job: Job) -> int | None:
        """Mention the member under the job's message, where that is possible. Never raises what Discord refuses.

        Returns the id of the message that does, None if there is none.
        """
        ...

    def doubt(self, job_id: str) -> None:
        """Note that it isn't certain what the job's messages hold."""
        ...

    async def find(self, job: Job) -> PostedMessage | None:
        """Find the placeholder of a job whose process died before it wrote down that it was posted.

        Return None if there is none. Raises: DeliveryDelayedError; UndeliverableError, if that can't be found out.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class JobPorts:
    """Everything that jobs need from outside, as `assembly.py` passes it to `ImageService`."""

    store: JobStore
    quotas: QuotaStore
    guilds: GuildStore
    leases: Leases
    shared: SharedState
    alerts: Alerts
    retention: Retention
    api: ImageApi
    pictures: Pictures
    presenter: Presenter
    links: Links
    metrics: MetricsSink
    clock: Clock
