"""The bot joins servers and is removed from them while it is connected; other bots are there, too."""

from __future__ import annotations

import pytest

GUILDS, MEMBERS = 1, 1 << 1


@pytest.fixture
async def ear(bot):
    """A session that has all its servers."""
    ear = await bot.hears(intents=GUILDS | MEMBERS | 1 << 9)
    for _ in range(2):
        assert (await ear.event("GUILD_CREATE"))["unavailable"] is False
    return ear


async def test_joining_a_server_is_not_reported_as_its_return_from_an_outage(bot, ear):
    made = await bot.made("join", guild="Elsewhere")
    joined = await ear.event("GUILD_CREATE")
    assert (joined["id"], joined["name"], "unavailable" in joined) == (made["id"], "Elsewhere", False)
    assert [one["name"] for one in joined["channels"]] == ["lobby"]
    assert [one["user"]["id"] for one in joined["members"]] == [bot.id]
    assert joined["joined_at"] == joined["members"][0]["joined_at"]
    assert [one for one in joined["roles"] if one.get("tags") == {"bot_id": bot.id}]
    assert made["id"] in {one["id"] for one in (await bot.call("GET", "/users/@me/guilds"))[1]}
    assert (await bot.call("POST", f"/channels/{bot.channel('lobby')}/messages", json={"content": "hello"}))[0] == 200
    assert "error" in await bot.control("join", guild="Elsewhere")


async def test_discord_greets_a_new_member_in_the_system_channel(bot, ear):
    await bot.made("join", guild="Elsewhere")
    greeting = await ear.event("MESSAGE_CREATE")
    assert (greeting["type"], greeting["content"], greeting["author"]["id"]) == (7, "", bot.id)
    assert greeting["channel_id"] == bot.channel("lobby")


@pytest.mark.parametrize("channel", [{"channel": None}, {"channel": "lobby", "flags": 1}])
async def test_a_server_may_have_no_greeting(bot, ear, channel):
    await bot.made("system-channel", guild="Elsewhere", **channel)
    await bot.made("join", guild="Elsewhere")
    assert (await ear.event("GUILD_CREATE"))["system_channel_flags"] == channel.get("flags", 0)
    assert await bot.look("messages", user="ada", channel="lobby") == []


async def test_an_unknown_server_is_created(bot, ear):
    made = await bot.made("join", guild="Brand new", owner="ben")
    joined = await ear.event("GUILD_CREATE")
    assert (joined["name"], joined["owner_id"]) == ("Brand new", bot.discord.state.world.user("ben")["id"])
    assert joined["system_channel_id"] == joined["channels"][0]["id"]
    assert made["id"] == joined["id"]


async def test_every_session_of_the_servers_shard_is_informed(bot, ear):
    await bot.discord_setting(identify_interval=0)
    others = [await bot.hears(shard=[number, 2]) for number in range(2)]
    made = await bot.made("join", guild="Elsewhere")
    shard = (int(made["id"]) >> 22) % 2
    while (await others[shard].event("GUILD_CREATE"))["id"] != made["id"]:
        pass
    assert (await ear.event("GUILD_CREATE"))["id"] == made["id"]


async def test_the_bot_is_removed_from_a_server_and_joins_again(bot, ear):
    guild = bot.discord.state.world.guild("Workshop").id
    await bot.made("remove-bot", guild="Workshop")
    assert await ear.event("GUILD_DELETE") == {"id": guild}
    assert (await bot.call("GET", f"/guilds/{guild}"))[0] in {403, 404}
    assert (await bot.call("GET", f"/channels/{bot.channel('small-files')}"))[1]["code"] == 50001
    assert "error" in await bot.control("remove-bot", guild="Workshop")
    await bot.made("join", guild="Workshop")
    assert "unavailable" not in await ear.event("GUILD_CREATE")


async def test_a_server_reports_its_system_channel(bot, ear):
    guild = bot.discord.state.world.guild("Studio")
    assert (await bot.call("GET", f"/guilds/{guild.id}"))[1]["system_channel_id"] == bot.channel("general")
    await bot.made("system-channel", guild="Studio", channel="gallery", flags=4)
    told = await ear.event("GUILD_UPDATE")
    assert (told["system_channel_id"], told["system_channel_flags"]) == (bot.channel("gallery"), 4)
    for wrong in ({"channel": "small-files"}, {"channel": None, "flags": "many"}):
        assert "error" in await bot.control("system-channel", guild="Studio", **wrong)


async def test_another_bot_joins_and_speaks(bot, ear):
    await bot.made("user", name="Helper", guild="Studio", bot=True)
    assert (await ear.event("GUILD_MEMBER_ADD"))["user"]["username"] == "Helper"
    await bot.made("message", user="Helper", channel="general", content=f"<@{bot.id}> make it night")
    said = await ear.event("MESSAGE_CREATE")
    assert (said["author"]["username"], said["author"]["bot"], "webhook_id" in said) == ("Helper", True, False)
    assert "error" in await bot.control("user", name="Helper", guild="Studio")


async def test_a_reset_removes_the_bot_from_servers_that_it_joined(bot, ear):
    await bot.made("join", guild="Elsewhere")
    await bot.made("system-channel", guild="Studio", channel=None)
    await bot.made("reset")
    assert (await ear.event("GUILD_DELETE"))["id"] == bot.discord.state.world.guild("Elsewhere").id
    assert bot.discord.state.world.guild("Studio").data["system_channel_id"] == bot.channel("general")
