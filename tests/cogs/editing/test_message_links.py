"""Whose message links are followed: only to where the member may read themselves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from cogs.editing.message_links import linked_message
from cogs.texts.refusal import RefusalError
from tests.support.channels import (
    FORUM,
    GUILD,
    NEWS,
    NEWS_THREAD,
    PRIVATE_THREAD,
    PUBLIC_THREAD,
    TEXT,
    VOICE,
    a_channel,
    a_guild,
    a_member,
    a_state,
    a_thread,
    hidden,
)

CHANNEL, THREAD, MEMBER, MESSAGE = 20, 30, 40, 50
VOICE_CHAT = a_channel(55, VOICE)
VOICE_LINK = f"https://discord.com/channels/{GUILD}/55/{MESSAGE}"
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


def a_member_asking(*, thread: int, invited: bool, permissions: discord.Permissions = READS, parent: int = TEXT) -> Any:
    """An interaction of a member elsewhere in a server that has a channel with a thread of this type."""
    state = a_state(Http({MEMBER} if invited else set()))
    threads = (a_thread(THREAD, CHANNEL, thread),)
    guild = a_guild(state, a_channel(CHANNEL, parent), threads=threads, everyone=permissions)
    member = a_member(guild, MEMBER)
    return SimpleNamespace(channel_id=99, guild_id=GUILD, guild=guild, user=member, permissions=READS, client=None)


def link(message: int = MESSAGE) -> str:
    return f"https://discord.com/channels/{GUILD}/{THREAD}/{message}"


THREADS = [
    (TEXT, PUBLIC_THREAD, False),
    (TEXT, PRIVATE_THREAD, True),
    (FORUM, PUBLIC_THREAD, False),
    (NEWS, NEWS_THREAD, False),
]


@pytest.mark.parametrize(("parent", "thread", "invited"), THREADS)
async def test_a_thread_that_the_member_can_read_is_read(parent, thread, invited):
    message = await linked_message(a_member_asking(thread=thread, invited=invited, parent=parent), link())
    assert message.id == MESSAGE


@pytest.mark.parametrize("connects", [True, False])
async def test_a_voice_chat_is_read_by_who_may_connect(connects):
    asking = a_member_asking(
        thread=PUBLIC_THREAD, invited=True, permissions=READS | discord.Permissions(connect=connects)
    )
    asking.guild._add_channel(discord.VoiceChannel(state=asking.guild._state, guild=asking.guild, data=VOICE_CHAT))
    if connects:
        assert (await linked_message(asking, VOICE_LINK)).id == MESSAGE
    else:
        with pytest.raises(RefusalError, match="can't read that channel"):
            await linked_message(asking, VOICE_LINK)


async def test_what_is_hidden_from_the_bot_is_out_of_its_sight():
    asking = a_member_asking(thread=PUBLIC_THREAD, invited=True, permissions=discord.Permissions(administrator=True))
    data = hidden(a_channel(60))
    asking.guild._add_channel(discord.TextChannel(state=asking.guild._state, guild=asking.guild, data=data))
    with pytest.raises(RefusalError, match="I can't read its channel"):
        await linked_message(asking, f"https://discord.com/channels/{GUILD}/60/{MESSAGE}")


async def test_a_private_thread_that_the_member_was_not_invited_to_stays_private():
    with pytest.raises(RefusalError, match="can't read that channel"):
        await linked_message(a_member_asking(thread=PRIVATE_THREAD, invited=False), link())


async def test_who_manages_threads_reads_private_ones_too():
    permissions = READS | discord.Permissions(manage_threads=True)
    interaction = a_member_asking(thread=PRIVATE_THREAD, invited=False, permissions=permissions)
    assert (await linked_message(interaction, link())).id == MESSAGE


@pytest.mark.parametrize("lacks", ["view_channel", "read_message_history"])
async def test_a_thread_is_as_closed_as_its_channel(lacks):
    permissions = discord.Permissions(READS.value)
    permissions.update(**{lacks: False})
    with pytest.raises(RefusalError, match="can't read that channel"):
        await linked_message(a_member_asking(thread=PUBLIC_THREAD, invited=True, permissions=permissions), link())


@pytest.mark.parametrize(
    "given",
    ["", "https://evil.example/channels/10/30/50", "https://discord.com/channels/10/30", "**x**", "x" * 6000],
)
async def test_what_is_no_message_link_is_refused_in_few_words(given):
    with pytest.raises(RefusalError, match="isn't a message link") as refused:
        await linked_message(a_member_asking(thread=PUBLIC_THREAD, invited=True), given)
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize("given", ["https://discord.com/channels/11/30/50", "https://discord.com/channels/@me/30/50"])
async def test_a_link_out_of_this_server_is_refused(given):
    with pytest.raises(RefusalError, match="in this server"):
        await linked_message(a_member_asking(thread=PUBLIC_THREAD, invited=True), given)
