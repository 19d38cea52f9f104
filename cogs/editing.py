"""From words and pictures, however they were given, to the request that changes the pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cogs.errors import RefusalError
from cogs.sources import Found, of_attachment
from cogs.ui.texts import escaped
from seedream.models import find_model
from studio.editing import edit_request

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import discord

    from cogs.desk import Desk
    from seedream import ImageRequest
    from studio.jobs import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A request, where its pictures lie, and what its placeholder says besides."""

    request: ImageRequest
    sources: tuple[Source | None, ...]
    note: str


async def edited(
    desk: Desk,
    user_id: int,
    words: str,
    pictures: Sequence[Found],
    *,
    files: Iterable[discord.Attachment] = (),
    model: str | None = None,
    size: str | None = None,
    ratio: str | None = None,
    usual: str | None = None,
    note: str = "",
) -> Wish:
    """`files`: further references. `usual`: the model where none is chosen. Raises: RefusalError, InvalidRequest."""
    if not words.strip():
        raise RefusalError("Say what to change, such as “make it night”.")
    used = [*pictures, *checked("picture", files)]
    if not used:
        raise RefusalError("There is no picture to change: attach one, or give the link of a message that has one.")
    look = await desk.look(user_id)
    look = replace(look, model=usual or look.model, ratio=None)  # the picture's own shape comes first
    request = edit_request(
        words,
        [one.url for one in used],
        look=look,
        sides=used[0].sides,
        model=model,
        size=size,
        ratio=ratio,
        watermark=desk.watermark,
    )
    notes = [note, substituted(look.model, request) if model is None else ""]
    return Wish(
        request=request,
        sources=tuple(one.source for one in used),
        note=" ".join(filter(None, notes)),
    )


def checked(option: str, attachments: Iterable[discord.Attachment]) -> list[Found]:
    """What Discord itself says is no picture is refused before anything is spent. Raises: RefusalError."""
    for attachment in attachments:
        kind = (attachment.content_type or "image/").split(";")[0]
        if not kind.startswith("image/") or attachment.size == 0:
            given = "is empty" if attachment.size == 0 else f"is {kind}, not a picture"
            raise RefusalError(
                f"{option}: “{escaped(attachment.filename, 80)}” {given}. "
                "Attach a JPEG, PNG, WebP, BMP, TIFF or GIF picture."
            )
    return [of_attachment(one) for one in attachments]


def substituted(usual: str, request: ImageRequest) -> str:
    """What is said where another model than the usual one does it."""
    wanted = find_model(usual)
    if wanted.name == request.model:
        return ""
    return f"{wanted.label} can't do this with {len(request.images)} picture(s), so {request.capabilities.label} does."
