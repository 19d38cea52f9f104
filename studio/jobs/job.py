"""A job: one accepted request, where it came from, what was made, and the messages that show it.

A Discord message is a projection of a job row. Every change of a row raises `version`; `shown_version` says which
version its messages show.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from studio.jobs.states import JobState

if TYPE_CHECKING:
    from seedream import ImageRequest
    from studio.jobs.images import Child, JobImage, SetSlot
    from studio.jobs.messages import PostedMessage
    from studio.jobs.states import Failure, Path


UNDELIVERED_SECONDS = 7 * 24 * 3600.0
"""How long an undelivered result is kept for its member, with its files."""

MAX_ATTEMPTS = 2
"""Starts of a job's work without progress. One that has ended a process twice isn't started again."""


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
    REDO = "redo"
    MORE = "more"
    REFRAME = "reframe"
    ZOOM_OUT = "zoom_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """What a job was made from: a message (its `link`) and its job, if it is one of ours.

    `prompt`: the member's, if the request has an instruction of the bot's in its place; else empty.
    """

    verb: Verb
    link: str
    job_id: str | None = None
    prompt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a job's message says beside the request.

    `usual_seconds`: how long requests like it took lately, None if unknown. `remembered`: the options ("model", "size",
    "ratio") that were left open, and are as the member chose them some other time.
    """

    usual_seconds: float | None = None
    remembered: tuple[str, ...] = ()


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

    A set also shows the pictures of its `children`; each child's `set_slot` says where. `chosen`: indexes of the
    versions that are shown though they aren't the newest. `kept_until`: until when its files are kept, so that older
    versions can come back; None if it has none. `title`: what stands for the prompt of a set of several requests.
    `label`: what distinguishes this request from them.
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
    hints: Hints = Hints()
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
    set_slot: SetSlot | None = None
    children: tuple[Child, ...] = ()
    chosen: tuple[int, ...] = ()
    kept_until: float | None = None
    title: str = ""
    label: str = ""
    created_at: float
    started_at: float | None = None
    finished_at: float | None = None
    deleted_at: float | None = None
    dropped_at: float | None = None
    mention: bool = False
    mentioned_at: float | None = None

    @property
    def prompt(self) -> str:
        """The member's prompt, whatever the service was sent."""
        return _prompt(self.request, self.parent)

    @property
    def wanted(self) -> int:
        return self.request.max_images

    @property
    def price(self) -> int:
        """Credits per picture."""
        return self.reserved // self.wanted

    @property
    def cost(self) -> int:
        """Credits that it has cost so far, with its children."""
        return min(self.spent, self.wanted) * self.price + sum(child.cost for child in self.children)

    @property
    def own_images(self) -> tuple[JobImage, ...]:
        """Those of its own request, without its children's."""
        return tuple(image for image in self.images if image.slot is None)

    @property
    def current(self) -> tuple[JobImage, ...]:
        """The image to show in each slot: the chosen one, or else the newest that has a picture."""
        best: dict[int, JobImage] = {}
        for image in self.images:
            rival = best.get(image.shown_slot)
            if rival is None or self._rank(image) > self._rank(rival):
                best[image.shown_slot] = image
        return tuple(best[slot] for slot in sorted(best))

    def _rank(self, image: JobImage) -> tuple[bool, bool, int]:
        return image.picture is not None, image.index in self.chosen, image.index

    def versions(self, slot: int) -> list[JobImage]:
        """The pictures that were made for a slot, oldest first."""
        return [image for image in self.images if image.shown_slot == slot and image.picture]

    @property
    def grows(self) -> bool:
        """Whether a child is still to report its end."""
        return any(not child.state.final for child in self.children)

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
        several = len(self.messages) > 1 or self.mentioned_at is not None
        tried_again = self.retry_at is not None and self.retry_at < self.origin.token_expires
        return not self.settled or tried_again or (self.by_token_alone and several)

    @property
    def all_arrived(self) -> bool:
        """Whether every requested image has arrived or failed, even if the service hasn't said so yet."""
        return sum(image.arrived for image in self.own_images) >= self.wanted

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do: its state is final, and its messages show it or it was deleted."""
        shown = self.shown_version >= self.version and not self.grows
        return self.state.final and (self.deleted_at is not None or shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRequest:
    """A request that is ready to be submitted, and what its job keeps about it.

    `sources`: for each reference picture the message that holds it, None for an upload. `parent`: what it was made
    from. `note`: a line for the placeholder. `spoiler`: whether a reference is a spoiler, so that the result is too.
    `remembered`: see `Hints`. `names`: those of the reference pictures' files, which nothing keeps. `mention`: whether
    its member wants to be mentioned if it takes long. `set_slot`, `title`, `label`: see `Job`.
    """

    request: ImageRequest
    sources: tuple[PictureSource | None, ...] = ()
    parent: Parent | None = None
    note: str = ""
    spoiler: bool = False
    remembered: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    mention: bool = False
    set_slot: SetSlot | None = None
    title: str = ""
    label: str = ""

    @property
    def prompt(self) -> str:
        """The member's prompt, whatever the service is sent."""
        return _prompt(self.request, self.parent)


def _prompt(request: ImageRequest, parent: Parent | None) -> str:
    return (parent and parent.prompt) or request.prompt


def new_job(origin: Origin, prepared: PreparedRequest, *, owner: str = "", usual_seconds: float | None = None) -> Job:
    """A job that is not accepted yet. Its id is unguessable (72 bits)."""
    return Job(
        id=secrets.token_urlsafe(9),
        owner=owner,
        origin=origin,
        request=prepared.request,
        parent=prepared.parent,
        sources=prepared.sources,
        note=prepared.note,
        hints=Hints(usual_seconds=usual_seconds, remembered=prepared.remembered),
        spoiler=prepared.spoiler,
        mention=prepared.mention,
        set_slot=prepared.set_slot,
        title=prepared.title,
        label=prepared.label,
        created_at=0.0,
    )


def accepted(job: Job, *, price: int, place: int, now: float) -> Job:
    """The job as it is accepted: all it may cost is reserved, at `price` credits per picture."""
    return replace(job, reserved=job.request.max_images * price, place=place, created_at=now)
