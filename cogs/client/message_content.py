"""The privileged intent Message Content: whether an application has it, and what the operator reads about it. Pure.

Source: Discord, "Getting started with Privileged Intent review": since 2026-06-10 a review is needed from 10,000 users
on; before, from 100 servers on.
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
    """Whether the bot may identify with the intent. Applications that need no review have the limited flag."""
    return flags.gateway_message_content or flags.gateway_message_content_limited


def content_words(*, on: bool) -> str:
    """Say what the intent means for members, and how to switch it on."""
    return _ON if on else _OFF
