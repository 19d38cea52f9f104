"""A job: one accepted request, where it was asked, what has come of it, and the messages that show it.

A Discord message is a projection of a job row. Every change of a row raises `version`; `shown_version` says which
version its messages show.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from pydantic import PlainSerializer, PlainValidator

from seedream.phrases import from_json, to_json
from seedream.values import Layer  # noqa: TC001 - the store reads these annotations when it runs
from studio.jobs.messages import Attachment, PostedMessage  # noqa: TC001 - the store reads these annotations when it runs
from studio.jobs.pictures import Picture  # noqa: TC001 - the store reads these annotations when it runs

if TYPE_CHECKING:
    from seedream import ImageRequest


UNDELIVERED_SECONDS = 7 * 24 * 3600.0
"""How long a result that could not be delivered is kept for its member, with its files."""

Kept = Annotated[str, PlainValidator(from_json), PlainSerializer(to_json)]
"""A text, which is still a phrase when it is read again."""


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        return self not in {JobState.QUEUED, JobState.RUNNING}


class Path(StrEnum):
    """How the pictures come from the API."""

    CALLBACK = "callback"
    STREAM = "stream"
    POLL = "poll"
    PLAIN = "plain"


class Reason(StrEnum):
    """Why a job or one of its images failed; the words for it are chosen where it is shown."""

    CONTENT_REFUSED = "content_refused"
    REFERENCE = "reference"
    BAD_REQUEST = "bad_request"
    TOO_LARGE = "too_large"
    BAD_KEY = "bad_key"
    USED_UP = "used_up"
    DISABLED = "disabled"
    OVERDUE = "overdue"
    QUOTA_SPENT = "quota_spent"
    WRONG_ADDRESS = "wrong_address"
    MODEL_GONE = "model_gone"
    UNKNOWN = "unknown"
    SERVICE = "service"
    UNREACHABLE = "unreachable"
    LOST = "lost"
    CUT = "cut"
    EMPTY = "empty"
    PICTURE = "picture"
    INTERRUPTED = "interrupted"
    EXPIRED = "expired"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What went wrong: a reason, its particulars (the service's own words, or a phrase), and the service's trace id."""

    reason: Reason
    detail: Kept = ""
    trace_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a job was asked for, and by whom. Times are seconds since the epoch; sizes are bytes.

    `age_restricted`: Discord shows the channel to adults only, and its pictures are for such channels. `reply_to`: the
    message that asked for it, and that its first message replies to; None where an interaction did. `token_only`: the
    bot is no member there, or may not view the channel, so nothing but the interaction's token reaches it.
    """

    application_id: int
    guild_id: int | None
    channel_id: int
    user_id: int
    locale: str
    private: bool
    upload_limit: int
    token: str
    token_expires: float
    age_restricted: bool = False
    reply_to: int | None = None
    token_only: bool = False

    @property
    def direct(self) -> bool:
        """Whether it was asked for in the member's own direct messages with the bot."""
        return self.guild_id is None and not self.token_only


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSource:
    """The message that a reference picture lies in: its link dies in a day, and is asked for anew there.

    `age_restricted`: Discord shows its channel to adults only.
    """

    channel_id: int
    message_id: int
    age_restricted: bool = False


