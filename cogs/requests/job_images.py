"""Finds the pictures of a result by the numbers that members see, with links that work.

A picture's number comes from its index, in every message of a set. So `#12` works in a reply to the first message, too.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from cogs.delivery.buttons import PICK, VERB_PATTERN, VERBS
from cogs.delivery.message_images import FoundImage, pictures_in
from cogs.delivery.posted_files import files_in, find_file
from cogs.delivery.render_options import RenderOptions, filename
from cogs.i18n.translate import _
from cogs.texts.layers import image_number, shown_images
from cogs.texts.refusal import RefusalError
from studio.jobs.job import PictureSource
from studio.jobs.links import same_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cogs.delivery.posted_files import PostedFile
    from studio.jobs.images import JobImage
    from studio.jobs.job import Job

_CUSTOM_ID = re.compile(VERB_PATTERN.format(verbs="|".join([*VERBS, PICK])))


def job_id_in(message: discord.Message) -> str | None:
    """Return the id of the job that the message's buttons belong to."""
    matches = (_CUSTOM_ID.fullmatch(custom_id) for custom_id in _custom_ids(message.components))
    return next((match["job"] for match in matches if match), None)


def _custom_ids(components: Iterable[discord.Component]) -> Iterator[str]:
    for component in components:
        if custom_id := getattr(component, "custom_id", None):
            yield custom_id
        if isinstance(component, discord.SectionComponent):
            yield from _custom_ids([component.accessory])
        yield from _custom_ids(getattr(component, "children", ()))


def image_of(job: Job, index: int) -> JobImage:
    """Return the picture with this index, even if its slot shows another version by now. Raises: RefusalError."""
    image = next((image for image in job.images if image.index == index and image.picture), None)
    if image is None:
        raise RefusalError(_("This result doesn't have that picture."))
    return image


def shown_image(job: Job, index: int) -> JobImage:
    """Return the picture that is shown in the slot of the one with this index. Raises: RefusalError."""
    slot = image_of(job, index).shown_slot
    return next(image for image in job.current if image.shown_slot == slot)


def numbered_images(job: Job, message: discord.Message) -> list[FoundImage]:
    """Return all pictures of the result that have a link; those in this message come first."""
    reachable = [image for image in shown_images(job) if image.attachment or image.link or _file(job, image, message)]
    here = [image for image in reachable if _lies_here(job, image, message)]
    elsewhere = [image for image in reachable if image not in here]
    return [found_image(job, image, message) for image in (*here, *elsewhere)]


def images_here(job: Job, message: discord.Message) -> list[int]:
    """Return the numbers of the pictures that this message itself shows."""
    return [image_number(job, image) for image in shown_images(job) if _lies_here(job, image, message)]


def found_image(job: Job, image: JobImage, pressed: discord.Message | None) -> FoundImage:
    """Return a picture of a result, with a fresh link if the `pressed` message has one. Raises: RefusalError."""
    assert image.picture is not None  # noqa: S101 - shown images have one
    known = FoundImage(
        url="",
        name=f"picture {image_number(job, image)}",
        sides=image.picture.sides,
        spoiler=job.spoiler,
        number=image_number(job, image),
    )
    if held := image.attachment:
        pictures = pictures_in(pressed) if pressed else []
        fresh = [picture.url for picture in pictures if same_file(picture.url, held.url)]
        message = next((message for message in job.messages if message.id == held.message_id), job.messages[0])
        source = _source(job, message.channel_id, message.id)
        return replace(known, url=next(iter(fresh), held.url), name=held.filename, source=source)
    if pressed and (file := _file(job, image, pressed)):
        return replace(known, url=file.url, name=file.name, source=_source(job, pressed.channel.id, pressed.id))
    if image.link is None:
        text = _("Picture {n} isn't available: it couldn't be attached to its message.", n=image_number(job, image))
        raise RefusalError(text)
    return replace(known, url=image.link)


def _lies_here(job: Job, image: JobImage, message: discord.Message) -> bool:
    if image.attachment is None:
        return _file(job, image, message) is not None
    return image.attachment.message_id in {0, message.id}


def _file(job: Job, image: JobImage, message: discord.Message) -> PostedFile | None:
    """Find the picture's file in the message by its name."""
    return find_file(files_in(message), filename(job, image, RenderOptions()))


def _source(job: Job, channel_id: int, message_id: int) -> PictureSource:
    return PictureSource(channel_id=channel_id, message_id=message_id, age_restricted=job.origin.age_restricted)
