"""The operator: what they see, what they switch, and what they are told. Ada owns the application."""

from __future__ import annotations

import asyncio
import json

import pytest
from sqlalchemy import insert, select

from infra.db.engine import open_engine
from infra.db.tables import CHARGES, GUILD_SETTINGS, JOBS
from studio.jobs import circuit_breaker
from tests.support.world import TIMEOUT

USED_UP = {"kind": "error", "status": 403, "code": "used_up", "times": None}
HERE, ALL, OFF = "This process, until it ends", "All processes, until switched off", "Off: accept requests again"


async def drain(world, mode):
    return await (await world.ada_in_dm.run("operator drain", mode=mode)).answer()


async def stats(world):
    return await (await world.ada_in_dm.run("operator stats")).answer()


async def end_of(member, prompt):
    return await (await member.imagine(prompt=prompt)).ended()


async def end_that_was_tried(member, prompt):
    """What comes of it once it is not refused at the door."""
    async with asyncio.timeout(TIMEOUT):
        while (end := await end_of(member, prompt)).ephemeral:
            pass
    return end


# --- a balance that is used up ----------------------------------------------------------------------------------------


async def test_once_the_balance_is_used_up_nobody_is_charged_and_the_owner_is_alerted_once(world, monkeypatch):
    monkeypatch.setattr(circuit_breaker, "FIRST_PAUSE_SECONDS", 60.0)
    await world.api_fault(**USED_UP)
    first = await end_of(world.ben, "a red fox in snow")
    assert "balance at the image service is used up" in first.text
    told = await world.ada_in_dm.wait_for_message(text="used up")
    assert "Top it up" in told.text
    for member in (world.ben, world.cleo):
        refusal = await end_of(member, "another fox")
        assert refusal.ephemeral
        assert "used up. The bot's owner has been notified." in refusal.text
        assert "Nothing was made or charged" in refusal.text
    retried = await (await world.ben.pressed(first, "Retry")).answer()
    assert "owner has been notified" in retried.text
    assert len(await world.requests()) == 1
    assert [row.images for row in await world.read(select(CHARGES))] == [0]
    assert len(await world.read(select(JOBS))) == 1
    assert len(await world.ada_in_dm.messages()) == 1
    shown = await stats(world)
    assert "The API rejects every request" in shown.text
    await world.clear_api_faults()
    again = await world.ada_in_dm.press(shown, "Retry the API now")
    assert "the next job will try it" in again.text
    await world.cleo.imagine_to_end(prompt="a third fox")
    assert "API working" in (await world.ada_in_dm.press(again, "Refresh")).text


@pytest.mark.parametrize(
    ("fault", "to_the_member", "to_the_owner"),
    [
        ({"status": 429, "code": "SetLimitExceeded"}, "reached its quota", "Raise the limit"),
        ({"status": 403, "code": "AccountOverdueError"}, "bill at the image service is overdue", "Pay it"),
        ({"status": 404, "code": "no_api"}, "is wrong", "SEEDREAM_BASE_URL"),
    ],
    ids=["a spent quota", "an overdue bill", "a wrong address"],
)
async def test_what_only_the_owner_can_fix_stops_the_queue_and_alerts_them(
    world, monkeypatch, fault, to_the_member, to_the_owner
):
    monkeypatch.setattr(circuit_breaker, "FIRST_PAUSE_SECONDS", 60.0)
    await world.api_fault("error", times=None, **fault)
    first = await end_of(world.ben, "a red fox in snow")
    assert to_the_member in first.text
    assert "It's not you" in first.text
    assert to_the_owner in (await world.ada_in_dm.wait_for_message(text="⚠️")).text
    refusal = await end_of(world.cleo, "another fox")
    assert refusal.ephemeral
    assert "owner has been notified" in refusal.text
    assert len(await world.requests()) == 1


async def test_a_model_that_the_service_does_not_offer_stops_nobody(world):
    await world.api_fault("error", status=404, code="ModelNotOpen", message="no", times=None)
    assert "Choose another model" in (await end_of(world.ben, "a red fox in snow")).text
    await world.clear_api_faults()
    await world.cleo.imagine_to_end(prompt="another fox")


