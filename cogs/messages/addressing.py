"""Whether a message speaks to the bot, and how. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import discord

_WRITTEN = {discord.MessageType.default, discord.MessageType.reply}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """How a message reaches the bot.

    `mentioned`: its text names the bot, or the role that Discord manages for it. `reply`: it replies to a message.
    `to_bot`: that message is the bot's own, whether its author is pinged or not. `direct`: it is a direct message.
    """

    mentioned: bool
    reply: bool
    to_bot: bool
    direct: bool

    @property
    def concerns_bot(self) -> bool:
        return self.mentioned or self.to_bot or self.direct


def is_from_member(message: discord.Message) -> bool:
    """Whether a person wrote it: no bot, no webhook, no notice of Discord's."""
    return not message.author.bot and message.webhook_id is None and message.type in _WRITTEN


def is_reply(message: discord.Message) -> bool:
    return message.type is discord.MessageType.reply and message.reference is not None


def address_of(message: discord.Message, bot: discord.abc.User, replied: discord.Message | None) -> Address:
    """`replied`: the message that it replies to, as far as it is known."""
    return Address(
        mentioned=is_mentioned(message, bot),
        reply=is_reply(message),
        to_bot=replied is not None and replied.author.id == bot.id,
        direct=message.guild is None,
    )


def is_mentioned(message: discord.Message, bot: discord.abc.User) -> bool:
    """In the text: the ping that a reply carries does not count."""
    named = f"<@{bot.id}>" in message.content or f"<@!{bot.id}>" in message.content
    return (named and any(user.id == bot.id for user in message.mentions)) or own_role(message, bot) is not None


def own_role(message: discord.Message, bot: discord.abc.User) -> int | None:
    """The role that Discord manages for the bot, if the message mentions it."""
    return next((role.id for role in message.role_mentions if role.tags and role.tags.bot_id == bot.id), None)


def is_hidden(message: discord.Message) -> bool:
    """Whether Discord has kept back all that is in it: without the Message Content intent it sends it empty.

    Source: Discord, "Gateway", Message Content Intent.
    """
    parts = (message.content, message.attachments, message.embeds, message.components, message.poll)
    return not any(parts) and not message.stickers and not message.message_snapshots
