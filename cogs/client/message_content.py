"""The privileged intent Message Content: whether an application has it, and what the operator reads about it. Pure.

Source: Discord, "Getting started with Privileged Intent review": since 2026-06-10 a review is needed from 10,000 users
on; until then it was from 100 servers on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import discord

_ON = "The bot also reads messages that don't mention it, so replies need no ping"
_OFF = (
    "In servers the bot reads only messages that mention it. What works all the same: mentioning the bot in the reply, "
    "Edit image in a message's menu, the Edit button, and everything in direct messages. To switch it on, turn on "
    "Message Content Intent at https://discord.com/developers/applications, page Bot, and restart the bot. Only bots "
    "that reach 10,000 users or more have to apply to Discord for it"
)


def has_content(flags: discord.ApplicationFlags) -> bool:
    """Whether the bot may identify with the intent. The limited flag is that of applications that need no review."""
    return flags.gateway_message_content or flags.gateway_message_content_limited


def content_words(*, on: bool) -> str:
    """What follows from it, and how it is changed."""
    return _ON if on else _OFF
