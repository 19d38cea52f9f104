"""Identifies the requester and checks the bot's permissions in their channel."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

import discord

from cogs.delivery.channels import ChannelKind, kind_of
from cogs.delivery.origins import is_guest
from cogs.i18n.translate import N_, _, listing
from cogs.texts.refusal import RefusalError
from studio.quota.limits import Member

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cogs.delivery.channels import Place


class Answer(Enum):
    """How the bot answers a request."""

    RESPONSE = "response"  # to an interaction, with edits and follow-ups by its token
    MESSAGE = "message"  # as the bot, when the token is dead
    REPLY = "reply"  # as the bot, to a member's message


_READING = frozenset({"view_channel", "read_message_history"})
_POSTING = frozenset({"view_channel", "attach_files"})
_REPLYING = _READING | _POSTING

# Permissions that the bot needs in a server. In voice and stage channels, a denied Connect denies the rest.
# Source: Discord API reference, "Permissions", "Message", change log.
NEEDED: Mapping[Answer, Mapping[ChannelKind, frozenset[str]]] = {
    Answer.RESPONSE: dict.fromkeys(ChannelKind, frozenset()),
    Answer.MESSAGE: {
        ChannelKind.TEXT: _POSTING | {"send_messages"},
        ChannelKind.THREAD: _POSTING | {"send_messages_in_threads"},
        ChannelKind.VOICE: _POSTING | {"send_messages", "connect"},
    },
    Answer.REPLY: {
        ChannelKind.TEXT: _REPLYING | {"send_messages"},
        ChannelKind.THREAD: _REPLYING | {"send_messages_in_threads"},
        ChannelKind.VOICE: _REPLYING | {"send_messages", "connect"},
    },
}
# Permissions needed to read a message, for the bot and for members.
READING: Mapping[ChannelKind, frozenset[str]] = {
    ChannelKind.TEXT: _READING,
    ChannelKind.THREAD: _READING,
    ChannelKind.VOICE: _READING | {"connect"},
}

_NAMES = {
    # Translators: the name of a permission, as Discord's client has it; so are the next five
    "view_channel": N_("View Channel"),
    "send_messages": N_("Send Messages"),
    "send_messages_in_threads": N_("Send Messages in Threads"),
    "read_message_history": N_("Read Message History"),
    "attach_files": N_("Attach Files"),
    "connect": N_("Connect"),
}


def invite_permissions() -> discord.Permissions:
    """Return all permissions that the bot needs, for its invite link."""
    needed = {name for kinds in NEEDED.values() for names in kinds.values() for name in names}
    return discord.Permissions(**dict.fromkeys(needed, True))


def can_read(permissions: discord.Permissions, kind: ChannelKind) -> bool:
    return all(getattr(permissions, name) for name in READING[kind])


def check_permissions(answer: Answer, kind: ChannelKind, permissions: discord.Permissions) -> None:
    """Check that a picture can be posted, before anything is charged. Raises: RefusalError."""
    missing = [name for key, name in _NAMES.items() if key in NEEDED[answer][kind] and not getattr(permissions, key)]
    if missing:
        text = _(
            "I can't post pictures in this channel. Missing permissions: {permissions}. Ask an admin to grant "
            "them, or use another channel. Nothing was made or charged.",
            permissions=listing(map(_, missing)),
        )
        raise RefusalError(text)


def check_reply(message: discord.Message, place: Place) -> None:
    """Check that the bot can reply to a message with pictures. Raises: RefusalError."""
    if message.guild is not None:
        check_permissions(Answer.REPLY, kind_of(place.channel), place.permissions_of(message.guild.me))


def guild_of(interaction: discord.Interaction) -> discord.Guild:
    """Return the server of an interaction. Raises: RefusalError."""
    if interaction.guild is None:
        raise RefusalError(_("I can't see this server right now. Try again in a minute."))
    return interaction.guild


def member_of(interaction: discord.Interaction) -> Member:
    """Return the requester, for the quota. In a server without the bot, they count as outside servers."""
    if interaction.guild_id is None or is_guest(interaction):
        return Member(user_id=interaction.user.id)
    return _member(interaction.user, interaction.guild_id)


def author_of(message: discord.Message) -> Member:
    """Return the author of a message, for the quota."""
    if message.guild is None:
        return Member(user_id=message.author.id)
    return _member(message.author, message.guild.id)


def _member(user: discord.Member | discord.User, server_id: int) -> Member:
    roles = user.roles if isinstance(user, discord.Member) else ()
    return Member(user_id=user.id, server_id=server_id, role_ids=frozenset(role.id for role in roles) - {server_id})
