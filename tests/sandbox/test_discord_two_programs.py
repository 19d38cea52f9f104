"""Two programs with one token: each hears everything, and what both do is done once."""

from __future__ import annotations

import asyncio

import pytest

ONCE = {"content": "once", "nonce": "of-the-asking-message", "enforce_nonce": True}


@pytest.fixture
async def both(bot):
    """Two sessions without shards."""
    await bot.discord_setting(identify_interval=0)
    ears = [await bot.hears() for _ in range(2)]
    for ear in ears:
        for _ in range(2):
            await ear.event("GUILD_CREATE")
    return ears


async def test_both_programs_receive_every_message_of_servers_and_direct_messages(bot, both):
    for channel in ("general", "small-files", "dm"):
        said = await bot.made("message", user="ada", channel=channel, content="hello")
        assert [(await ear.event("MESSAGE_CREATE"))["id"] for ear in both] == [said["id"]] * 2


async def test_both_programs_receive_every_interaction_and_one_can_answer_it(bot, both):
    interaction = await bot.asked()
    assert [(await ear.event("INTERACTION_CREATE"))["id"] for ear in both] == [interaction.id] * 2
    body = {"type": 4, "data": {"content": "mine"}}
    answers = await asyncio.gather(*(bot.respond(interaction, body) for _ in both))
    assert sorted(status for status, _ in answers) == [200, 400]
    assert next(found for status, found in answers if status == 400)["code"] == 40060
    created = [await ear.event("MESSAGE_CREATE") for ear in both]
    assert created[0] == created[1]


async def test_a_message_sent_by_both_with_the_same_nonce_is_posted_once(bot, both):
    path = f"/channels/{bot.channel('general')}/messages"
    posts = await asyncio.gather(*(bot.call("POST", path, json=ONCE | {"content": content}) for content in "ab"))
    assert [status for status, _ in posts] == [200, 200]
    first, second = (message for _, message in posts)
    assert (first["id"], first["content"]) == (second["id"], second["content"])
    seen = await bot.look("messages", user="ada", channel="general")
    assert [one["id"] for one in seen] == [first["id"]]
    assert [(await ear.event("MESSAGE_CREATE"))["id"] for ear in both] == [first["id"]] * 2
    assert [one["nonce"] for one in seen] == [ONCE["nonce"]]
