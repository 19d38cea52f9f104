"""The bot starts, and stays, whatever Discord makes of its commands, its intents and its library."""

from __future__ import annotations

from dataclasses import replace

import pytest

import bot
from sandbox.discord import interactions

ENTRY_POINT = {
    "name": "launch", "type": 4, "handler": 1, "description": "Launch it", "name_localizations": {"de": "starten"},
    "integration_types": [0, 1], "contexts": [0, 1, 2], "default_member_permissions": None,
}  # fmt: skip


@pytest.fixture
async def quiet(world):
    """The world without its bot, with a command of an earlier version registered."""
    await world.stop_bot()
    await world.post("/control/reset", {})
    await world.discord_setting(identify_interval=0)
    world.settings["DATABASE_URL"] = world.environment["DATABASE_URL"].replace("bot.db", "another.db")
    world._discord.state.commands[""] = [one for one in world._discord.state.commands[""] if one["name"] == "imagine"]
    return world


def registered(world):
    """The names of the commands of all."""
    return {one["name"] for one in world._discord.state.commands.get("", [])}


def errors(caplog):
    return [one.getMessage() for one in caplog.records if one.levelname == "ERROR"]


async def test_an_entry_point_command_is_left_as_it_is_and_an_answer_in_words_is_given_to_who_launches_it(quiet):
    state = quiet._discord.state
    launch = ENTRY_POINT | {"id": "77", "application_id": state.world.application_id, "version": "1", "nsfw": False}
    state.commands[""].append(launch)
    await quiet.start_bot()
    [kept] = [one for one in state.commands[""] if one["type"] == 4]
    assert {key: kept[key] for key in ("id", *ENTRY_POINT)} == {key: launch[key] for key in ("id", *ENTRY_POINT)}
    assert {"launch", "imagine", "edit"} <= registered(quiet)
    data = {"id": "77", "name": "launch", "type": 4}
    ada, channel = state.world.user("ada"), state.world.channel("general")
    begun = interactions.begin(state, interactions.COMMAND, ada, channel, data)
    answer = await state.until(lambda: begun.answer, 10)
    message = state.world.find_message(answer["message_id"])
    assert message.data["content"] == "I have no activity to launch. Use /imagine to make a picture."
    assert message.seen_by == ada["id"]


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [(400, 30034, "200 commands a day"), (403, 50001, "register commands"), (400, 50240, "Entry Point")],
)
async def test_a_bot_whose_commands_are_refused_serves_and_registers_them_at_its_next_start(
    quiet, caplog, status, code, words
):
    await quiet.discord_fault("/applications/*/commands", method="PUT", status=status, code=code)
    await quiet.start_bot()
    [line] = errors(caplog)
    assert line.startswith("The commands are not registered:")
    assert words in line
    assert registered(quiet) == {"imagine"}
    await quiet.ada.imagine_to_end(prompt="a fox")
    await quiet.restart_bot()
    assert {"imagine", "edit", "settings"} <= registered(quiet)
    assert len(errors(caplog)) == 1


async def test_an_operators_server_that_takes_no_commands_is_tried_again_at_the_next_start(quiet, caplog):
    state = quiet._discord.state
    quiet.settings["OPERATOR_SERVER"] = server = state.world.guild("Studio").id
    await quiet.discord_fault("/applications/*/guilds/*/commands", method="PUT", status=403, code=50001)
    await quiet.start_bot()
    assert [line.split(":")[0] for line in errors(caplog)] == ["OPERATOR_SERVER"]
    await quiet.restart_bot()
    [operator] = state.commands[server]
    assert operator["name"] == "operator"
    assert not operator.get("contexts")


async def test_an_event_that_the_library_cannot_read_is_skipped(world, caplog):
    state = world._discord.state
    guild = state.world.guild("Studio").id
    for _ in range(2):
        state.dispatch("GUILD_ROLE_UPDATE", {"guild_id": guild, "role": {}}, guild_id=guild)
    await world.ada.imagine_to_end(prompt="a fox")
    [line] = errors(caplog)
    assert line.startswith("skipped an event GUILD_ROLE_UPDATE, which discord.py can't read: KeyError: 'id' (")


async def test_a_bot_that_is_refused_the_intent_of_its_flag_goes_on_without_it(quiet, caplog):
    state = quiet._discord.state
    await quiet.discord_setting(message_content=True)
    seen = state.on_exchange

    def take_away(exchange):
        """What the flag promised is not so when the bot identifies."""
        if exchange.path == "/gateway/bot":
            state.settings = replace(state.settings, message_content=False)
        seen(exchange)

    state.on_exchange = take_away
    await quiet.start_bot()
    await quiet.ada.imagine_to_end(prompt="a fox")
    [line] = [one.getMessage() for one in caplog.records if "Message Content" in one.getMessage()]
    assert line.startswith("Discord refuses the intent Message Content, though the application has it")


async def test_a_discord_that_refuses_the_bot_is_not_called_out_of_reach(quiet):
    await quiet.discord_fault("/users/@me", status=403, code=40333, message="Internal network error")
    with pytest.raises(bot.StartError, match=r"Discord refuses to let the bot start: 403 .*40333"):
        await quiet.start_bot()
