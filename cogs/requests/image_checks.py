"""Checks what members give as pictures before a request is accepted: by Discord's word, else by the file's content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from cogs.delivery.message_images import of_attachment
from cogs.i18n.translate import _, translate
from cogs.texts.common import escaped
from cogs.texts.refusal import RefusalError
from seedream.images import NotAnImageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import discord

    from cogs.delivery.message_images import FoundImage
    from studio.jobs.job import PictureSource
    from studio.jobs.ports import ImageLooks

_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Checked:
    """The pictures among what was found, and the sentence that names the first other file, "" if there is none."""

    images: Sequence[FoundImage]
    refusal: str


class ImageChecks:
    """Common pictures that Discord has recognised pass at once. All others are looked at, for their kind and sides."""

    def __init__(self, looks: ImageLooks) -> None:
        self._looks = looks

    async def attached(
        self, attachments: Iterable[discord.Attachment], source: PictureSource | None = None
    ) -> list[FoundImage]:
        """Return files that must all be pictures. `source`: the message that holds them, None for uploads.

        Raises: RefusalError.
        """
        checked = await self.check([of_attachment(attachment, source) for attachment in attachments])
        if checked.refusal:
            raise RefusalError(checked.refusal)
        return [*checked.images]

    async def check(self, found: Sequence[FoundImage]) -> Checked:
        """Tell pictures from other files. What can't be looked at in time passes: it is checked again later."""
        unseen = [image.url for image in found if image.unseen]
        looks = dict(zip(unseen, await self._looks.look(unseen), strict=True)) if unseen else {}
        images, refusals = [], []
        for image in found:
            look = looks.get(image.url)
            if isinstance(look, NotAnImageError):
                refusals.append(_refusal(image.name, look))
            else:
                images.append(replace(image, sides=image.sides or look.sides, unseen=False) if look else image)
        return Checked(images, next(iter(refusals), ""))


def _refusal(name: str, error: NotAnImageError) -> str:
    # Translators: {what} is such as "a video" or "a camera raw file (DNG)", {remedy} a sentence.
    return _(
        "“{file}” is {what}. {remedy}",
        file=escaped(name, _LONGEST_NAME),
        what=translate(error.what),
        remedy=translate(error.remedy),
    )
