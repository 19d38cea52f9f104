"""Two programs with one token and a database each, say a laptop's and a server's: what is asked once is made once."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest
from sqlalchemy import func, select

from cogs.delivery import placeholders
from infra.db.tables import CHARGES, JOBS
from tests.e2e.conftest import a_world
from tests.support.bots import BotProcess, BotTask
from tests.support.world import World

FOX = "a red fox in snow"
THE_LINE = "another program is answering with this token"


@asynccontextmanager
async def a_second_program(world, folder, bot=None):
    """It runs beside the world's own. Gives the same world, with its database."""
    folder.mkdir()
    second = World(world._discord, world._seedream, folder, bot or BotTask())
    await second._bot.start(second.environment)
    try:
        await world.get("/control/wait", **{"for": "ready"}, sessions="2", timeout="30")
        yield second
    finally:
        await second.stop_bot()


@pytest.fixture
async def second(world, tmp_path):
    async with a_second_program(world, tmp_path / "second") as second:
        yield second


async def charged(*programs) -> int:
    """What is charged, once every charge is settled, in all their ledgers together."""
    for one in programs:
        await one.rows_are_gone(select(CHARGES).where(~CHARGES.c.settled))
    return sum([(await one.read(select(func.coalesce(func.sum(CHARGES.c.images), 0))))[0][0] for one in programs])


async def both_have_taken_it(*programs, jobs=1):
    """Each has so many jobs, those that it gave up among them."""
    for one in programs:
        await one.rows_are(select(JOBS), at_least=jobs)


def warnings(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if THE_LINE in record.getMessage()]


# --- who is slower lets it be -----------------------------------------------------------------------------------------


async def test_a_reply_is_answered_by_one_of_them_and_paid_for_once(world, tmp_path, caplog):
    first = await world.ada.imagine_to_end(prompt=FOX)
    async with a_second_program(world, tmp_path / "second") as second:
        said = await world.ben.say("make it night", to=first)
        result = await world.ben.result_of(said)
        await world.rows_are(select(JOBS), at_least=2)
        await second.rows_are(select(JOBS))
        assert len(result.pictures) == 1
        assert len(await world.requests()) == await charged(world, second) == 2
        assert [one.id for one in await world.ben.messages()] == [first.id, said.id, result.id]
    (line,) = warnings(caplog)
    assert "SHARD_IDS" in line
    assert "reset the token" in line


async def test_a_reply_is_refused_by_one_of_them(world, second):
    words = await world.ada.say("no picture")
    said = await world.ada.say(f"<@{world.user_ids['SeeDream']}> make it night", to=words)
    refusal = await world.ada.answer_to(said)
    await world.discord_is_asked("POST", 200, times=2)
    assert [one.id for one in await world.ada.messages()] == [words.id, said.id, refusal.id]


async def test_a_command_is_answered_by_one_of_them_and_its_member_learns_nothing_of_the_other(world, second, caplog):
    asked = await world.ada.imagine(prompt=FOX)
    await asked.result(pictures=1)
    await both_have_taken_it(world, second)
    assert len(await world.requests()) == await charged(world, second) == 1
    assert len(await world.ada.messages()) == 1
    assert len(warnings(caplog)) == 1


async def test_the_operator_reads_one_line_however_much_is_asked(world, second, caplog):
    for number in range(4):
        assert await world.ada.autocomplete("imagine", focused="size", prompt="x")
        await (await world.ada.imagine(prompt=f"fox {number}")).result(pictures=1)
    await both_have_taken_it(world, second, jobs=4)
    assert await charged(world, second) == len(await world.requests()) == 4
    assert 1 <= len(warnings(caplog)) <= 2, "one of each program"
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_message_that_one_of_them_learns_of_late_was_answered_already(world, tmp_path, monkeypatch, caplog):
    """It was away for minutes, and resumes its session."""
    monkeypatch.setattr(placeholders, "NONCE_SECONDS", 0.0)
    await world.discord_setting(nonce_life=0.0)
    first = await world.ada.imagine_to_end(prompt=FOX)
    said = await world.ada.say("make it night", to=first)
    result = await world.ada.result_of(said)
    async with a_second_program(world, tmp_path / "second") as second:
        world.send_again("MESSAGE_CREATE", id=said.id)
        await second.rows_are(select(JOBS).where(JOBS.c.settled))
        assert await charged(world, second) == len(await world.requests()) == 2
        assert [one.id for one in await world.ada.messages()] == [first.id, said.id, result.id]
    assert len(warnings(caplog)) == 1


# --- what only one of them knows --------------------------------------------------------------------------------------


async def test_what_only_one_of_them_knows_is_answered_by_that_one(world, tmp_path, caplog):
    known = await world.ada.imagine_to_end(prompt=FOX)
    async with a_second_program(world, tmp_path / "second") as second:
        await (await world.ada.pressed(known, "Reroll")).result(pictures=1)
        opened = await world.ada.pressed(known, "Edit")
        await (await world.ada.fill(opened, change="make it night")).result(pictures=1)
        details = await world.ben.press(known, "Details")
        assert FOX in details.text
        assert len(await world.requests()) == 3
        assert await second.read(select(JOBS)) == []
    assert "copy of this bot" not in "".join(one.text for one in await world.ada.messages())


async def test_what_another_has_made_is_not_said_to_be_deleted(world, tmp_path):
    known = await world.ada.imagine_to_end(prompt=FOX)
    await world.stop_bot()
    world.settings["DATABASE_URL"] = f"sqlite+aiosqlite:///{tmp_path / 'another.db'}"
    await world.start_bot()
    told = await world.ada.press(known, "Reroll")
    assert told.ephemeral
    assert "another copy of this bot made it" in told.text


