"""Defines the events of a job, the same for every path. `studio.jobs.advance` folds them into its row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seedream import Layer
    from studio.jobs.images import Child, JobImage
    from studio.jobs.job import Job
    from studio.jobs.messages import Attachment, PostedMessage
    from studio.jobs.pictures import Picture
    from studio.jobs.states import Failure, Path


@dataclass(frozen=True, slots=True)
class Posted:
    """The placeholder was posted."""

    message: PostedMessage


@dataclass(frozen=True, slots=True)
class Moved:
    """Its place in the queue has changed."""

    place: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Its member cancelled it. Only a job that wasn't sent can be cancelled."""

    at: float


@dataclass(frozen=True, slots=True)
class Dropped:
    """Its member stopped it. If it was sent, it is billed and goes on, but pictures that still come aren't kept."""

    at: float


@dataclass(frozen=True, slots=True)
class Attempted:
    """Work on it begins that a strange file may make the process die of: it is counted until there is progress."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The process stopped in good order in the middle of that work, so the attempt doesn't count."""


@dataclass(frozen=True, slots=True)
class Started:
    """The request is about to be sent: from here on it may cost money."""

    path: Path
    at: float


@dataclass(frozen=True, slots=True)
class Requeued:
    """The service certainly didn't accept it (a rate limit, no connection): it waits for its turn again."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """The service has accepted it, under this task."""

    task_id: str | None
    trace_id: str | None


@dataclass(frozen=True, slots=True)
class Late:
    """The interaction's token is about to expire, and nothing else can edit its message."""


@dataclass(frozen=True, slots=True)
class ImageMade:
    """The service has named an image's link. From here on it isn't lost, even if the process dies while fetching it."""

    index: int
    link: str
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class ImageDropped:
    """An image of a stopped job was made. It is billed, and not fetched."""

    index: int


@dataclass(frozen=True, slots=True)
class ImageArrived:
    index: int
    picture: Picture
    link: str | None = None
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class ImageMissed:
    """An image was refused or not made; or, with a `link`, made but could not be fetched.

    `again`: fetching may work later.
    """

    index: int
    failure: Failure
    link: str | None = None
    layer: Layer | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class ImageRecovered:
    """An image that could not be fetched at first has been fetched, though the job may have ended."""

    index: int
    picture: Picture


@dataclass(frozen=True, slots=True)
class Finished:
    """The service said that no more pictures will come."""

    at: float


@dataclass(frozen=True, slots=True)
class Broke:
    """The job ends here, with the pictures that have arrived."""

    failure: Failure
    at: float


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Its placeholder could not be posted, so it isn't run."""

    at: float


@dataclass(frozen=True, slots=True)
class Shown:
    """The messages show `version` now. `replaced`: messages in between.

    `attachments`: by image index; None for a picture that its message no longer has. `at`: now. `kept`: a picture is
    shown neither as a file nor as a link, so its file must be kept.
    """

    version: int
    messages: tuple[PostedMessage, ...]
    attachments: dict[int, Attachment | None]
    replaced: tuple[PostedMessage, ...] = ()
    at: float | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class GivenUp:
    """`version` can't be shown in any form. The result is kept for its member."""

    version: int
    at: float


@dataclass(frozen=True, slots=True)
class Tidied:
    """These replaced messages (ids) now point to their successors, or are gone."""

    done: frozenset[int]
    at: float


@dataclass(frozen=True, slots=True)
class Mentioned:
    """The member was mentioned beside a message of the job, by another message: `mention` is its id."""

    message_id: int
    mention: int


@dataclass(frozen=True, slots=True)
class LinksRenewed:
    """The job's task was looked up again. `links`: to its pictures, by image index; none if there are no new ones."""

    links: dict[int, str]
    at: float


@dataclass(frozen=True, slots=True)
class ChildJoined:
    """A child was accepted for this set. `owner`: the process that works on both."""

    child: Job
    owner: str
    at: float


@dataclass(frozen=True, slots=True)
class ChildReported:
    """A child's row has changed. `images`: what it has made, as the set has them."""

    child: Child
    images: tuple[JobImage, ...]
    at: float


@dataclass(frozen=True, slots=True)
class VersionChosen:
    """The member wants to see this version, an image's index, in its slot."""

    index: int
    at: float


@dataclass(frozen=True, slots=True)
class VersionKept:
    """The file of a version was fetched again, as its message is about to let it go."""

    index: int
    picture: Picture


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Another process has shown a newer version while this one was editing: the message may show the older one."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """The member or an admin deleted the result. Pictures that still arrive are not shown."""

    at: float


Event = (
    Posted
    | Moved
    | Cancelled
    | Dropped
    | Attempted
    | Interrupted
    | Started
    | Requeued
    | Submitted
    | Late
    | ImageMade
    | ImageDropped
    | ImageArrived
    | ImageMissed
    | ImageRecovered
    | Finished
    | Broke
    | Abandoned
    | Shown
    | GivenUp
    | Tidied
    | Mentioned
    | LinksRenewed
    | ChildJoined
    | ChildReported
    | VersionChosen
    | VersionKept
    | Overtaken
    | Deleted
)