class Verb(StrEnum):
    """What was done with the picture that a job came from."""

    EDIT = "edit"
    VARY = "vary"
    REROLL = "reroll"
    UPSCALE = "upscale"
    RETRY = "retry"
    CUT_OUT = "cut_out"
    LAYERS = "layers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """What a job came from: a message (its `link`), and the job that it shows, if it is one of ours."""

    verb: Verb
    link: str
    job_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobImage:
    """One picture of a job: ready (`picture`; `link` while the service keeps it) or failed.

    `layer`: where it belongs in the picture that was taken apart.
    """

    index: int
    picture: Picture | None = None
    link: str | None = None
    layer: Layer | None = None
    attachment: Attachment | None = None
    failure: Failure | None = None

    @property
    def made(self) -> bool:
        return self.failure is None or self.link is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One accepted request.

    `owner`: the process that works on it. `place`: how many are ahead of it, as shown last. `reserved`: the credits
    that it may cost. `spent`: the images that it is charged for. `sources`: where the request's pictures lie, in their
    order (None: nowhere that can be asked again). `note`: a line for the member. `spoiler`: a picture that it came from
    is covered until somebody looks, so its own are as well. `late`: the interaction's token ends before the job does.
    `undelivered`: Discord took it in no way, so its member is to be told and given it. `replaced`: messages that show
    it no more, and do not lead yet to those that do. `retry_at`: when Discord is asked again for what it has refused of
    these two; None where nothing is to be asked.
    """

    id: str
    owner: str = ""
    origin: Origin
    request: ImageRequest
    state: JobState = JobState.QUEUED
    path: Path | None = None
    task_id: str | None = None
    trace_id: str | None = None
    images: tuple[JobImage, ...] = ()
    messages: tuple[PostedMessage, ...] = ()
    failure: Failure | None = None
    parent: Parent | None = None
    sources: tuple[PictureSource | None, ...] = ()
    note: str = ""
    spoiler: bool = False
    place: int = 0
    reserved: int = 0
    spent: int = 0
    version: int = 1
    shown_version: int = 0
    late: bool = False
    undelivered: bool = False
    replaced: tuple[PostedMessage, ...] = ()
    retry_at: float | None = None
    created_at: float
    started_at: float | None = None
    finished_at: float | None = None
    deleted_at: float | None = None

    @property
    def wanted(self) -> int:
        return self.request.max_images

    @property
    def price(self) -> int:
        """Credits that each of its pictures costs."""
        return self.reserved // self.wanted

    @property
    def cost(self) -> int:
        """Credits that it has cost."""
        return min(self.spent, self.wanted) * self.price

    @property
    def link(self) -> str | None:
        """Where its first message is."""
        return self.link_to(self.messages[0]) if self.messages else None

    def link_to(self, message: PostedMessage) -> str:
        guild = self.origin.guild_id if message.channel_id == self.origin.channel_id else None
        return f"https://discord.com/channels/{guild or '@me'}/{message.channel_id}/{message.id}"

    @property
    def by_token_alone(self) -> bool:
        """Nothing but the interaction's token can change its message."""
        return bool(self.messages) and self.messages[0].by_token and (self.origin.private or self.origin.token_only)

    @property
    def all_arrived(self) -> bool:
        """Every image that was asked for is there (or has failed), though the service has not said the end."""
        return len(self.images) >= self.wanted

    @property
    def settled(self) -> bool:
        """Nothing is left to do: final, and shown as it is or taken away."""
        return self.state.final and (self.deleted_at is not None or self.shown_version >= self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRequest:
    """A request that is ready to be submitted, and what its job keeps about it.

    `sources`: for each reference picture the message that holds it, None for an upload. `parent`: what it was made
    from. `note`: a line for the placeholder. `spoiler`: whether a reference is a spoiler, so that the result is too.
    """

    request: ImageRequest
    sources: tuple[PictureSource | None, ...] = ()
    parent: Parent | None = None
    note: str = ""
    spoiler: bool = False


def new_job(origin: Origin, prepared: PreparedRequest, *, owner: str = "") -> Job:
    """A job that is not accepted yet. Its id is unguessable (72 bits)."""
    return Job(
        id=secrets.token_urlsafe(9),
        owner=owner,
        origin=origin,
        request=prepared.request,
        parent=prepared.parent,
        sources=prepared.sources,
        note=prepared.note,
        spoiler=prepared.spoiler,
        created_at=0.0,
    )


def accepted(job: Job, *, price: int, place: int, now: float) -> Job:
    """The job as it is accepted: all it may cost is reserved, at `price` credits per picture."""
    return replace(job, reserved=job.request.max_images * price, place=place, created_at=now)
