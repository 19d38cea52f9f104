"""The bot starts, and stays, whatever Discord makes of its commands, its intents and its library."""

from __future__ import annotations

import pytest

import bot

KEPT_WAITING = "The commands are not registered: Discord didn't answer in time. Start the bot again later."


@pytest.fixture
async def quiet(world):
    """The world without its bot, which was never there; one command of an earlier version is registered."""
    await world.stop_bot()
    await world.post("/control/reset", {})
    await world.discord_setting(identify_interval=0)
    world.settings["DATABASE_URL"] = world.environment["DATABASE_URL"].replace("bot.db", "another.db")
    registered = world._discord.state.commands
    registered[""] = [one for one in registered[""] if one["name"] == "imagine"]
    return world


def registered(world, server: str = "") -> dict:
    """The commands of all, or of a server, by name."""
    return {one["name"]: one for one in world._discord.state.commands.get(server, [])}


async def overwrites(world) -> int:
    """How often commands were registered."""
    calls = await world.all_discord_calls()
    return sum(call["method"] == "PUT" and call["path"].endswith("/commands") for call in calls)


def lines(caplog, level: str) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelname == level]


# --- what the application can have ----------------------------------------------------------------------------------


async def test_an_entry_point_command_is_sent_back_as_it_was_and_who_launches_it_gets_an_answer_in_words(quiet, caplog):
    await quiet.discord_setting(activities=True)
    registered(quiet)["launch"].update(handler=1, name_localizations={"de": "starten"}, nsfw=True)
    before = dict(registered(quiet)["launch"])
    await quiet.start_bot()
    after = registered(quiet)["launch"]
    assert after | {"version": before["version"]} == before
    assert "edit" in registered(quiet)
    assert lines(caplog, "ERROR") == []
    answer = await (await quiet.ada.run("launch")).answer()
    assert answer.text == "I have no activity to launch. Use /imagine to make a picture."
    assert answer.ephemeral


async def test_only_what_the_application_can_have_is_registered_and_a_change_is_seen_at_the_next_start(quiet, caplog):
    await quiet.discord_setting(integration_types=[0])
    await quiet.start_bot()
    imagine = registered(quiet)["imagine"]
    assert (imagine["integration_types"], imagine["contexts"]) == ([0], [0, 1])
    [line] = [one for one in lines(caplog, "WARNING") if "Install" in one]
    assert line.startswith("User Install is switched off, so the commands work only in servers")
    await quiet.restart_bot()
    assert await overwrites(quiet) == 1
    await quiet.discord_setting(integration_types=[0, 1])
    await quiet.restart_bot()
    assert await overwrites(quiet) == 2
    imagine = registered(quiet)["imagine"]
    assert (imagine["integration_types"], imagine["contexts"]) == ([0, 1], [0, 1, 2])


async def test_an_application_for_members_alone_has_no_commands_for_admins(quiet):
    await quiet.discord_setting(integration_types=[1])
    await quiet.start_bot()
    assert registered(quiet).keys() >= {"imagine", "edit", "me"}
    assert not registered(quiet).keys() & {"settings", "quota-admin"}


async def test_a_change_of_the_application_is_seen_when_the_models_change_too(quiet, caplog):
    await quiet.start_bot()
    await quiet.discord_setting(integration_types=[0])
    await quiet.api_fault("error", status=404, code="model_not_found", message="no such model")
    await (await quiet.ada.imagine(prompt="a fox", model="doubao-seedream-4.0")).result(pictures=0)
    await quiet.discord_is_asked("PUT", 200, times=2)
    assert registered(quiet)["imagine"]["integration_types"] == [0]
    assert any("User Install is switched off" in line for line in lines(caplog, "WARNING"))


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (400, 30034, "200 commands a day"),
        (400, 50035, "Update the bot"),
        (403, 50001, "register commands"),
        (400, 50240, "Entry Point"),
    ],
)
async def test_a_bot_whose_commands_are_refused_serves_and_registers_them_at_its_next_start(
    quiet, caplog, status, code, words
):
    await quiet.discord_fault("/applications/*/commands", method="PUT", status=status, code=code)
    await quiet.start_bot()
    [line] = lines(caplog, "ERROR")
    assert line.startswith("The commands are not registered:")
    assert words in line
    assert registered(quiet).keys() == {"imagine"}
    await quiet.ada.imagine_to_end(prompt="a fox")
    assert await overwrites(quiet) == 1
    await quiet.restart_bot()
    assert registered(quiet).keys() >= {"imagine", "edit", "settings"}
    assert len(lines(caplog, "ERROR")) == 1


async def test_a_bot_that_is_kept_waiting_with_its_commands_serves_meanwhile(quiet, caplog, monkeypatch):
    monkeypatch.setattr("cogs.client.command_sync.PATIENCE_SECONDS", 0.3)
    await quiet.discord_fault("/applications/*/commands", method="PUT", status=429, code=30034, retry_after=3600)
    await quiet.start_bot()
    await quiet.ada.imagine_to_end(prompt="a fox")
    assert lines(caplog, "ERROR") == [KEPT_WAITING]


async def test_a_bot_that_is_kept_waiting_with_what_its_application_is_says_why(quiet, caplog, monkeypatch):
    monkeypatch.setattr("cogs.client.command_sync.PATIENCE_SECONDS", 0.0)
    await quiet.start_bot()
    await quiet.ada.imagine_to_end(prompt="a fox")
    assert lines(caplog, "ERROR") == [KEPT_WAITING]


async def test_an_operators_server_that_takes_no_commands_is_tried_again_at_the_next_start(quiet, caplog):
    quiet.settings["OPERATOR_SERVER"] = server = quiet._discord.state.world.guild("Studio").id
    await quiet.discord_fault("/applications/*/guilds/*/commands", method="PUT", status=403, code=50001)
    await quiet.start_bot()
    assert [line.split(":")[0] for line in lines(caplog, "ERROR")] == ["OPERATOR_SERVER"]
    await quiet.restart_bot()
    assert registered(quiet, server).keys() == {"operator"}
    assert registered(quiet, server)["operator"]["contexts"] is None


async def test_a_discord_that_refuses_the_bot_is_not_called_out_of_reach(quiet):
    await quiet.discord_fault("/users/@me", status=403, code=40333, message="Internal network error")
    with pytest.raises(bot.StartError, match=r"Discord refused to let the bot start: 403 .*40333"):
        await quiet.start_bot()


# --- the gateway ------------------------------------------------------------------------------------------------------


async def test_events_that_the_library_cannot_read_are_skipped(world, caplog):
    for _ in range(2):
        await world.gateway("event")
    await world.gateway("event", name="INTERACTION_CREATE", data={"type": 99})
    await world.ada.imagine_to_end(prompt="a fox")
    assert [line.split(", which")[0] for line in lines(caplog, "ERROR")] == [
        "skipped event MESSAGE_CREATE",
        "skipped event INTERACTION_CREATE",
    ]


async def test_a_bot_that_is_refused_the_intent_of_its_flag_goes_on_without_it(quiet, caplog):
    await quiet.discord_setting(message_content=True, message_content_refused=True, shards=2, max_concurrency=2)
    await quiet.start_bot(SHARD_COUNT="2")
    await quiet.shards_are_served([0, 2], [1, 2])
    await quiet.ada.imagine_to_end(prompt="a fox")
    [line] = [one for one in lines(caplog, "WARNING") if "Message Content" in one]
    assert line.startswith("Discord rejects the Message Content intent although the application has it")
