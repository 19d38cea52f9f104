"""Reads which files a message of the bot holds, by name. Pure.

Discord lists in `attachments` only files that no component shows, so files are read from both. Edits keep them by their
ids. A new message can't take over another one's files, and a file can't be renamed.
"""

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
LEAST_MARK = 1 << 30  # the marks of jobs' messages are from here to 2**31 - 1, the largest id that Discord keeps


@dataclass(frozen=True, slots=True)
class PostedFile:
    """A file of a posted message. name: as Discord changed it. size: bytes, None if the message doesn't say it."""

    id: int
    name: str
    url: str
    size: int | None = None


def files_in(message: discord.Message) -> dict[str, PostedFile]:
    """Return all files of the message, in its components and its attachments, by `name_key`.

    A thumbnail shows a picture of another message, which may have the same name as one of these.
    """
    attachments = (PostedFile(file.id, file.filename, file.url, file.size) for file in message.attachments)
    files: dict[str, PostedFile] = {}
    for file in (*attachments, *_shown(message.components)):
        files.setdefault(name_key(file.name), file)
    return files


def find_file(files: Mapping[str, PostedFile], name: str) -> PostedFile | None:
    """Find the file that was sent under this name."""
    return files.get(name_key(name))


def name_key(name: str) -> str:
    """Return a key that is the same for a name as it was sent and as Discord changed it."""
    return re.sub(r"[^\w.\-]+", "_", name.removeprefix(_SPOILER), flags=re.ASCII).strip("_.").lower()


def as_attachment(file: PostedFile, client: discord.Client) -> discord.Attachment:
    """Return the file as an attachment for an edit, which keeps it in the message."""
    data: Any = {"id": file.id, "filename": file.name, "size": file.size or 0, "url": file.url, "proxy_url": file.url}
    return discord.Attachment(data=data, state=client._connection)  # noqa: SLF001 - required by the constructor


def is_mark(component_id: int) -> bool:
    """Return whether it is the id of a container of ours: Discord numbers those without an id from 1."""
    return component_id >= LEAST_MARK


def mark_in(message: discord.Message) -> int | None:
    """Return the id of the message's container component, which is the job's mark in a job's message."""
    containers = (component for component in message.components if isinstance(component, discord.Container))
    return next((container.id for container in containers), None)


def texts_in(message: discord.Message) -> list[str]:
    """Return the message's texts, in order."""
    texts = [message.content, *_texts(message.components)]
    return [text.strip() for text in texts if text.strip()]


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
        yield from _shown(getattr(component, "children", ()))


def _of_media(
    media: discord.UnfurledMediaItem, name: str | None = None, size: int | None = None
) -> Iterator[PostedFile]:
    """Yield the file of a media item, if it isn't from elsewhere. Discord sends its id, or has it in the link."""
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