# --- one's own answer, lost -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("refusal", [40060, 10062])
async def test_an_answer_that_was_lost_and_is_then_refused_is_known_to_be_ones_own(world, refusal, caplog):
    """discord.py sends again what was answered with 502."""
    await world.discord_fault("/interactions/*", method="POST", status=502, carried_out=True)
    await world.discord_refuses("/interactions/*", refusal, method="POST")
    asked = await world.ada.imagine(prompt=FOX)
    await asked.result(pictures=1)
    assert len(await world.ada.messages()) == await charged(world) == 1
    assert warnings(caplog) == []


@pytest.mark.parametrize("refusal", [40060, 10062])
async def test_an_interaction_that_nobody_is_seen_to_have_answered_costs_nothing_and_accuses_nobody(
    world, refusal, caplog
):
    await world.discord_refuses("/interactions/*", refusal, method="POST")
    await world.discord_setting(interaction_window=0.5)
    await world.ada.imagine(prompt=FOX)
    await world.rows_are(select(JOBS).where(JOBS.c.settled))
    assert await charged(world) == 0
    assert await world.requests() == []
    assert warnings(caplog) == []


async def test_a_reply_whose_answers_were_lost_twice_is_known_to_be_ones_own(world, caplog):
    first = await world.ada.imagine_to_end(prompt=FOX)
    await world.discord_fault("/channels/*/messages", method="POST", close=True)
    said = await world.ada.say("make it night", to=first)
    await world.ada.result_of(said)
    assert len(await world.ada.messages()) == 3
    assert await charged(world) == 2
    assert warnings(caplog) == []


# --- after a crash ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nonce_life", [300.0, 0.0], ids=["soon", "when Discord has forgotten the nonce"])
async def test_one_that_died_before_it_could_answer_adds_no_second_answer_to_the_others(tmp_path, nonce_life):
    async with (
        a_world(tmp_path, BotProcess(tmp_path / "bot.log")) as world,
        a_second_program(world, tmp_path / "second") as second,
    ):
        first = await world.ada.imagine_to_end(prompt=FOX)
        await both_have_taken_it(world, second)
        assert await charged(world, second) == 1
        await world.discord_fault("/channels/*/messages", method="POST", status=502, times=None)
        said = await world.ada.say("make it night", to=first)
        await both_have_taken_it(world, second, jobs=2)
        await world.kill_bot()
        await world.clear_discord_faults()
        result = await world.ada.result_of(said)
        await world.discord_setting(nonce_life=nonce_life)
        await world.start_bot()
        replies = select(JOBS).where(JOBS.c.reply_to == int(said.id))
        await world.rows_are(replies.where(JOBS.c.settled, JOBS.c.state == "cancelled"))
        assert await charged(world, second) == len(await world.requests()) == 2
        assert [one.id for one in await world.ada.messages()] == [first.id, said.id, result.id]
        assert THE_LINE in (tmp_path / "bot.log").read_text()


@pytest.mark.parametrize("nonce_life", [300.0, 0.0], ids=["soon", "when Discord has forgotten the nonce"])
async def test_one_that_died_before_it_noted_its_own_reply_finds_it_again(tmp_path, nonce_life):
    async with a_world(tmp_path, BotProcess(tmp_path / "bot.log")) as world:
        first = await world.ada.imagine_to_end(prompt=FOX)
        await world.discord_fault("/channels/*/messages", method="POST", status=502, carried_out=True, times=None)
        said = await world.ada.say("make it night", to=first)
        placeholder = await world.ada.answer_to(said)
        await world.kill_bot()
        await world.clear_discord_faults()
        await world.discord_setting(nonce_life=nonce_life)
        await world.start_bot()
        result = await world.ada.result_of(said)
        assert result.id == placeholder.id
        assert len(await world.ada.messages()) == 3
        assert THE_LINE not in (tmp_path / "bot.log").read_text()


async def test_one_that_died_before_it_could_answer_a_message_that_was_taken_back_makes_nothing(tmp_path):
    async with a_world(tmp_path, BotProcess(tmp_path / "bot.log")) as world:
        first = await world.ada.imagine_to_end(prompt=FOX)
        await world.discord_fault("/channels/*/messages", method="POST", status=502, times=None)
        said = await world.ada.say("make it night", to=first)
        await world.rows_are(select(JOBS), at_least=2)
        await world.kill_bot()
        await world.delete_message(said.id)
        await world.clear_discord_faults()
        await world.start_bot()
        await world.rows_are(select(JOBS).where(JOBS.c.settled, JOBS.c.state == "cancelled"))
        assert [one.id for one in await world.ada.messages()] == [first.id]
        assert await charged(world) == len(await world.requests()) == 1


async def test_one_that_died_before_it_could_answer_replies_once_it_is_back(tmp_path):
    async with a_world(tmp_path, BotProcess(tmp_path / "bot.log")) as world:
        first = await world.ada.imagine_to_end(prompt=FOX)
        await world.discord_fault("/channels/*/messages", method="POST", status=502, times=None)
        said = await world.ada.say("make it night", to=first)
        await world.rows_are(select(JOBS), at_least=2)
        await world.kill_bot()
        await world.clear_discord_faults()
        await world.start_bot()
        result = await world.ada.result_of(said)
        assert result.data["referenced_message"]["id"] == said.id
        assert len(await world.ada.messages()) == 3
