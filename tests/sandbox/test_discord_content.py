"""What a bot may read of messages without the intent for their content: through the gateway and by REST alike."""

from __future__ import annotations

import base64
import json
import re

import pytest

from tests.support.pictures import png

INTENTS = 1 | 1 << 9 | 1 << 12
PHOTO = {"name": "fox.png", "data": base64.b64encode(png(8, 8)).decode()}
HIDDEN = {"content": "", "embeds": [], "attachments": [], "components": []}


@pytest.fixture
async def seen(bot):
    """Says something as ada in #general; what the bot has of it through the gateway, which REST tells it too."""
    await bot.discord_setting(identify_interval=0)
    ear = await bot.hears(intents=INTENTS)

    async def sent(path="message", **body):
        await bot.made(path, **{"user": "ada", "channel": "general"} | body)
        event = await ear.event("MESSAGE_CREATE")
        _, read = await bot.call("GET", f"/channels/{event['channel_id']}/messages/{event['id']}")
        _, listed = await bot.call("GET", f"/channels/{event['channel_id']}/messages")
        assert unsigned(event).items() >= unsigned(read).items()
        assert unsigned(listed[0]) == unsigned(read)
        return event

    return sent


def unsigned(message):
    """Returns a message without what is signed anew in its links each second."""
    return json.loads(re.sub(r"\?ex=[^\"]*", "", json.dumps(message)))


@pytest.fixture
async def own(bot):
    """A message of the bot's own: no answer to a command."""
    _, posted = await bot.call("POST", f"/channels/{bot.channel('general')}/messages", json={"content": "mine"})
    return posted["id"]


def role_of(bot, guild="Studio"):
    return bot.discord.state.world.bot_role(bot.discord.state.world.guild(guild).id)


async def test_text_files_and_links_are_hidden_but_stickers_are_not(seen):
    event = await seen(content="https://tenor.com/view/fox-1", attachments=[PHOTO], stickers=["fox-png"])
    assert {key: event[key] for key in HIDDEN} == HIDDEN
    assert event["sticker_items"][0]["name"] == "fox-png"


async def test_a_poll_is_left_out_and_a_voice_message_has_only_its_flag(seen):
    assert "poll" not in await seen(poll={"question": "Which?", "answers": ["a fox"]})
    event = await seen(voice=True)
    assert (event["attachments"], event["flags"]) == ([], 1 << 13)


async def test_a_forwards_snapshot_is_hidden_too(seen):
    original = await seen(content="look", attachments=[PHOTO], stickers=["fox-png"])
    event = await seen(forward=original["id"])
    (snapshot,) = event["message_snapshots"]
    assert {key: snapshot["message"][key] for key in HIDDEN} == HIDDEN
    assert snapshot["message"]["sticker_items"][0]["name"] == "fox-png"
    assert event["message_reference"]["message_id"] == original["id"]


@pytest.mark.parametrize("mention", ["<@{}>", "<@!{}>"])
async def test_a_mention_of_the_bot_shows_everything(bot, seen, mention):
    written = mention.format(bot.id)
    event = await seen(content=f"{written} https://tenor.com/view/fox-1", attachments=[PHOTO])
    assert [user["id"] for user in event["mentions"]] == [bot.id]
    assert (event["content"].startswith(written), len(event["embeds"]), len(event["attachments"])) == (True, 1, 1)


async def test_direct_messages_are_read(seen):
    event = await seen(channel="dm", content="look", attachments=[PHOTO])
    assert (event["content"], len(event["attachments"])) == ("look", 1)
    assert (await seen(channel="dm", poll={"question": "Which?", "answers": ["a fox"]}))["poll"]


async def test_mentions_of_everyone_or_others_reveal_nothing(bot, seen):
    event = await seen(content="@everyone look")
    assert (event["content"], event["mention_everyone"], event["mentions"]) == ("", True, [])
    ben = bot.discord.state.world.user("ben")["id"]
    event = await seen(content=f"<@{ben}> look")
    assert (event["content"], [user["id"] for user in event["mentions"]]) == ("", [ben])


