"""Places other than a text channel: voice, announcements, categories, groups; and channels that the bot can't view."""

from __future__ import annotations

import pytest

from tests.sandbox.discord_bot import COMMAND

EVERYWHERE = COMMAND | {"integration_types": [0, 1], "contexts": [0, 1, 2]}
IN_PRIVATE = 1 << 15 | 1 << 14 | 1 << 17


@pytest.mark.parametrize("kind", ["voice", "stage", "announcement"])
async def test_channels_of_these_types_have_a_chat(bot, kind):
    channel = await bot.made("channel", guild="Studio", name="there", type=kind)
    status, said = await bot.call("POST", f"/channels/{channel['id']}/messages", json={"content": "x"})
    assert status == 200
    seen = await bot.look("messages", user="ada", channel="there")
    assert [one["id"] for one in seen] == [said["id"]]
    told = (await bot.asked(channel="there")).data["channel"]
    assert (told["type"], "permission_overwrites" in told) == (channel["type"], False)


@pytest.mark.parametrize("kind", ["voice", "stage"])
async def test_a_voice_channels_chat_requires_permission_to_connect(bot, kind):
    channel = await bot.made("channel", guild="Studio", name="there", type=kind)
    await bot.control("permissions", channel="there", deny=["CONNECT"])
    assert (await bot.call("GET", f"/channels/{channel['id']}/messages"))[1]["code"] == 50001


@pytest.mark.parametrize("kind", ["category", "forum", "media"])
async def test_channels_of_these_types_take_no_messages(bot, kind):
    channel = await bot.made("channel", guild="Studio", name="there", type=kind)
    assert (await bot.call("POST", f"/channels/{channel['id']}/messages", json={"content": "x"}))[1]["code"] == 50008
    assert (await bot.call("GET", f"/channels/{channel['id']}"))[0] == 200


async def test_a_channel_is_in_its_category_and_the_bot_learns_of_both(bot):
    ear = await bot.hears()
    category = await bot.made("channel", guild="Studio", name="Art", type="category")
    channel = await bot.made("channel", guild="Studio", name="oils", category="Art", nsfw=True)
    told = [await ear.event("CHANNEL_CREATE") for _ in range(2)]
    assert [(one["id"], one["parent_id"]) for one in told] == [(category["id"], None), (channel["id"], category["id"])]
    assert channel["nsfw"] is True


@pytest.mark.parametrize(
    "body",
    [
        {"guild": "Nowhere", "name": "x"},
        {"guild": "Studio"},
        {"guild": "Studio", "name": "x", "type": "cellar"},
        {"guild": "Studio", "name": "x", "category": "general"},
    ],
)
async def test_an_invalid_channel_is_refused(bot, body):
    assert "error" in await bot.control("channel", **body)


async def test_a_group_can_be_reached_only_by_a_members_own_install(bot):
    await bot.call("PUT", f"/applications/{bot.id}/commands", json=[EVERYWHERE])
    group = await bot.made("group", name="us", users=["ada", "ben"])
    interaction = await bot.asked(channel="us")
    ada = bot.discord.state.world.user("ada")["id"]
    data = interaction.data
    assert (data["context"], data["authorizing_integration_owners"]) == (2, {"1": ada})
    assert (data["channel"]["type"], len(data["channel"]["recipients"])) == (3, 2)
    assert data["app_permissions"] == str(IN_PRIVATE)
    assert (await bot.call("GET", f"/channels/{group['id']}"))[1]["code"] == 50001
    assert (await bot.respond(interaction, {"type": 4, "data": {"content": "hello"}}))[0] == 200
    assert len(await bot.look("messages", user="ben", channel="us")) == 1
    assert "can't view" in (await bot.control("message", user="cleo", channel="us", content="x"))["error"]


async def test_a_direct_message_with_the_bot_has_the_documented_permissions(bot):
    interaction = await bot.asked(channel="dm")
    assert (interaction.data["context"], interaction.data["app_permissions"]) == (1, str(IN_PRIVATE | 1 << 18))


