"""What the bot needs where it is asked: refused before anything is spent, and only where it is really missing."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import discord
import pytest

from cogs.errors import RefusalError
from cogs.places import check_place
from tests.cogs.test_message_links import PUBLIC, THREAD, a_member_asking

USUAL = {"view_channel", "send_messages", "attach_files"}
IN_THREAD = {"view_channel", "send_messages_in_threads", "attach_files"}


def asked(permissions: set[str], *, thread: bool = False, member: bool = True, guild: int | None = 1) -> Any:
    channel = a_member_asking(thread=PUBLIC, invited=True).guild.get_thread(THREAD) if thread else object()
    may = discord.Permissions(**dict.fromkeys(permissions, True))
    return SimpleNamespace(guild_id=guild, channel=channel, app_permissions=may, is_guild_integration=lambda: member)


@pytest.mark.parametrize(
    ("place", "private"),
    [
        (asked(USUAL), False),
        (asked({"attach_files"}), True),
        (asked({"attach_files"}, member=False), False),
        (asked(set(), guild=None), False),
    ],
    ids=["a channel", "for one alone", "a member's own install", "direct messages"],
)
async def test_where_a_picture_can_be_posted_it_is(place, private):
    check_place(place, private=private)


async def test_a_thread_asks_for_its_own_permission_and_not_for_the_channels():
    check_place(asked(IN_THREAD, thread=True), private=False)
    with pytest.raises(RefusalError, match="lack here: Send Messages in Threads"):
        check_place(asked(USUAL, thread=True), private=False)


@pytest.mark.parametrize("lacks", sorted(USUAL))
async def test_what_is_missing_is_named(lacks):
    with pytest.raises(RefusalError, match=lacks.replace("_", " ").title()):
        check_place(asked(USUAL - {lacks}), private=False)
