"""Decides what to do with a message that addresses the bot. Pure."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from cogs.messages.intent import Intent
from studio.guilds.settings import Replies

if TYPE_CHECKING:
    from cogs.messages.addressing import Address


class Decision(Enum):
    RUN = auto()
    ASK = auto()  # whether it is an instruction: a button runs it
    SAY_HOW = auto()  # it has a picture but no words
    HELP = auto()
    SAY_OFF = auto()  # the server's admins have turned replies off
    IGNORE = auto()


def decide(  # noqa: PLR0911 - a table, read from top to bottom
    address: Address, intent: Intent | None, *, pictures: bool, points: bool, replies: Replies
) -> Decision:
    """Decide about a message.

    intent: of its words, None without words. pictures: there is a picture to edit.
    points: it names a picture by number, or has one of its own.
    """
    if address.reply and replies is Replies.OFF:
        return Decision.SAY_OFF if address.mentioned else Decision.IGNORE
    if intent is None:
        if address.reply and not (address.mentioned or points):
            return Decision.IGNORE  # a ping or a sticker alone is chat
        return Decision.SAY_HOW if pictures or address.reply else Decision.HELP
    if intent is Intent.HELP:
        return Decision.HELP
    if address.reply and replies is Replies.AT_ONCE:
        return Decision.RUN
    if intent is Intent.INSTRUCTION and not (address.reply and replies is Replies.ALWAYS_ASK):
        return Decision.RUN
    return Decision.ASK if pictures or not address.reply else Decision.IGNORE
