"""The pictures in a message, wherever they sit: one function for every way of pointing at one."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import discord
from discord import StickerFormatType

from cogs.delivery.channels import is_age_restricted
from studio.jobs.job import Source
from studio.jobs.links import same_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_PICTURES = 20  # in one message: ten attachments, and what else may be in it

_LITERAL = re.compile(r"\\.|(`{1,3}).*?\1", re.DOTALL)  # in code, and after a backslash, || are just two characters
_SPOILER = re.compile(r"\|\|(.+?)\|\|", re.DOTALL)
_EMOJI = re.compile(r"<(?P<animated>a?):(?P<name>\w{1,32}):(?P<id>\d{1,20})>")
_MOVING = {"gifv", "video"}  # embeds: a GIF service's link, and a film's
_STICKER_PICTURES = {StickerFormatType.png, StickerFormatType.apng, StickerFormatType.gif}

Part = discord.Message | discord.MessageSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A picture: its link and name, its sides in pixels where Discord knows them, and the message it lies in.

    `spoiler`: it is covered until somebody looks. `still`: it stands for a moving picture, of which only this can be
    used. `number`: what members call it by, from 1; 0 for a file that nobody has to choose.
    """

    url: str
    name: str
    sides: tuple[int, int] | None = None
    source: Source | None = None
    spoiler: bool = False
    still: bool = False
    number: int = 0


def pictures_in(message: discord.Message, *, emoji: bool = True) -> list[Found]:
    """Every picture of a message, each once: attachments, embeds, components, stickers, and what it forwards.

    Custom emoji count where there is nothing else, if they count at all (`emoji`). A message that starts a thread shows
    what it was started from.
    """
    started_from = message.reference.resolved if message.reference and is_thread_starter(message) else None
    if isinstance(started_from, discord.Message):
        return pictures_in(started_from)
    parts: tuple[Part, ...] = (message, *message.message_snapshots)
    found = _each_once(image for part in parts for image in _shown(part))
    if emoji and not found:
        found = _each_once(image for part in parts for image in _emoji(part.content))
    source = source_of(message)
    return [replace(image, source=source, number=at) for at, image in enumerate(found[:MOST_PICTURES], start=1)]


def _each_once(images: Iterable[Found]) -> list[Found]:
    found: list[Found] = []
    for image in images:
        known = next((at for at, other in enumerate(found) if same_file(image.url, other.url)), None)
        if known is None:
            found.append(image)
        elif image.spoiler:
            found[known] = replace(found[known], spoiler=True)
    return found


def is_thread_starter(message: discord.Message) -> bool:
    return message.type is discord.MessageType.thread_starter_message


def source_of(message: discord.Message) -> Source:
    return Source(
        channel_id=message.channel.id, message_id=message.id, age_restricted=is_age_restricted(message.channel)
    )


def of_attachment(attachment: discord.Attachment, source: Source | None = None) -> Found:
    """An attachment as it was given: whether it is a picture is checked where it is used.

    `source`: the message that it lies in, if it lies in one: what a command or a modal is given is kept for a day.
    """
    sides = _sides(attachment.width, attachment.height)
    return Found(
        url=attachment.url, name=attachment.filename, sides=sides, source=source, spoiler=attachment.is_spoiler()
    )


def is_picture(attachment: discord.Attachment) -> bool:
    return (attachment.content_type or "").startswith("image/")


def _shown(part: Part) -> Iterator[Found]:
    yield from (of_attachment(one) for one in part.attachments if is_picture(one))
    yield from _embedded(part.embeds, part.content)
    yield from _drawn(part.components)
    yield from (Found(url=one.url, name=one.name) for one in part.stickers if one.format in _STICKER_PICTURES)


def _emoji(content: str) -> Iterator[Found]:
    """A server's own emoji; others are text."""
    for match in islice(_EMOJI.finditer(content), MOST_PICTURES):
        emoji = discord.PartialEmoji(name=match["name"], id=int(match["id"]))  # of a moving one, its still
        yield Found(url=emoji.url, name=emoji.name, still=bool(match["animated"]))


def _embedded(embeds: Iterable[discord.Embed], content: str) -> Iterator[Found]:
    """A link that is covered in the text is covered in its embed."""
    covered = " ".join(_SPOILER.findall(_LITERAL.sub("", content)))
    for embed in embeds:
        for media in (embed.image, embed.thumbnail):
            # Discord's proxy serves the picture from a host of its own, whoever the link leads to.
            if url := media.proxy_url or media.url:
                spoiler = any(link and link in covered for link in (embed.url, media.url))
                name = _name(media.url or url)
                yield Found(
                    url=url,
                    name=name,
                    sides=_sides(media.width, media.height),
                    spoiler=spoiler,
                    still=embed.type in _MOVING,
                )


def _drawn(components: Iterable[discord.Component], *, covered: bool = False) -> Iterator[Found]:
    """`covered`: what holds them is."""
    for component in components:
        match component:
            case discord.MediaGalleryComponent():
                for item in component.items:
                    yield from _unfurled(item.media, spoiler=covered or item.spoiler)
            case discord.SectionComponent(accessory=discord.ThumbnailComponent(media=media, spoiler=spoiler)):
                yield from _unfurled(media, spoiler=covered or spoiler)
            case discord.ThumbnailComponent(media=media, spoiler=spoiler):
                yield from _unfurled(media, spoiler=covered or spoiler)
            case discord.FileComponent(media=media, spoiler=spoiler) if (
                media.content_type
            ):  # of any kind, unlike others
                yield from _unfurled(media, spoiler=covered or spoiler)
        inside = covered or getattr(component, "spoiler", False)
        yield from _drawn(getattr(component, "children", ()), covered=inside)


def _unfurled(media: discord.UnfurledMediaItem, *, spoiler: bool) -> Iterator[Found]:
    """A gallery may hold videos as well."""
    url = media.url if media.attachment_id else media.proxy_url or media.url
    if (media.content_type or "image/").startswith("image/"):
        yield Found(url=url, name=_name(media.url), sides=_sides(media.width, media.height), spoiler=spoiler)


def _sides(width: int | None, height: int | None) -> tuple[int, int] | None:
    return (width, height) if width and height else None


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2][:80] or "picture"