async def test_a_mention_of_the_bots_managed_role_counts_as_one_of_the_bot_only_if_set(bot, seen):
    role = role_of(bot)
    event = await seen(content=f"<@&{role}> look")
    assert (event["content"], event["mentions"], event["mention_roles"]) == ("", [], [role])
    await bot.discord_setting(role_mentions_read=True)
    assert (await seen(content=f"<@&{role}> look"))["content"] == f"<@&{role}> look"


async def test_only_roles_of_the_server_are_mentioned_once_each(bot, seen):
    role, elsewhere = role_of(bot), role_of(bot, "Workshop")
    event = await seen(content=f"<@&{role}> <@&{role}> <@&{elsewhere}> <@&1>")
    assert event["mention_roles"] == [role]


async def test_every_server_of_the_bot_has_its_managed_role(bot):
    ear = await bot.hears()
    for _ in range(2):
        guild = await ear.event("GUILD_CREATE")
        (role,) = [one for one in guild["roles"] if one.get("tags") == {"bot_id": bot.id}]
        assert (role["name"], role["managed"]) == ("SeeDream", True)
        assert guild["members"][0]["roles"] == [role["id"]]


@pytest.mark.parametrize(("ping", "content"), [(True, "make it night"), (False, "")])
async def test_a_reply_to_the_bots_own_message_is_readable_if_it_pings(bot, own, seen, ping, content):
    event = await seen(content="make it night", reply_to=own, ping=ping)
    assert (event["content"], [user["id"] for user in event["mentions"]]) == (content, [bot.id] if ping else [])
    assert (event["referenced_message"]["author"]["id"], event["referenced_message"]["content"]) == (bot.id, "mine")


async def test_the_original_of_a_reply_is_hidden_by_its_own_rules(bot, seen):
    photo = await seen(content="look", attachments=[PHOTO])
    event = await seen(content=f"<@{bot.id}> make it night", reply_to=photo["id"])
    assert event["content"] != ""
    assert {key: event["referenced_message"][key] for key in HIDDEN} == HIDDEN


async def test_the_original_of_a_bots_reply_is_also_hidden_in_the_response(bot, seen):
    photo = await seen(content="look", attachments=[PHOTO])
    body = {"content": "mine", "message_reference": {"message_id": photo["id"]}, "nonce": "n", "enforce_nonce": True}
    path = f"/channels/{bot.channel('general')}/messages"
    for method, where in (("POST", path), ("POST", path)):
        _, answered = await bot.call(method, where, json=body)
        assert answered["content"] == "mine"
        assert {key: answered["referenced_message"][key] for key in HIDDEN} == HIDDEN
    _, edited = await bot.call("PATCH", f"{path}/{answered['id']}", json={"content": "new"})
    assert (edited["content"], edited["referenced_message"]["content"]) == ("new", "")


async def test_a_threads_starter_message_hides_the_original(seen):
    original = await seen(content="look", attachments=[PHOTO])
    started = await seen("thread", name="about it", message=original["id"])
    assert {key: started["referenced_message"][key] for key in HIDDEN} == HIDDEN


async def test_a_message_command_receives_the_whole_message(bot, seen):
    await bot.call("POST", f"/applications/{bot.id}/commands", json={"name": "Edit image", "type": 3})
    photo = await seen(content="look", attachments=[PHOTO])
    await bot.made("command", user="ada", channel="general", name="Edit image", target=photo["id"])
    data = list(bot.discord.state.interactions.values())[-1].data["data"]
    resolved = data["resolved"]["messages"][photo["id"]]
    assert (resolved["content"], len(resolved["attachments"])) == ("look", 1)


async def test_a_bot_does_not_forward_what_it_cannot_read(bot, seen):
    photo = await seen(content="look", attachments=[PHOTO])
    reference = {"type": 1, "channel_id": photo["channel_id"], "message_id": photo["id"]}
    path = f"/channels/{bot.channel('gallery')}/messages"
    status, refused = await bot.call("POST", path, json={"message_reference": reference})
    assert (status, refused["code"]) == (400, 160014)
    await bot.discord_setting(message_content=True)
    _, forwarded = await bot.call("POST", path, json={"message_reference": reference})
    assert forwarded["message_snapshots"][0]["message"]["content"] == "look"


async def test_messages_of_webhooks_are_hidden_like_those_of_members(seen):
    assert (await seen("webhook-message", content="look"))["content"] == ""
