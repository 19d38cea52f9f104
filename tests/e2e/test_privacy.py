"""A member sees what is kept of them, and has it deleted; and what is old goes by itself."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from infra.db.engine import open_engine, transaction
from infra.db.tables import CHARGES, JOBS, PREFERENCES
from studio.jobs import recovery


async def me(member):
    return await (await member.run("me")).answer()


async def erased(member):
    question = await member.press(await me(member), "Delete everything …")
    assert "This can't be undone" in question.text
    return await member.press(question, "Delete everything")


async def test_a_member_sees_what_is_kept_and_has_all_of_it_deleted(world):
    assert "I store nothing about you" in (await me(world.ben)).text
    result = await world.ben.imagine_to_end(prompt="a secret fox", model="doubao-seedream-4.0", size="1K")
    await world.ada.imagine_to_end(prompt="a fox of ada's")
    shown = await me(world.ben)
    assert shown.ephemeral
    for words in ("SeeDream 4.0", "**Requests:** 1", "1 picture, 1 credit", "deleted after 90 days"):
        assert words in shown.text
    question = await world.ben.press(shown, "Delete everything …")
    assert "your choices and 1 request, with its prompt" in question.text
    assert "stay there" in question.text
    assert "**Requests:** 1" in (await world.ben.press(question, "Keep everything")).text
    done = await erased(world.ben)
    assert "Deleted: your choices and 1 request." in done.text
    assert [row.user_id for row in await world.read(select(JOBS))] == [int(world.ada.id)]
    assert [row.user_id for row in await world.read(select(PREFERENCES))] == []
    assert len(await world.read(select(CHARGES))) == 2
    for name in ("Details", "Reroll", "Delete"):
        refusal = await (await world.ben.pressed(result, name)).answer()
        assert refusal.ephemeral
        assert "it was deleted or has expired" in refusal.text
    assert result.id in {one.id for one in await world.ben.messages()}
    again = await world.ben.imagine_to_end(prompt="another fox")
    assert await again.sizes() == [(2048, 2048)]


async def test_a_job_that_runs_ends_as_usual_and_is_deleted_then(world, monkeypatch):
    monkeypatch.setattr(recovery, "ROUND_SECONDS", 0.1)
    await world.restart_bot()
    await world.set_api(delay=0.5)
    asked = await world.ben.imagine(prompt="a secret fox")
    await asked.answer()
    done = await erased(world.ben)
    assert "Requests that are still running (1) are deleted when they end." in done.text
    await asked.result(pictures=1)
    await world.rows_are(select(CHARGES).where(CHARGES.c.settled))
    await world.rows_are_gone(select(JOBS))


@pytest.mark.parametrize(("days", "left"), [("30", 1), ("0", 2)])
async def test_old_requests_go_by_themselves_where_they_are_to(world, days, left):
    old = await world.ben.imagine_to_end(prompt="an old fox")
    await world.stop_bot()
    engine = open_engine(world.environment["DATABASE_URL"])
    async with transaction(engine) as connection:
        await connection.execute(update(JOBS).values(created_at=JOBS.c.created_at - 31 * 86_400))
    await engine.dispose()
    await world.start_bot(RETENTION_DAYS=days)
    await world.ben.imagine_to_end(prompt="a new fox")
    if left == 1:
        await world.rows_are_gone(select(JOBS).where(JOBS.c.id == old.custom_id("Details").split(":")[2]))
        assert "it was deleted or has expired" in (await (await world.ben.pressed(old, "Details")).answer()).text
    assert len(await world.read(select(JOBS))) == left
