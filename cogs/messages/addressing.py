"""Decides whether a message addresses the bot, and how. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import discord

_WRITTEN = {discord.MessageType.default, discord.MessageType.reply}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """How a message addresses the bot.

    mentioned: its text mentions the bot, or the role that Discord manages for it. reply: it replies to a message.
    to_bot: that message is the bot's, whether the reply pings it or not. direct: it is a direct message.
    """

    mentioned: bool
    reply: bool
    to_bot: bool
    direct: bool

    @property
    def concerns_bot(self) -> bool:
        return self.mentioned or self.to_bot or self.direct


def is_from_member(message: discord.Message) -> bool:
    """Return whether a person wrote it: not a bot, a webhook or Discord itself."""
    return not message.author.bot and message.webhook_id is None and message.type in _WRITTEN


def is_reply(message: discord.Message) -> bool:
    return message.type is discord.MessageType.reply and message.reference is not None


def address_of(message: discord.Message, bot: discord.abc.User, replied: discord.Message | None) -> Address:
    """Tell how a message addresses the bot. `replied`: the message it replies to, if known."""
    return Address(
        mentioned=is_mentioned(message, bot),
        reply=is_reply(message),
        to_bot=replied is not None and replied.author.id == bot.id,
        direct=message.guild is None,
    )


def is_mentioned(message: discord.Message, bot: discord.abc.User) -> bool:
    """Return whether the text mentions the bot; a reply's ping doesn't count."""
    named = f"<@{bot.id}>" in message.content or f"<@!{bot.id}>" in message.content
    return (named and any(user.id == bot.id for user in message.mentions)) or own_role(message, bot) is not None


def own_role(message: discord.Message, bot: discord.abc.User) -> int | None:
    """Return the id of the role that Discord manages for the bot, if the message mentions it."""
    return next((role.id for role in message.role_mentions if role.tags and role.tags.bot_id == bot.id), None)


def is_hidden(message: discord.Message) -> bool:
    """Return whether Discord withheld the content: without the Message Content intent, it sends messages empty.

    The bot looks at the message and not at its intents, because it is disputed what Discord shows of replies to
    interaction responses. Source: Discord, "Gateway", Message Content Intent.
    """
    parts = (message.content, message.attachments, message.embeds, message.components, message.poll)
    return not any(parts) and not message.stickers and not message.message_snapshots
