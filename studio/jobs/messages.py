"""Describes the messages that show a job: their form, their files, and what Discord accepts in their channel."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file on Discord, in one message. Its link expires in about a day; an edit keeps the file by its id."""

    id: int
    message_id: int = 0
    filename: str
    size: int
    url: str


class MessageForm(StrEnum):
    """How much of a result a message shows, each form simpler than the one before."""

    GALLERY = "gallery"
    ATTACHMENTS = "attachments"
    LINKS = "links"
    CARD = "card"

    @property
    def attaches(self) -> bool:
        """Whether it has pictures as files."""
        return self in {MessageForm.GALLERY, MessageForm.ATTACHMENTS}


class Part(StrEnum):
    """A part of a result that Discord may refuse."""

    PROMPT = "prompt"
    PICTURES = "pictures"
    LINKS = "links"
    BEFORE = "before"  # the picture that was changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What Discord accepts in a channel, as learned from its refusals, so that the next edit avoids the same refusal.

    `without`: refused parts. `limit`: a file's maximum in bytes, if smaller than the limit that Discord states.
    """

    form: MessageForm = MessageForm.GALLERY
    without: frozenset[Part] = frozenset()
    limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedMessage:
    """A message that shows a job, or a part of it.

    `page`: which part. `by_token`: it belongs to the interaction and can be edited by its token. `drawing`: a digest of
    what it shows. `archive`: the ZIP file attached beside its pictures. `ephemeral`: only the member sees it, by
    request or because Discord makes it so where external apps may not post. `plain`: it has text, attachments and
    buttons, no other components, and stays so. `mention`: the id of the message that mentioned its member beside it.
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
    mention: int | None = None
