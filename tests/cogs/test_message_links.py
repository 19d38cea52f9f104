"""Whose message links are followed: only to where the member may read themselves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord.state import ConnectionState

from cogs.errors import RefusalError
from cogs.message_links import linked_message

GUILD, CHANNEL, THREAD, MEMBER, MESSAGE = 10, 20, 30, 40, 50
READS = discord.Permissions(view_channel=True, read_message_history=True)


class Http:
    """Discord's REST API as discord.py calls it: one message, and who is in the thread."""

    def __init__(self, invited: set[int]) -> None:
        self._invited = invited

    async def get_message(self, _channel: int, message: int) -> dict[str, Any]:
        author = {"id": "1", "username": "ada", "discriminator": "0", "avatar": None}
        return {
            "id": str(message), "channel_id": str(THREAD), "author": author, "content": "", "timestamp": "2026-01-01",
            "edited_timestamp": None, "tts": False, "mention_everyone": False, "mentions": [], "mention_roles": [],
            "attachments": [], "embeds": [], "components": [], "pinned": False, "type": 0, "flags": 0,
        }  # fmt: skip

    async def get_thread_member(self, _thread: int, user: int) -> dict[str, Any]:
        if user not in self._invited:
            raise discord.NotFound(SimpleNamespace(status=404, reason="Not Found"), {"code": 10007})  # type: ignore[arg-type]
        return {"id": str(THREAD), "user_id": str(user), "join_timestamp": "2026-01-01T00:00:00+00:00", "flags": 0}


def a_member_asking(*, thread: int, invited: bool, permissions: discord.Permissions = READS) -> Any:
    """An interaction of a member elsewhere in a server that has a channel with a thread of this type."""
    http = Http({MEMBER} if invited else set())
    intents = discord.Intents(guilds=True)
    state = ConnectionState(
        dispatch=lambda *_: None, handlers={}, hooks={}, http=http, intents=intents, max_messages=None
    )  # type: ignore[arg-type]
    role = {
        "id": str(GUILD), "name": "@everyone", "permissions": str(permissions.value), "position": 0, "color": 0,
        "hoist": False, "managed": False, "mentionable": False, "flags": 0,
    }  # fmt: skip
    channel = {"id": str(CHANNEL), "type": 0, "name": "general", "position": 0, "permission_overwrites": []}
    in_it = {
        "id": str(THREAD), "type": thread, "parent_id": str(CHANNEL), "owner_id": "1", "name": "a thread",
        "member_count": 1, "message_count": 1, "rate_limit_per_user": 0,
        "thread_metadata": {
            "archived": False, "auto_archive_duration": 60, "archive_timestamp": "2026-01-01", "locked": False,
        },
    }  # fmt: skip
    data = {"id": str(GUILD), "name": "Studio", "roles": [role], "channels": [channel], "threads": [in_it]}
    guild = discord.Guild(data=data, state=state)  # type: ignore[arg-type]
    user = {"id": str(MEMBER), "username": "ben", "discriminator": "0", "avatar": None}
    member_data = {"user": user, "roles": [], "joined_at": "2026-01-01", "flags": 0}
    member = discord.Member(data=member_data, guild=guild, state=state)  # type: ignore[arg-type]
    return SimpleNamespace(channel_id=99, guild_id=GUILD, guild=guild, user=member, permissions=READS, client=None)


def link(message: int = MESSAGE) -> str:
    return f"https://discord.com/channels/{GUILD}/{THREAD}/{message}"


PUBLIC, PRIVATE = 11, 12


@pytest.mark.parametrize(("thread", "invited"), [(PUBLIC, False), (PRIVATE, True)])
async def test_a_thread_that_the_member_can_read_is_read(thread, invited):
    message = await linked_message(a_member_asking(thread=thread, invited=invited), link())
    assert message.id == MESSAGE


async def test_a_private_thread_that_the_member_was_not_invited_to_stays_private():
    with pytest.raises(RefusalError, match="can't read that channel"):
        await linked_message(a_member_asking(thread=PRIVATE, invited=False), link())


async def test_who_manages_threads_reads_private_ones_too():
    permissions = READS | discord.Permissions(manage_threads=True)
    interaction = a_member_asking(thread=PRIVATE, invited=False, permissions=permissions)
    assert (await linked_message(interaction, link())).id == MESSAGE


@pytest.mark.parametrize("lacks", ["view_channel", "read_message_history"])
async def test_a_thread_is_as_closed_as_its_channel(lacks):
    permissions = discord.Permissions(READS.value)
    permissions.update(**{lacks: False})
    with pytest.raises(RefusalError, match="can't read that channel"):
        await linked_message(a_member_asking(thread=PUBLIC, invited=True, permissions=permissions), link())


@pytest.mark.parametrize(
    "given",
    ["", "https://evil.example/channels/10/30/50", "https://discord.com/channels/10/30", "**x**", "x" * 6000],
)
async def test_what_is_no_message_link_is_refused_in_few_words(given):
    with pytest.raises(RefusalError, match="no message link") as refused:
        await linked_message(a_member_asking(thread=PUBLIC, invited=True), given)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("given", ["https://discord.com/channels/11/30/50", "https://discord.com/channels/@me/30/50"])
async def test_a_link_out_of_this_server_is_refused(given):
    with pytest.raises(RefusalError, match="of this server"):
        await linked_message(a_member_asking(thread=PUBLIC, invited=True), given)
