"""What the application is set up for: where it can be installed, its Entry Point, and members' own installs."""

from __future__ import annotations

import pytest

from tests.sandbox.discord_bot import COMMAND

LAUNCH = {"name": "launch", "type": 4, "handler": 1, "integration_types": [0, 1], "contexts": [0, 1, 2]}


@pytest.fixture
def path(bot):
    return f"/applications/{bot.id}/commands"


@pytest.fixture
async def activities(bot):
    await bot.discord_setting(activities=True)


async def test_a_command_cannot_have_an_integration_type_that_the_application_lacks(bot, path):
    await bot.discord_setting(integration_types=[0])
    assert (await bot.call("GET", "/applications/@me"))[1]["integration_types_config"] == {"0": {}}
    status, refused = await bot.call("PUT", path, json=[COMMAND | {"integration_types": [1]}])
    (problem,) = refused["errors"]["0"]["integration_types"]["0"]["_errors"]
    assert (status, problem["code"]) == (400, "BASE_TYPE_CHOICES")
    _, (made,) = await bot.call("PUT", path, json=[COMMAND])
    assert made["integration_types"] == [0]


async def test_a_servers_command_is_not_for_direct_messages(bot):
    guild = bot.discord.state.world.guild("Studio").id
    path = f"/applications/{bot.id}/guilds/{guild}/commands"
    status, refused = await bot.call("PUT", path, json=[COMMAND | {"contexts": [0, 1]}])
    assert (status, list(refused["errors"]["0"]["contexts"])) == (400, ["1"])
    assert (await bot.call("PUT", path, json=[COMMAND | {"contexts": [0]}]))[0] == 200


async def test_an_application_with_activities_has_an_entry_point(bot, path, activities):
    flags = (await bot.call("GET", "/applications/@me"))[1]["flags"]
    _, commands = await bot.call("GET", path)
    assert (flags & 1 << 17, [one["type"] for one in commands]) == (1 << 17, [1, 4])


async def test_a_bulk_overwrite_must_include_the_entry_point(bot, path, activities):
    status, refused = await bot.call("PUT", path, json=[COMMAND])
    assert (status, refused["code"]) == (400, 50240)
    _, known = await bot.call("GET", path)
    entry = next(one for one in known if one["type"] == 4)
    status, kept = await bot.call("PUT", path, json=[COMMAND, {key: entry[key] for key in ("name", "type", "handler")}])
    assert (status, [one["id"] for one in kept if one["type"] == 4]) == (200, [entry["id"]])


async def test_the_entry_point_can_be_deleted_by_itself(bot, path, activities):
    _, known = await bot.call("GET", path)
    entry = next(one for one in known if one["type"] == 4)
    assert await bot.call("DELETE", f"{path}/{entry['id']}") == (204, None)
    assert (await bot.call("PUT", path, json=[COMMAND]))[0] == 200


async def test_the_application_can_launch_its_activity_itself(bot, path, activities):
    refused = await bot.control("command", user="ada", channel="general", name="launch")
    assert "without an interaction" in refused["error"]
    await bot.call("PUT", path, json=[COMMAND, LAUNCH])
    await bot.made("command", user="ada", channel="general", name="launch")
    interaction = list(bot.discord.state.interactions.values())[-1]
    assert interaction.data["data"]["type"] == 4
    status, found = await bot.respond(interaction, {"type": 12})
    assert (status, found["resource"]["type"]) == (200, 12)
    assert found["resource"]["activity_instance"]["id"] == found["interaction"]["activity_instance_id"]


async def test_an_entry_point_can_be_answered_with_a_message(bot, path, activities):
    await bot.call("PUT", path, json=[COMMAND, LAUNCH])
    await bot.made("command", user="ada", channel="dm", name="launch")
    interaction = list(bot.discord.state.interactions.values())[-1]
    status, found = await bot.respond(interaction, {"type": 4, "data": {"content": "hello"}})
    assert (status, found["resource"]["message"]["content"]) == (200, "hello")


# --- members' own installs ------------------------------------------------------------------------------------------


async def test_without_external_apps_every_response_becomes_ephemeral_without_an_error(bot):
    await bot.control("permissions", channel="lobby", user="ada", deny=["USE_EXTERNAL_APPS"])
    interaction = await bot.asked(user="cleo", channel="lobby")  # who owns the server may do everything
    _, found = await bot.respond(interaction, {"type": 5})
    assert found["interaction"]["response_message_ephemeral"] is False
    interaction = await bot.asked(channel="lobby")
    _, found = await bot.respond(interaction, {"type": 4, "data": {"content": "x"}})
    assert found["interaction"]["response_message_ephemeral"] is True
    assert found["resource"]["message"]["flags"] & 64
    _, further = await bot.call("POST", f"/webhooks/{bot.id}/{interaction.token}", json={"content": "y"})
    assert further["flags"] & 64
    seen = [len(await bot.look("messages", user=user, channel="lobby")) for user in ("ada", "cleo")]
    assert seen == [3, 1]


async def test_a_bot_of_the_server_is_not_restricted(bot):
    await bot.control("permissions", channel="general", user="ben", deny=["USE_EXTERNAL_APPS"])
    interaction = await bot.asked(user="ben")
    _, found = await bot.respond(interaction, {"type": 4, "data": {"content": "x"}})
    assert found["interaction"]["response_message_ephemeral"] is False


async def test_an_app_that_only_a_member_has_installed_follows_up_five_times(bot):
    await bot.discord_setting(rate_limits=False)
    codes = {}
    for channel in ("lobby", "general"):
        interaction = await bot.asked(channel=channel)
        await bot.respond(interaction, {"type": 4, "data": {"content": "x"}})
        path = f"/webhooks/{bot.id}/{interaction.token}"
        codes[channel] = [(await bot.call("POST", path, json={"content": "y"}))[1].get("code") for _ in range(6)]
    assert codes == {"lobby": [None] * 5 + [40094], "general": [None] * 6}


async def test_an_app_without_its_bot_cannot_answer_in_a_locked_thread(bot):
    thread = await bot.made("thread", user="ada", channel="lobby", name="sketches")
    interaction = await bot.asked(channel=thread["id"])
    await bot.made("thread-state", thread=thread["id"], locked=True)
    status, refused = await bot.respond(interaction, {"type": 5})
    assert (status, refused["code"]) == (403, 50001)
