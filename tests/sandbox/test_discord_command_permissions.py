"""Who may use a command: by its default, and by what a server's admins choose under Server Settings > Integrations."""

from __future__ import annotations

import pytest

from tests.sandbox.discord_bot import COMMAND

MANAGE_GUILD = "32"


@pytest.fixture
async def admins(bot):
    """A bot with a command for admins; its id."""
    commands = [COMMAND | {"default_member_permissions": MANAGE_GUILD}]
    status, registered = await bot.call("PUT", f"/applications/{bot.id}/commands", json=commands)
    assert status == 200
    return registered[0]["id"]


async def is_offered(bot, user, channel="general"):
    return [one["name"] for one in await bot.look("commands", user=user, channel=channel)] == [COMMAND["name"]]


async def choose(bot, *entries, command=COMMAND["name"]):
    return await bot.made("command-permissions", guild="Studio", command=command, permissions=entries)


async def test_by_default_a_command_is_for_those_with_its_permission(bot, admins):
    assert not await is_offered(bot, "ben")
    await bot.made("role", guild="Studio", name="Curator", permissions=["MANAGE_GUILD"])
    await bot.made("member-roles", guild="Studio", user="ben", roles=["Curator"])
    assert await is_offered(bot, "ben")
    await choose(bot, {"role": "@everyone", "permission": False})
    assert not await is_offered(bot, "ben")
    assert await is_offered(bot, "dan")  # an Administrator


@pytest.mark.parametrize("command", [COMMAND["name"], None])
async def test_members_and_roles_are_given_a_command_in_the_channels_where_it_is(bot, admins, command):
    await choose(bot, {"role": "Patron", "permission": True}, {"user": "ben", "permission": True}, command=command)
    assert await is_offered(bot, "ben")
    assert await is_offered(bot, "cleo")
    entries = [{"user": "ben", "permission": True}, {"channel": "all", "permission": False}]
    await choose(bot, *entries, {"channel": "gallery", "permission": True}, command=command)
    assert not await is_offered(bot, "ben")
    assert await is_offered(bot, "ben", "gallery")
    assert not await is_offered(bot, "cleo", "gallery")


async def test_the_bot_reads_what_was_chosen_and_is_told_of_changes(bot, admins):
    studio = bot.discord.state.world.guild("Studio").id
    path = f"/applications/{bot.id}/guilds/{studio}/commands"
    assert await bot.call("GET", f"{path}/permissions") == (200, [])
    assert (await bot.call("GET", f"{path}/{admins}/permissions"))[1]["code"] == 10066
    ear = await bot.hears()
    chosen = await choose(bot, {"user": "ben", "permission": True})
    assert chosen["permissions"] == [{"id": bot.discord.state.world.user("ben")["id"], "type": 2, "permission": True}]
    assert await bot.call("GET", f"{path}/permissions") == (200, [chosen])
    assert await bot.call("GET", f"{path}/{admins}/permissions") == (200, chosen)
    assert await ear.event("APPLICATION_COMMAND_PERMISSIONS_UPDATE") == chosen
    await choose(bot)
    assert await bot.call("GET", f"{path}/permissions") == (200, [])


async def test_what_does_not_exist_is_refused(bot, admins):
    for path, body in (
        ("role", {"guild": "Studio", "name": "x", "permissions": ["FLY"]}),
        ("member-roles", {"guild": "Studio", "user": "ben", "roles": ["nobody"]}),
        ("member-roles", {"guild": "Elsewhere", "user": "ben", "roles": []}),
        ("command-permissions", {"guild": "Studio", "command": "nothing"}),
        ("age-restriction", {"channel": "nowhere", "nsfw": True}),
    ):
        assert "error" in await bot.control(path, **body)
