"""Reads the expiry from signed links, Discord's and those of the stores where services keep pictures. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from studio.jobs.images import JobImage
    from studio.jobs.job import Job

LINK_SECONDS = 24 * 3600.0  # how long the service keeps the pictures that it has made
RENEWAL_SHARE = 0.9  # of a link's life: then its task is looked up again


def dies_at(url: str) -> float | None:
    """Return when a signed link expires, in seconds since the epoch; None if the link doesn't say.

    Sources: Discord API reference, "Signed Attachment CDN URLs"; Volcengine TOS and Amazon S3, "Presigned URLs".
    """
    try:
        query = parse_qs(urlsplit(url).query)
        if "ex" in query:
            (ends,) = query["ex"]
            return float(int(ends, 16))
        return next(filter(None, (_presigned(query, store) for store in ("X-Tos", "X-Amz"))), None)
    except (ValueError, OverflowError):
        return None


def _presigned(query: Mapping[str, Sequence[str]], store: str) -> float | None:
    if f"{store}-Date" not in query or f"{store}-Expires" not in query:
        return None
    signed = datetime.strptime(query[f"{store}-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return signed.timestamp() + int(query[f"{store}-Expires"][0])


def image_link_dies_at(job: Job, image: JobImage) -> float:
    """Return until when the service's link to a picture works, or surely works if it doesn't say so itself."""
    signed = dies_at(image.link or "")
    return _got_at(job, image) + LINK_SECONDS if signed is None else signed


def _got_at(job: Job, image: JobImage) -> float:
    """Return when the link was got, or a time shortly before."""
    return image.renewed_at or job.started_at or job.created_at


def renews_at(job: Job) -> float | None:
    """Return when to look the job's task up for new links: before those die that stand for missing files.

    None if no picture depends on its link, or there is no task to look up.
    """
    if job.task_id is None or not job.state.final or job.set_slot is not None:
        return None
    linked = [image for image in job.current if image.link and image.attachment is None]
    lives = [(_got_at(job, image), image_link_dies_at(job, image)) for image in linked]
    return min((got + (dies - got) * RENEWAL_SHARE for got, dies in lives), default=None)


def to_fetch(job: Job, now: float | None) -> list[JobImage]:
    """List the images whose files couldn't be got by their links, which may still work, for a reason that may pass.

    A message that the bot can't edit keeps its links.
    """
    return [
        image
        for image in job.images
        if image.fetch_again
        and image.picture is None
        and not job.by_token_alone
        and (now is None or now < image_link_dies_at(job, image))
    ]


def same_file(url: str, other: str) -> bool:
    """Whether two links lead to the same file, whatever their signatures."""
    return _path(url) == _path(other)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return url