async def test_after_each_pause_one_job_tries_until_the_api_works(world, monkeypatch):
    monkeypatch.setattr(circuit_breaker, "FIRST_PAUSE_SECONDS", 0.3)
    await world.api_fault(**{**USED_UP, "times": 2})
    for _ in range(2):
        failed = await end_that_was_tried(world.ben, "a red fox in snow")
        assert failed.labels == ["Details", "Retry", "Delete"]
    result = await end_that_was_tried(world.ben, "a red fox in snow")
    assert len(result.pictures) == 1
    assert len((await world.cleo.imagine_to_end(prompt="another fox")).pictures) == 1
    assert [entry["billed"] for entry in await world.requests()] == [0, 0, 1, 1]
    await world.ada_in_dm.wait_for_message(text="used up")
    assert len(await world.ada_in_dm.messages()) == 1


async def test_queued_jobs_are_not_sent_either(narrow_world, monkeypatch):
    monkeypatch.setattr(circuit_breaker, "FIRST_PAUSE_SECONDS", 60.0)
    await narrow_world.api_fault("hang", seconds=1.0)
    await narrow_world.api_fault(**USED_UP)
    asked = [await narrow_world.ben.imagine(prompt=f"fox {number}") for number in range(4)]
    ends = [await one.result(pictures=0) for one in asked]
    assert all("is used up" in end.text and "Nothing was charged" in end.text for end in ends)
    assert len(await narrow_world.requests()) == 1


async def test_the_circuit_stays_open_after_a_restart(world, monkeypatch):
    monkeypatch.setattr(circuit_breaker, "FIRST_PAUSE_SECONDS", 60.0)
    await world.api_fault(**USED_UP)
    await end_of(world.ben, "a red fox in snow")
    await world.ada_in_dm.wait_for_message(text="used up")
    await world.restart_bot()
    assert "owner has been notified" in (await end_of(world.ben, "another fox")).text
    assert len(await world.requests()) == 1


async def test_a_key_that_works_again_is_noticed_without_a_job(world, monkeypatch):
    monkeypatch.setattr(circuit_breaker, "FIRST_PAUSE_SECONDS", 0.0)
    await world.api_fault("error", status=401, code="invalid_token")
    await end_of(world.ben, "a red fox in snow")
    await world.ada_in_dm.wait_for_message(text="SEEDREAM_API_KEY")
    await world.restart_bot()
    async with asyncio.timeout(TIMEOUT):
        while "API working" not in (await stats(world)).text:
            pass
    assert len(await world.requests()) == 1


async def test_an_owner_with_closed_direct_messages_delays_nobody(world, monkeypatch):
    monkeypatch.setattr(circuit_breaker, "FIRST_PAUSE_SECONDS", 60.0)
    await world.discord_fault("/users/@me/channels", method="POST", status=403, code=50007)
    await world.api_fault(**USED_UP)
    assert "is used up" in (await end_of(world.ben, "a red fox in snow")).text
    await world.discord_is_asked("POST", 403)
    assert (await end_of(world.ben, "another fox")).ephemeral


# --- draining ---------------------------------------------------------------------------------------------------------


async def test_a_drained_bot_accepts_nothing_and_finishes_its_jobs(narrow_world):
    world = narrow_world
    await world.set_api(delay=3)
    running = [await world.ben.imagine(prompt=f"fox {number}") for number in range(2)]
    await world.api_is_asked()
    await world.rows_are(select(JOBS).where(JOBS.c.messages != "[]"), at_least=2)
    shown = await drain(world, ALL)
    assert "No process is accepting requests" in shown.text
    assert "Here: 1 running, 1 waiting." in shown.text
    refusal = await end_of(world.cleo, "another fox")
    assert refusal.ephemeral
    assert refusal.text.startswith("The bot is under maintenance. Try again in a few minutes.")
    for one in running:
        await one.result(pictures=1)
    assert len(await world.read(select(JOBS))) == 2
    await world.restart_bot()
    assert (await end_of(world.cleo, "another fox")).ephemeral
    assert "Accepting requests" in (await drain(world, OFF)).text
    await world.cleo.imagine_to_end(prompt="another fox")


async def test_a_drained_process_accepts_jobs_again_at_its_next_start_or_by_a_press(world):
    shown = await drain(world, HERE)
    assert "under maintenance" in (await end_of(world.cleo, "a fox")).text
    after = await world.ada_in_dm.press(shown, "Accept requests again")
    assert "Accepting requests" in after.text
    await world.cleo.imagine_to_end(prompt="a fox")
    await drain(world, HERE)
    await world.restart_bot()
    await world.cleo.imagine_to_end(prompt="a fox")


