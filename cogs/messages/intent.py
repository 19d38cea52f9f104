"""Whether a message is an instruction, or chat: chat is never billed. Pure.

    reply = parse_reply(content, ...)
    typed = parse_options(reply.text)
    intent_of(reply, typed) -> Intent

INSTRUCTION runs at once. UNSURE is offered by a button. HELP gets the help card: "help", "what can you do?", or a
mention without words. A reply without words that isn't a mention is UNSURE; there is nothing to offer then.
In a direct message, where nobody mentions the bot, pass `replace(reply, mentioned=True)` for what is said to it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cogs.messages.reply_parser import ParsedReply
    from cogs.messages.typed_options import TypedOptions


class Intent(StrEnum):
    INSTRUCTION = "instruction"
    UNSURE = "unsure"
    HELP = "help"


def intent_of(reply: ParsedReply, typed: TypedOptions) -> Intent:
    """What a message most probably is."""
    if not typed.prompt.strip() and not typed.any:
        return Intent.HELP if reply.mentioned else Intent.UNSURE
    return Intent.INSTRUCTION