async def test_the_bots_permissions_come_from_roles_and_overwrites(bot):
    may = {}
    for name in ("general", "no-files"):
        may[name] = int((await bot.asked(channel=name)).data["app_permissions"])
    await bot.control("permissions", channel="gallery", deny=["VIEW_CHANNEL"])
    may["gallery"] = int((await bot.asked(channel="gallery")).data["app_permissions"])
    assert (may["general"] & ~may["no-files"], may["gallery"]) == (1 << 15, 0)


async def test_a_channel_option_has_the_bots_permissions(bot):
    option = {"type": 7, "name": "where", "description": "Where"}
    command = {"name": "go", "description": "Go", "options": [option]}
    await bot.call("PUT", f"/applications/{bot.id}/commands", json=[command])
    thread = await bot.made("thread", user="ada", channel="no-files", name="sketches")
    for named, overwritten in (("no-files", "no-files"), ("sketches", "no-files")):
        await bot.made("command", user="ada", channel="general", name="go", options={"where": named})
        (told,) = list(bot.discord.state.interactions.values())[-1].data["data"]["resolved"]["channels"].values()
        channel = bot.discord.state.world.channel(overwritten)
        assert told["app_permissions"] == str(bot.discord.state.world.permissions(bot.id, channel))
    assert (told["id"], told["thread_metadata"]) == (thread["id"], thread["thread_metadata"])


async def test_the_reported_limit_can_be_too_generous(bot):
    await bot.discord_setting(limit_factor=2.5)
    interaction = await bot.asked(channel="small-files")
    assert interaction.data["attachment_size_limit"] == 2_621_440
    body = {"type": 4, "data": {"content": "x"}}
    status, refused = await bot.respond(interaction, body, files=[("a.bin", bytes(2_000_000))])
    assert (status, refused["code"]) == (413, 40005)


async def test_a_resolved_channel_has_the_bots_permissions_only_where_the_bot_is(bot):
    option = {"type": 7, "name": "where", "description": "A channel"}
    command = {"name": "look", "description": "Look", "options": [option], "integration_types": [0, 1]}
    await bot.call("POST", f"/applications/{bot.id}/commands", json=command | {"contexts": [0, 1, 2]})
    for channel, told in (("general", True), ("lobby", False)):
        await bot.made("command", user="ada", channel=channel, name="look", options={"where": channel})
        data = list(bot.discord.state.interactions.values())[-1].data["data"]
        (resolved,) = data["resolved"]["channels"].values()
        assert ("app_permissions" in resolved, "permissions" in resolved) == (told, True)


async def test_channels_that_the_bot_cannot_view_can_be_obfuscated(bot):
    await bot.discord_setting(obfuscate_channels=True)
    guild, ear = bot.discord.state.world.guild("Studio"), await bot.hears()
    hidden = next(one for one in (await ear.event("GUILD_CREATE"))["channels"] if one["flags"] & 1 << 17)
    overwrite = {"id": guild.id, "type": 0, "allow": "0", "deny": str(1 << 10)}
    assert (hidden["id"], hidden["name"]) == (bot.channel("backroom"), "___hidden___")
    assert (hidden["permission_overwrites"], hidden["topic"]) == ([overwrite], None)
    names = {one["name"] for one in (await bot.call("GET", f"/guilds/{guild.id}/channels"))[1]}
    assert names == {"general", "gallery", "after-dark", "no-files"}
    assert (await bot.call("GET", f"/channels/{hidden['id']}"))[1]["code"] == 50001
    told = (await bot.asked(channel="backroom")).data
    assert (told["channel"]["name"], told["app_permissions"]) == ("backroom", "0")
    await bot.control("permissions", channel="backroom", deny=[])
    assert (await ear.event("CHANNEL_UPDATE"))["name"] == "backroom"


async def test_a_webhook_can_send_a_message(bot):
    ear = await bot.hears()
    await bot.made("webhook-message", channel="general", name="News", content="hello")
    told = await ear.event("MESSAGE_CREATE")
    assert (told["author"]["username"], told["author"]["bot"]) == ("News", True)
    assert told["webhook_id"] == told["author"]["id"]
    assert "member" not in told
