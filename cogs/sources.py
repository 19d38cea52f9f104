"""The pictures in a message, wherever they sit: one function for every way of pointing at one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import discord

from studio.jobs import Source
from studio.links import same_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_PICTURES = 20  # in one message: ten attachments, and what else may be in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A picture: its link and name, its sides in pixels where Discord knows them, and the message it lies in."""

    url: str
    name: str
    sides: tuple[int, int] | None = None
    source: Source | None = None


def pictures_in(message: discord.Message) -> list[Found]:
    """Every picture of a message, each once: attachments, embeds, galleries, thumbnails, and what it forwards."""
    source = Source(channel_id=message.channel.id, message_id=message.id)
    found: list[Found] = []
    parts: tuple[discord.Message | discord.MessageSnapshot, ...] = (message, *message.message_snapshots)
    for part in parts:
        for one in (*_attached(part.attachments), *_embedded(part.embeds), *_drawn(part.components)):
            if not any(same_file(one.url, known.url) for known in found):
                found.append(Found(url=one.url, name=one.name, sides=one.sides, source=source))
    return found[:MOST_PICTURES]


def of_attachment(attachment: discord.Attachment) -> Found:
    """An attachment as it was given: whether it is a picture is checked where it is used."""
    return Found(url=attachment.url, name=attachment.filename, sides=_sides(attachment.width, attachment.height))


def is_picture(attachment: discord.Attachment) -> bool:
    return (attachment.content_type or "").startswith("image/")


def _attached(attachments: Iterable[discord.Attachment]) -> Iterator[Found]:
    return (of_attachment(one) for one in attachments if is_picture(one))


def _embedded(embeds: Iterable[discord.Embed]) -> Iterator[Found]:
    for embed in embeds:
        for media in (embed.image, embed.thumbnail):
            # Discord's proxy serves the picture from a host of its own, whoever the link leads to.
            if url := media.proxy_url or media.url:
                yield Found(url=url, name=_name(media.url or url), sides=_sides(media.width, media.height))


def _drawn(components: Iterable[discord.Component]) -> Iterator[Found]:
    for component in components:
        match component:
            case discord.MediaGalleryComponent():
                for item in component.items:
                    yield from _unfurled(item.media)
            case discord.SectionComponent(accessory=discord.ThumbnailComponent(media=media)):
                yield from _unfurled(media)
            case discord.ThumbnailComponent(media=media):
                yield from _unfurled(media)
            case discord.FileComponent(media=media) if media.content_type:  # of any kind, unlike what others hold
                yield from _unfurled(media)
        yield from _drawn(getattr(component, "children", ()))


def _unfurled(media: discord.UnfurledMediaItem) -> Iterator[Found]:
    """A gallery may hold videos as well."""
    url = media.url if media.attachment_id else media.proxy_url or media.url
    if (media.content_type or "image/").startswith("image/"):
        yield Found(url=url, name=_name(media.url), sides=_sides(media.width, media.height))


def _sides(width: int | None, height: int | None) -> tuple[int, int] | None:
    return (width, height) if width and height else None


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2][:80] or "picture"
