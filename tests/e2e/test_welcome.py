"""A server adds the bot: its admins are welcomed once, where the bot may write, and nobody else ever is."""

from __future__ import annotations

import pytest

from cogs.i18n.translate import _ as message_in
from cogs.i18n.translate import using_locale
from sandbox.discord.gateway_events import guild_create

TITLE = "Thanks for adding me"


async def welcomes(member):
    """How often the channel was welcomed, once the bot has done all that came before."""
    await member.imagine_to_end(prompt="a fox")
    return sum(TITLE in one.text for one in await member.messages())


def lines(caplog):
    return [one.getMessage() for one in caplog.records if "welcome" in one.getMessage()]


@pytest.fixture(autouse=True)
def told(caplog):
    caplog.set_level("INFO", logger="cogs.help")


async def test_a_server_that_adds_the_bot_is_welcomed_once_also_after_a_restart(world):
    await world.bot_joins("Elsewhere")
    welcome = await world.ada_elsewhere.wait_for_message(text=TITLE)
    assert not welcome.ephemeral
    for command in ("/settings", "/quota-admin", "/help", "/imagine"):
        assert f"`{command}`" in welcome.text
    await world.restart_bot()
    assert await welcomes(world.ada_elsewhere) == 1
    assert await world.pings() == []


async def test_servers_that_have_the_bot_already_are_not_welcomed_at_a_start(world):
    await world.restart_bot()
    assert await welcomes(world.ada) == 0


async def test_a_server_that_is_back_after_an_outage_is_not_welcomed_however_discord_tells_of_it(world):
    state = world._discord.state
    guild = state.world.guild("Studio")
    event = guild_create(state, guild, all_members=False)
    event["members"] = [one | {"joined_at": "2024-01-01T00:00:00+00:00"} for one in event["members"]]
    await world.send_event("GUILD_CREATE", event)
    await world.send_event("GUILD_CREATE", {key: value for key, value in event.items() if key != "unavailable"})
    assert await welcomes(world.ada) == 0


async def test_the_welcome_is_in_the_servers_language(world):
    await world.post("/control/locale", {"guild": "Elsewhere", "locale": "pt-BR"})
    await world.bot_joins("Elsewhere")
    with using_locale("pt-BR"):
        title = message_in(TITLE)
    await world.ada_elsewhere.wait_for_message(text=title)


@pytest.mark.parametrize("denied", ["VIEW_CHANNEL", "SEND_MESSAGES"])
async def test_where_the_bot_may_not_write_it_is_one_line_in_the_log(world, caplog, denied):
    await world.deny("lobby", denied)
    await world.bot_joins("Elsewhere")
    assert await welcomes(world.ada_elsewhere) == 0
    assert [line.split(" has ")[1] for line in lines(caplog)] == [
        "no system channel that I can write in, so it gets no welcome"
    ]


async def test_a_server_without_a_system_channel_is_not_welcomed(world, caplog):
    await world.set_system_channel("Elsewhere", None)
    await world.bot_joins("Elsewhere")
    assert await welcomes(world.ada_elsewhere) == 0
    assert len(lines(caplog)) == 1


async def test_a_welcome_that_discord_refuses_is_one_line_in_the_log(world, caplog):
    await world.discord_fault("/channels/*/messages", method="POST", status=403, code=50013, times=1)
    await world.bot_joins("Elsewhere")
    assert await welcomes(world.ada_elsewhere) == 0
    [line] = lines(caplog)
    assert "could not be welcomed: 403" in line


async def test_a_server_that_the_operator_has_not_allowed_is_not_welcomed(world, caplog):
    await world.stop_bot()
    await world.start_bot(SERVERS_ALLOWED=await world.guild_of("general"))
    await world.bot_joins("Elsewhere")
    await world.ada.imagine_to_end(prompt="a fox")
    assert not any(TITLE in one.text for one in await world.ada_elsewhere.messages())
    assert ["SERVERS_ALLOWED" in line for line in lines(caplog)] == [True]


async def test_of_several_shards_and_programs_one_welcomes(world):
    await world.stop_bot()
    await world.discord_setting(shards=2, max_concurrency=2)
    await world.start_bot(SHARD_COUNT="2")
    async with world.another_program(SHARD_COUNT="2"):
        await world.bot_joins("Elsewhere")
        await world.ada_elsewhere.wait_for_message(text=TITLE)
        assert await welcomes(world.ada_elsewhere) == 1