# --- who may, and where -----------------------------------------------------------------------------------------------


async def test_the_owner_sees_the_bots_status(world):
    await world.ben.imagine_to_end(prompt="two foxes", images=2)
    await world.api_fault("error", status=400, code="bad_request")
    await end_of(world.ben, "no fox")
    shown = await stats(world)
    assert shown.ephemeral
    assert "**Today** 2 pictures, 2 credits" in shown.text
    assert "1 done, 1 failed" in shown.text
    assert "1 × BadRequest" in shown.text
    assert "**Processes** 1 alive" in shown.text
    servers = await world.ada_in_dm.press(shown, "Servers")
    assert "1. **Studio** · 5 members · 2 pictures, 2 credits" in servers.text
    assert "2. **Workshop**" in servers.text
    assert "Page 1 of 1" in servers.text


@pytest.mark.parametrize("command", ["operator stats", "operator servers", "operator drain"])
async def test_only_owners_can_use_the_command(world, command):
    options = {"mode": ALL} if command == "operator drain" else {}
    refusal = await (await world.ben_in_dm.run(command, **options)).answer()
    assert refusal.text == "Only the bot's owner can do this."
    await world.ben.imagine_to_end(prompt="a fox")


async def test_a_forged_press_of_the_operators_buttons_does_nothing(world):
    shown = await drain(world, HERE)
    forged = await world.post_as_bot("general", flags=1 << 15, components=shown.data["components"])
    refusal = await (await world.ben.pressed(forged, "Accept requests again")).answer()
    assert refusal.text == "Only the bot's owner can do this."
    assert "under maintenance" in (await end_of(world.cleo, "a fox")).text


async def test_without_an_operators_server_the_command_is_in_direct_messages_only(world):
    assert "operator" in await world.ada_in_dm.commands()
    assert "operator" not in await world.ada.commands() | await world.dan.commands()


async def test_only_the_operators_server_has_the_command_and_loses_it_to_another(world):
    studio, workshop = await world.guild_of("general"), await world.guild_of("small-files")
    await world.stop_bot()
    await world.start_bot(OPERATOR_SERVER=studio)
    assert "operator" in await world.ada.commands()
    assert "operator" in await world.dan.commands()
    for member in (world.ben, world.ada_in_dm, world.ada_in_workshop):
        assert "operator" not in await member.commands()
    assert "Bot status" in (await (await world.ada.run("operator stats")).answer()).text
    assert "Only the bot's owner" in (await (await world.dan.run("operator stats")).answer()).text
    await world.stop_bot()
    await world.start_bot(OPERATOR_SERVER=workshop)
    assert "operator" not in await world.ada.commands()
    await world.restart_bot()
    assert "operator" in await world.ada_in_dm.commands()


async def test_an_operators_server_without_the_bot_is_logged_and_the_bot_serves_anyway(world, caplog):
    await world.stop_bot()
    await world.start_bot(OPERATOR_SERVER=await world.guild_of("lobby"))
    assert "OPERATOR_SERVER: Discord rejects commands for server" in caplog.text
    await world.ben.imagine_to_end(prompt="a fox")


async def test_the_log_channel_of_the_operators_server_gets_the_alert_too(world, monkeypatch):
    monkeypatch.setattr(circuit_breaker, "FIRST_PAUSE_SECONDS", 60.0)
    server = await world.guild_of("general")
    channel = (await world.ada.imagine_to_end(prompt="a fox")).data["channel_id"]
    await world.stop_bot()
    engine = open_engine(world.environment["DATABASE_URL"])
    async with engine.connect() as connection:
        settings = json.dumps({"log_channel": int(channel)})
        await connection.execute(insert(GUILD_SETTINGS).values(server_id=int(server), settings=settings))
    await engine.dispose()
    await world.start_bot(OPERATOR_SERVER=server)
    await world.api_fault(**USED_UP)
    await end_of(world.ben, "a red fox in snow")
    await world.ada.wait_for_message(text="Top it up")
    await world.ada_in_dm.wait_for_message(text="Top it up")
