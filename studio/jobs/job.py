"""A job: one accepted request, where it came from, what was made, and the messages that show it.

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
"""How long an undelivered result is kept for its member, with its files."""

MAX_ATTEMPTS = 2
"""Starts of a job's work without progress. One that has ended a process twice isn't started again."""

Kept = Annotated[str, PlainValidator(from_json), PlainSerializer(to_json)]
"""A text that, if it is a phrase, is still one after it was stored."""


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
    """How pictures come from the API."""

    CALLBACK = "callback"
    STREAM = "stream"
    POLL = "poll"
    PLAIN = "plain"


class Reason(StrEnum):
    """Why a job or one of its images failed. `cogs` word it."""

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
    CRASHED = "crashed"
    EXPIRED = "expired"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A reason, details (the service's own message, or a phrase of ours), and the service's trace id."""

    reason: Reason
    detail: Kept = ""
    trace_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a request came from, and from whom. Times are seconds since the epoch; sizes are bytes.

    `age_restricted`: the channel is, so its pictures belong in such channels only. `reply_to`: the requesting message,
    to which the job's first message replies; None for an interaction. `token_only`: the bot is no member there or may
    not view the channel, so only the interaction's token reaches it.
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
    """The message that has a reference picture: a fresh link comes from there when the old one has expired.

    `age_restricted`: its channel is.
    """

    channel_id: int
    message_id: int
    age_restricted: bool = False


class Verb(StrEnum):
    """What was done with the picture that a job was made from."""

    EDIT = "edit"
    VARY = "vary"
    REROLL = "reroll"
    UPSCALE = "upscale"
    RETRY = "retry"
    CUT_OUT = "cut_out"
    LAYERS = "layers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """What a job was made from: a message (its `link`) and its job, if it is one of ours."""

    verb: Verb
    link: str
    job_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobImage:
    """One picture of a job: ready (`picture`; `link` while the service keeps it) or failed.

    `layer`: its position in the picture that was separated into layers. `renewed_at`: when the link was looked up
    again; None if it is the first one. `fetch_again`: the file couldn't be got by the link, for a reason that may pass.
    """

    index: int
    picture: Picture | None = None
    link: str | None = None
    layer: Layer | None = None
    attachment: Attachment | None = None
    failure: Failure | None = None
    renewed_at: float | None = None
    fetch_again: bool = False

    @property
    def made(self) -> bool:
        return self.failure is None or self.link is not None

    @property
    def arrived(self) -> bool:
        """Whether it was fetched or has failed; otherwise only its link is known."""
        return self.picture is not None or self.failure is not None

    @property
    def dropped(self) -> bool:
        """Whether it was made when its job was stopped already: it is billed, and kept nowhere."""
        return self.made and self.picture is None and self.link is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One accepted request.

    `owner`: the process that works on it. `place`: how many jobs were ahead of it when that was last shown. `reserved`:
    credits that it may cost. `spent`: images that it is charged for. `attempts`: starts of its work
    without progress since. `sources`: the messages that have the request's
    pictures, in order (None: no message has it). `note`: a line for the member. `spoiler`: a picture that it was made
    from is a spoiler, so its own are too. `late`: the interaction's token expires before the job ends. `undelivered`:
    Discord refused it, or a picture of it, in every form, so its files are kept for its member. `replaced`: messages
    that no longer show it and don't point to their successors yet. `retry_at`: when either of these is tried again, or
    links are renewed; None if there is nothing to do. `dropped_at`: when its member stopped it, after it was sent.
    `mention`: its member wants to be mentioned if it takes long; `mentioned_at`: when they were.
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
    attempts: int = 0
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
    dropped_at: float | None = None
    mention: bool = False
    mentioned_at: float | None = None

    @property
    def wanted(self) -> int:
        return self.request.max_images

    @property
    def price(self) -> int:
        """Credits per picture."""
        return self.reserved // self.wanted

    @property
    def cost(self) -> int:
        """Credits that it has cost so far."""
        return min(self.spent, self.wanted) * self.price

    @property
    def link(self) -> str | None:
        """A link to its first message."""
        return self.link_to(self.messages[0]) if self.messages else None

    def link_to(self, message: PostedMessage) -> str:
        guild = self.origin.guild_id if message.channel_id == self.origin.channel_id else None
        return f"https://discord.com/channels/{guild or '@me'}/{message.channel_id}/{message.id}"

    @property
    def by_token_alone(self) -> bool:
        """Whether only the interaction's token can edit its message."""
        return bool(self.messages) and self.messages[0].by_token and (self.origin.private or self.origin.token_only)

    @property
    def needs_token(self) -> bool:
        """Whether the interaction's token may still be used: by a delivery, or by a Delete that has no other way."""
        tried_again = self.retry_at is not None and self.retry_at < self.origin.token_expires
        return not self.settled or tried_again or (self.by_token_alone and len(self.messages) > 1)

    @property
    def all_arrived(self) -> bool:
        """Whether every requested image has arrived or failed, even if the service hasn't said so yet."""
        return sum(image.arrived for image in self.images) >= self.wanted

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do: its state is final, and its messages show it or it was deleted."""
        return self.state.final and (self.deleted_at is not None or self.shown_version >= self.version)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRequest:
    """A request that is ready to be submitted, and what its job keeps about it.

    `sources`: for each reference picture the message that holds it, None for an upload. `parent`: what it was made
    from. `note`: a line for the placeholder. `spoiler`: whether a reference is a spoiler, so that the result is too.
    `names`: those of the reference pictures' files, which nothing keeps. `mention`: whether its member wants to be
    mentioned if it takes long.
    """

    request: ImageRequest
    sources: tuple[PictureSource | None, ...] = ()
    parent: Parent | None = None
    note: str = ""
    spoiler: bool = False
    names: tuple[str, ...] = ()
    mention: bool = False


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
        mention=prepared.mention,
        created_at=0.0,
    )


def accepted(job: Job, *, price: int, place: int, now: float) -> Job:
    """The job as it is accepted: all it may cost is reserved, at `price` credits per picture."""
    return replace(job, reserved=job.request.max_images * price, place=place, created_at=now)
