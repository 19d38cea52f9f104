"""Finds the pictures in a message, wherever they are: in attachments, embeds, components, stickers or forwards."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

import discord
from discord import StickerFormatType

from cogs.delivery.channels import is_age_restricted
from cogs.delivery.posted_files import is_mark
from studio.jobs.job import PictureSource
from studio.jobs.links import same_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_PICTURES = 20  # in one message: ten attachments and other pictures

_LITERAL = re.compile(r"\\.|(`{1,3}).*?\1", re.DOTALL)  # in code, and after a backslash, || are just two characters
_SPOILER = re.compile(r"\|\|(.+?)\|\|", re.DOTALL)
_EMOJI = re.compile(r"<(?P<animated>a?):(?P<name>\w{1,32}):(?P<id>\d{1,20})>")
_MOVING = {"gifv", "video"}  # types of embeds: of GIF services and of videos
_COMMON = {"image/jpeg", "image/png", "image/webp", "image/gif"}  # which Discord decodes
_STICKER_PICTURES = {StickerFormatType.png, StickerFormatType.apng, StickerFormatType.gif}

Part = discord.Message | discord.MessageSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundImage:
    """A picture in a message.

    sides: width and height in pixels, None if Discord doesn't know them. source: the message that holds it.
    spoiler: it is hidden until somebody clicks it. still: it is the first frame of an animation.
    doubtful: Discord doesn't call it a picture. unseen: only a look at its content says what it is, or how large.
    number: the number that members choose it by, from 1; 0 if it isn't one of several.
    """

    url: str
    name: str
    sides: tuple[int, int] | None = None
    source: PictureSource | None = None
    spoiler: bool = False
    still: bool = False
    doubtful: bool = False
    unseen: bool = False
    number: int = 0


def pictures_in(message: discord.Message, *, emoji: bool = True) -> list[FoundImage]:
    """Find every picture of a message once: in attachments, embeds, components, stickers and forwarded messages.

    Other files count if there are no pictures, as Discord tells their kinds by their names alone. Custom emoji count if
    there is nothing else and `emoji` is set. For a thread's starter message, the message that the thread was started
    from is read.
    """
    message = _shown_message(message)
    parts = _parts(message)
    files = _unique(image for part in parts for image in _shown(part))
    images = [image for image in files if not image.doubtful] or files
    if emoji and not images:
        images = _unique(image for part in parts for image in _emoji(part.content))
    source = source_of(message)
    return [
        replace(image, source=source, number=number) for number, image in enumerate(images[:MOST_PICTURES], start=1)
    ]


def links_in(message: discord.Message) -> Iterator[str]:
    """Yield the links of all files and pictures of a message."""
    for part in _parts(_shown_message(message)):
        yield from (image.url for image in (*_shown(part), *_emoji(part.content)))


def _shown_message(message: discord.Message) -> discord.Message:
    """Return the message itself, or the one that its thread was started from."""
    started_from = message.reference.resolved if message.reference and is_thread_starter(message) else None
    return _shown_message(started_from) if isinstance(started_from, discord.Message) else message


def _parts(message: discord.Message) -> tuple[Part, ...]:
    return (message, *message.message_snapshots)


def _unique(images: Iterable[FoundImage]) -> list[FoundImage]:
    unique: list[FoundImage] = []
    for image in images:
        known = next((index for index, other in enumerate(unique) if same_file(image.url, other.url)), None)
        if known is None:
            unique.append(image)
        elif image.spoiler:
            unique[known] = replace(unique[known], spoiler=True)
    return unique


def is_thread_starter(message: discord.Message) -> bool:
    return message.type is discord.MessageType.thread_starter_message


def source_of(message: discord.Message) -> PictureSource:
    """Return where a message's pictures are. A forward's are where it was forwarded to.

    Discord forwards no message from an age-restricted channel to one that isn't. Source: Discord's help, "Message
    Forwarding".
    """
    return PictureSource(
        channel_id=message.channel.id, message_id=message.id, age_restricted=is_age_restricted(message.channel)
    )


def of_attachment(attachment: discord.Attachment, source: PictureSource | None = None) -> FoundImage:
    """Describe an attachment.

    `source`: the message that holds it. Uploads to a command or a modal are in none, and Discord keeps them for a day.
    """
    found = FoundImage(url=attachment.url, name=attachment.filename, source=source, spoiler=attachment.is_spoiler())
    return _judged(found, attachment.content_type, _sides(attachment.width, attachment.height))


def _judged(found: FoundImage, content_type: str | None, sides: tuple[int, int] | None) -> FoundImage:
    """Judge by what Discord says of a file. It tells the type by the name, and the sides of what it can decode."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    is_video = kind.startswith("video/")
    is_picture = kind.startswith("image/") or (sides is not None and not is_video)
    is_certain = kind in _COMMON and sides is not None
    return replace(found, sides=None if is_video else sides, doubtful=not is_picture, unseen=not is_certain)


