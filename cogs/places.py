"""Where a member asks from: what the bot may do there, and what is kept to answer later."""

from __future__ import annotations

import discord

from cogs.errors import RefusalError
from cogs.ui.language import _, listing, marked, spoken
from studio.jobs import Origin
from studio.limits import Member

DM_UPLOAD_BYTES = 10 * 2**20

# What a result needs in a server.
_NEEDED = {
    # Translators: the name of a permission, as Discord's client has it; so are the next four
    "view_channel": marked("View Channel"),
    "send_messages": marked("Send Messages"),
    "send_messages_in_threads": marked("Send Messages in Threads"),
    "read_message_history": marked("Read Message History"),
    "attach_files": marked("Attach Files"),
}


def check_place(interaction: discord.Interaction, *, private: bool) -> None:
    """Refuse, before anything is spent, where a picture could not be posted. Raises: RefusalError."""
    if interaction.guild_id is None:
        return
    needed = {"attach_files"}
    if interaction.is_guild_integration() and not private:
        needed |= {"view_channel", _sending(interaction.channel)}
    _refuse(interaction.app_permissions, needed)


def check_channel(message: discord.Message) -> None:
    """The same for a message that asks: the answer is a reply of the bot's own. Raises: RefusalError."""
    if message.guild is not None:
        permissions = message.channel.permissions_for(message.guild.me)
        _refuse(permissions, {"view_channel", "attach_files", "read_message_history", _sending(message.channel)})


def _sending(channel: object) -> str:
    return "send_messages_in_threads" if isinstance(channel, discord.Thread) else "send_messages"


def _refuse(permissions: discord.Permissions, needed: set[str]) -> None:
    missing = [name for key, name in _NEEDED.items() if key in needed and not getattr(permissions, key)]
    if missing:
        told = _(
            "I can't post pictures in this channel. Permissions that I lack here: {permissions}. "
            "Ask an admin to grant them, or use another channel. Nothing was made or charged.",
            permissions=listing(map(_, missing)),
        )
        raise RefusalError(told)


def member_of(interaction: discord.Interaction) -> Member:
    """Who asks, for the quota. Where the bot is no member of the server, it is as outside of servers."""
    if interaction.guild_id is None or not interaction.is_guild_integration():
        return Member(user_id=interaction.user.id)
    return _member(interaction.user, interaction.guild_id)


def author_of(message: discord.Message) -> Member:
    """Who asks by a message, for the quota."""
    if message.guild is None:
        return Member(user_id=message.author.id)
    return _member(message.author, message.guild.id)


def _member(user: discord.Member | discord.User, server_id: int) -> Member:
    roles = user.roles if isinstance(user, discord.Member) else ()
    return Member(user_id=user.id, server_id=server_id, role_ids=frozenset(role.id for role in roles) - {server_id})


def origin_of(interaction: discord.Interaction, *, private: bool) -> Origin:
    return Origin(
        application_id=interaction.application_id,
        guild_id=interaction.guild_id,
        channel_id=interaction.channel_id or 0,
        user_id=interaction.user.id,
        locale=spoken(),
        private=private,
        upload_limit=interaction.filesize_limit,
        token=interaction.token,
        token_expires=interaction.expires_at.timestamp(),
    )


def origin_of_message(message: discord.Message, application_id: int) -> Origin:
    """Where a message asks from: there is no interaction, so no token; the bot answers as itself."""
    guild = message.guild
    return Origin(
        application_id=application_id,
        guild_id=guild.id if guild else None,
        channel_id=message.channel.id,
        user_id=message.author.id,
        locale=spoken(),
        private=False,
        upload_limit=guild.filesize_limit if guild else DM_UPLOAD_BYTES,
        token="",
        token_expires=0.0,
    )
