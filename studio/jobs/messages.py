"""The messages that show a job, as they were posted: their form, their files, and what Discord takes in their place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file as Discord holds it, in one message. Its link dies in about a day; the id keeps it in that message."""

    id: int
    message_id: int = 0
    filename: str
    size: int
    url: str


class MessageForm(StrEnum):
    """How much of a result a message shows: the fullest first, each simpler than the one before."""

    GALLERY = "gallery"
    ATTACHMENTS = "attachments"
    LINKS = "links"
    CARD = "card"

    @property
    def attaches(self) -> bool:
        """Whether pictures are uploaded for it."""
        return self in {MessageForm.GALLERY, MessageForm.ATTACHMENTS}


class Part(StrEnum):
    """What Discord may refuse of a result because of what it says or shows."""

    PROMPT = "prompt"
    PICTURES = "pictures"
    LINKS = "links"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What Discord takes of a result in a place, as its refusals have told.

    `without`: the parts that it refuses. `limit`: bytes that a file may have, where that is less than Discord said.
    """

    form: MessageForm = MessageForm.GALLERY
    without: frozenset[Part] = frozenset()
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedMessage:
    """A message that shows a job, or a part of it.

    `page`: which part. `by_token`: it belongs to the interaction and can be edited by its token. `drawing`: a digest of
    what it shows. `archive`: the ZIP file that lies in it beside its pictures. `ephemeral`: nobody but the member sees
    it, as it was asked for or as Discord has it where others' apps may not post. `plain`: it has text and attachments,
    no components but buttons, and stays so.
    """

    id: int
    channel_id: int
    by_token: bool
    drawing: str
    archive: Attachment | None = None
    ephemeral: bool = False
    page: int = 0
    shape: Shape = Shape()
    plain: bool = False
