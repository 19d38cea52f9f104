"""Jobs to test with."""

from __future__ import annotations

from dataclasses import replace

from seedream import ImageRequest
from studio.jobs.events import ImageArrived, Posted
from studio.jobs.job import Job, Origin, PreparedRequest, accepted, new_job
from studio.jobs.messages import Attachment, PostedMessage
from studio.jobs.pictures import Picture
from studio.quota.ledger import PERSONAL, Charge
from studio.quota.prices import USUAL_PRICE

ORIGIN = Origin(
    application_id=1,
    guild_id=2,
    channel_id=3,
    user_id=4,
    locale="en-US",
    private=False,
    upload_limit=10 * 2**20,
    token="token",
    token_expires=900.0,
)
MESSAGE = PostedMessage(id=5, channel_id=3, by_token=True, drawing="placeholder")


def a_job(*, origin: Origin = ORIGIN, place: int = 0, **request) -> Job:
    """A job as it was accepted, at second 0."""
    asked = ImageRequest(**{"prompt": "a red fox in snow", "size": "2K"} | request)
    return accepted(new_job(origin, PreparedRequest(request=asked)), price=USUAL_PRICE, place=place, now=0.0)


def charge_of(job: Job) -> Charge:
    """What it costs, as it was accepted, at one credit an image."""
    return Charge(
        job_id=job.id,
        server_id=job.origin.guild_id or PERSONAL,
        user_id=job.origin.user_id,
        at=job.created_at,
        model=job.request.model,
        price=1,
        images=job.request.max_images,
    )


def a_picture(index: int = 0, **changes) -> Picture:
    picture = Picture(path=f"job-{index}.jpeg", format="jpeg", width=2048, height=2048, size=300_000)
    return replace(picture, **changes)


def arrived(index: int = 0, **picture) -> ImageArrived:
    return ImageArrived(index, a_picture(index, **picture), f"https://files.example/{index}.jpeg")


def an_attachment(index: int = 0) -> Attachment:
    return Attachment(id=100 + index, filename=f"fox-{index + 1}.jpeg", size=300_000, url="https://cdn.example/a")


def posted() -> Posted:
    return Posted(MESSAGE)
