"""An interaction's token lets anybody post as the bot for 15 minutes, so it isn't stored for longer than needed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from infra.db.tables import JOBS, METADATA
from studio.jobs import recovery
from tests.e2e.conftest import a_world
from tests.support.bots import BotProcess
from tests.support.world import TIMEOUT

if TYPE_CHECKING:
    from pathlib import Path

FOX = "a red fox in snow"
HOLDERS = select(JOBS.c.id).where(JOBS.c.token != "")


def tokens(world):
    """Of all interactions that the bot was sent."""
    return list(world._discord.state.interactions)


async def rows_with_a_token(world):
    """Rows of any table that hold one, in any column."""
    found = tokens(world)
    rows = [row for table in METADATA.sorted_tables for row in await world.read(select(table))]
    return [row for row in rows if any(token in str(tuple(row)) for token in found)]


def files_with_a_token(world, folder: Path):
    found = [token.encode() for token in tokens(world)]
    return [file.name for file in folder.glob("bot.db*") if any(token in file.read_bytes() for token in found)]


async def none_is_left(world, *, jobs: int = 1):
    await world.rows_are_gone(HOLDERS)
    assert tokens(world)
    assert await rows_with_a_token(world) == []
    assert len(await world.read(select(JOBS).where(JOBS.c.settled))) == jobs


async def a_picture(world):
    await world.ben.imagine_to_end(prompt=FOX)


async def a_set(world):
    await world.ben.imagine_to_end(prompt=FOX, images=12)


async def a_private_picture(world):
    await world.ben.imagine_to_end(prompt=FOX, private=True)


async def one_in_a_direct_message(world):
    await world.ben_in_dm.imagine_to_end(prompt=FOX)


async def one_where_the_bot_is_no_member(world):
    await world.ada_elsewhere.imagine_to_end(prompt=FOX)


async def a_failure_with_retry(world):
    await world.api_fault("error", status=400, code="bad_request")
    end = await (await world.ben.imagine(prompt=FOX)).ended()
    assert "Retry" in end.labels


async def a_private_failure(world):
    await world.api_fault("error", status=400, code="bad_request")
    await (await world.ben.imagine(prompt=FOX, private=True)).ended()


async def a_deleted_result(world):
    result = await world.ben.imagine_to_end(prompt=FOX)
    await world.ben.deletes(result)
    await world.rows_are(select(JOBS).where(JOBS.c.deleted_at.is_not(None)))


ENDS = (
    a_picture, a_set, a_private_picture, one_in_a_direct_message, one_where_the_bot_is_no_member, a_failure_with_retry,
    a_private_failure, a_deleted_result,
)  # fmt: skip


@pytest.mark.parametrize("end", ENDS, ids=[end.__name__ for end in ENDS])
async def test_once_the_end_is_shown_no_row_holds_a_token_and_no_file_after_the_bot_has_stopped(tmp_path, end):
    async with a_world(tmp_path) as world:
        await end(world)
        await none_is_left(world)
        await world.stop_bot()
        assert files_with_a_token(world, tmp_path) == []


async def test_a_cancelled_job_leaves_none(tmp_path):
    async with a_world(tmp_path, MAX_IN_FLIGHT="1") as world:
        await world.api_fault("hang", seconds=1.0)
        running = await world.ben.imagine(prompt=FOX)
        await world.api_is_asked()
        waiting = await (await world.cleo.imagine(prompt=FOX)).answer()
        await world.cleo.pressed(waiting, "Cancel")
        await world.cleo.wait_for_message(id=waiting.id, text="Cancelled")
        await running.ended()
        await none_is_left(world, jobs=2)


async def test_a_request_that_is_refused_never_has_a_row(tmp_path):
    async with a_world(tmp_path, OPERATOR_DAILY_LIMIT="1") as world:
        await (await world.ben.imagine(prompt=FOX, images=4)).ended()
        assert tokens(world)
        assert await rows_with_a_token(world) == []


async def test_an_offer_of_fewer_pictures_holds_none_and_neither_does_what_comes_of_it(tmp_path):
    async with a_world(tmp_path, OPERATOR_DAILY_LIMIT="2") as world:
        refusal = await (await world.ben.imagine(prompt=FOX, images=4)).ended()
        assert await rows_with_a_token(world) == []
        await (await world.ben.pressed(refusal, "Make 2")).result()
        await none_is_left(world)


async def test_private_results_of_two_messages_keep_theirs_until_it_expires(tmp_path, monkeypatch):
    """Delete under the first reaches the second only by the token, as nobody but their member sees either."""
    monkeypatch.setattr(recovery, "ROUND_SECONDS", 0.1)
    async with a_world(tmp_path) as world:
        await (await world.ben.imagine(prompt=FOX, images=12, private=True)).result(pictures=2)
        await world.rows_are(select(JOBS).where(JOBS.c.settled))
        assert len(await rows_with_a_token(world)) == 1
        await world.let_tokens_end()
        await none_is_left(world)


async def test_while_the_bot_runs_old_copies_leave_the_files_too(tmp_path, monkeypatch):
    monkeypatch.setattr(recovery, "ROUND_SECONDS", 0.1)
    async with a_world(tmp_path) as world:
        await world.ben.imagine_to_end(prompt=FOX, images=4)
        await none_is_left(world)
        async with asyncio.timeout(TIMEOUT):
            while files_with_a_token(world, tmp_path):  # noqa: ASYNC110 - a file tells nobody
                await asyncio.sleep(0)


async def test_a_restart_in_the_middle_finds_its_message_and_then_leaves_none(tmp_path):
    async with a_world(tmp_path, BotProcess(tmp_path / "bot.log")) as world:
        await world.set_api(delay=1.0)
        asked = await world.ben.imagine(prompt=FOX, private=True)
        await world.api_is_asked()
        await world.kill_bot()
        await world.start_bot()
        await asked.ended()
        await none_is_left(world)
        assert not any(token in (tmp_path / "bot.log").read_text() for token in tokens(world))