def _shown(part: Part) -> Iterator[FoundImage]:
    yield from (of_attachment(attachment) for attachment in part.attachments if not attachment.is_voice_message())
    yield from _embedded(part.embeds, part.content)
    yield from _in_components(part.components)
    stickers = (sticker for sticker in part.stickers if sticker.format in _STICKER_PICTURES)
    yield from (FoundImage(url=sticker.url, name=sticker.name, unseen=True) for sticker in stickers)


def _emoji(content: str) -> Iterator[FoundImage]:
    """Yield custom emoji; standard emoji are text."""
    for match in islice(_EMOJI.finditer(content), MOST_PICTURES):
        emoji = discord.PartialEmoji(name=match["name"], id=int(match["id"]))  # the first frame of an animated one
        yield FoundImage(url=emoji.url, name=emoji.name, still=bool(match["animated"]), unseen=True)


def _embedded(embeds: Iterable[discord.Embed], content: str) -> Iterator[FoundImage]:
    """Yield pictures of embeds. A link that is a spoiler in the text makes its embed one."""
    covered = " ".join(_SPOILER.findall(_LITERAL.sub("", content)))
    for embed in embeds:
        for media in (embed.image, embed.thumbnail):
            # Discord's proxy serves the picture from Discord's own host, whatever the link leads to.
            if url := media.proxy_url or media.url:
                spoiler = any(link and link in covered for link in (embed.url, media.url))
                sides, still = _sides(media.width, media.height), embed.type in _MOVING
                found = FoundImage(url=url, name=_name(media.url or url), sides=sides, spoiler=spoiler, still=still)
                yield replace(found, unseen=sides is None)


def _in_components(
    components: Iterable[discord.Component], *, covered: bool = False, ours: bool = False
) -> Iterator[FoundImage]:
    """Yield pictures of components. `covered`: they are in a spoiler. `ours`: of a result, whose thumbnail isn't it."""
    for component in components:
        match component:
            case discord.MediaGalleryComponent():
                for item in component.items:
                    yield _unfurled(item.media, spoiler=covered or item.spoiler, usual="image/")
            case discord.SectionComponent(accessory=discord.ThumbnailComponent(media=media, spoiler=spoiler)) if (
                not ours
            ):
                yield _unfurled(media, spoiler=covered or spoiler, usual="image/")
            case discord.ThumbnailComponent(media=media, spoiler=spoiler):
                yield _unfurled(media, spoiler=covered or spoiler, usual="image/")
            case discord.FileComponent(media=media, spoiler=spoiler):
                yield _unfurled(media, spoiler=covered or spoiler)
        inside = covered or getattr(component, "spoiler", False)
        marked = isinstance(component, discord.Container) and is_mark(component.id or 0)
        yield from _in_components(getattr(component, "children", ()), covered=inside, ours=ours or marked)


def _unfurled(media: discord.UnfurledMediaItem, *, spoiler: bool, usual: str = "") -> FoundImage:
    """Describe a file of a component. `usual`: its type where Discord doesn't say; galleries hold videos too."""
    url = media.url if media.attachment_id else media.proxy_url or media.url
    found = FoundImage(url=url, name=_name(media.url), spoiler=spoiler)
    return _judged(found, media.content_type or usual, _sides(media.width, media.height))


def _sides(width: int | None, height: int | None) -> tuple[int, int] | None:
    return (width, height) if width and height else None


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2][:80] or "picture"
