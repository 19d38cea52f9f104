"""The files that a message of ours holds, by name, read from what it shows and what it lists. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import discord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_PATH = re.compile(r"/(?:ephemeral-)?attachments/\d+/(?P<id>\d+)/(?P<name>[^/]+)/?")
_SPOILER = "SPOILER_"


@dataclass(frozen=True, slots=True)
class PostedFile:
    """`name`: as Discord has it. `size`: bytes; None where the message does not say."""

    id: int
    name: str
    url: str
    size: int | None = None


def files_in(message: discord.Message) -> dict[str, PostedFile]:
    """Every file that lies in the message, by `name_key`: those that it shows, and those that it lists besides."""
    listed = (PostedFile(one.id, one.filename, one.url, one.size) for one in message.attachments)
    found: dict[str, PostedFile] = {}
    for file in (*listed, *_shown(message.components)):
        found.setdefault(name_key(file.name), file)
    return found


def named(files: Mapping[str, PostedFile], name: str) -> PostedFile | None:
    """The file that was sent under this name."""
    return files.get(name_key(name))


def name_key(name: str) -> str:
    """The same for a name as it was sent and as Discord has it, which replaces what it does not like."""
    return re.sub(r"[^\w.\-]+", "_", name.removeprefix(_SPOILER), flags=re.ASCII).strip("_.").lower()


def kept(file: PostedFile, client: discord.Client) -> discord.Attachment:
    """The file as an edit names it, by id and name, so that it stays where it is."""
    data: Any = {"id": file.id, "filename": file.name, "size": file.size or 0, "url": file.url, "proxy_url": file.url}
    return discord.Attachment(data=data, state=client._connection)  # noqa: SLF001 - what makes one


def mark_in(message: discord.Message) -> int | None:
    """The id of the container that the message is drawn in: of a job's message, the job's mark."""
    return next((one.id for one in message.components if isinstance(one, discord.Container)), None)


def texts_in(message: discord.Message) -> list[str]:
    """What the message says, in order."""
    said = [message.content, *_texts(message.components)]
    return [one.strip() for one in said if one.strip()]


def _texts(components: Iterable[discord.Component]) -> Iterator[str]:
    for component in components:
        if isinstance(component, discord.TextDisplay):
            yield component.content
        yield from _texts(getattr(component, "children", ()))


def _shown(components: Iterable[discord.Component]) -> Iterator[PostedFile]:
    for component in components:
        match component:
            case discord.MediaGalleryComponent():
                for item in component.items:
                    yield from _of_media(item.media)
            case discord.FileComponent():
                yield from _of_media(component.media, component.name, component.size)
            case discord.ThumbnailComponent():
                yield from _of_media(component.media)
            case discord.SectionComponent():
                yield from _shown([component.accessory])
        yield from _shown(getattr(component, "children", ()))


def _of_media(
    media: discord.UnfurledMediaItem, name: str | None = None, size: int | None = None
) -> Iterator[PostedFile]:
    """What is shown from elsewhere is no file of the message; its own say their id, and have it in their link."""
    match = _PATH.fullmatch(_path(media.url))
    identity = media.attachment_id or (int(match["id"]) if match else None)
    name = name or (unquote(match["name"]) if match else None)
    if identity and name:
        yield PostedFile(identity, name, media.url, size)


def _path(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""
