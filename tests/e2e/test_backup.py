"""Backup and restore as docs/operating.md has them: its own commands and statements, with jobs in every state."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, text

from infra.db.engine import close_engine, open_engine, transaction
from infra.db.tables import CHARGES, JOBS
from tests.e2e.conftest import a_world
from tests.support.bots import BotProcess

OPERATING = Path(__file__).parents[2] / "docs" / "operating.md"
SECTION = OPERATING.read_text().partition("## Backup and restore")[2].partition("\n## ")[0]
DAILY_LIMIT = 4


def commands(database):
    """The commands of the backup and of the restore, as a shell runs them beside the bot."""
    backup, restore = re.findall(r"^```\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
    title = {"sqlite": "# SQLite", "postgresql": "# PostgreSQL"}[database]
    found = [re.search(rf"^{title}[^\n]*\n([^\n]+)", block, re.MULTILINE)[1] for block in (backup, restore)]
    here = [
        one.replace("docker compose exec -T postgres ", "").replace(".venv/bin/python", sys.executable) for one in found
    ]
    return f"umask 077; {here[0]}", here[1]


def statements():
    (block,) = re.findall(r"^```sql\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
    return [one.strip() for one in re.sub("--.*", "", block).split(";") if one.strip()]


@pytest.fixture(params=["sqlite", "postgresql"])
async def place(request, tmp_path):
    """A world whose database is where the commands expect it; and what runs them."""
    environment = dict(os.environ)
    if request.param == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path}/data/bot.db"
    else:
        server = request.getfixturevalue("postgresql")
        environment |= server.client
        await server.execute("CREATE DATABASE bot")
        url = server.url("bot")
    backup, restore = commands(request.param)

    def run(command):
        subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, env=environment, check=True, timeout=60)

    settings = {"MAX_IN_FLIGHT": "2", "OPERATOR_DAILY_LIMIT": str(DAILY_LIMIT), "GRACE": "0"}
    bot = BotProcess(tmp_path / "bot.log")
    try:
        async with a_world(tmp_path, bot, DATABASE_URL=url, **settings) as world:
            yield world, lambda: run(backup), lambda: run(restore)
    finally:
        if request.param == "postgresql":
            await server.execute("DROP DATABASE bot WITH (FORCE)")


async def states(world):
    return sorted(row.state for row in await world.read(select(JOBS.c.state)))


async def test_a_restored_bot_makes_nothing_again_knows_its_results_and_keeps_the_limits(place):
    world, back_up, restore = place
    done = await world.ada.imagine_to_end(prompt="made before the backup")
    await world.set_api(delay=20.0)
    for number, state in enumerate(("running", "running", "queued")):
        member = world.cleo if number == 1 else world.ben  # of two places, a member gets one
        await member.imagine(prompt=f"{state} at the backup", model="doubao-seedream-4.5")
        await world.api_is_asked(min(3, number + 2))
    assert await states(world) == ["done", "queued", "running", "running"]

    await asyncio.to_thread(back_up)
    await world.set_api(delay=0.05)
    await world.stop_bot()
    asked = len(await world.requests())
    await asyncio.to_thread(restore)
    engine = open_engine(world.environment["DATABASE_URL"])
    async with transaction(engine) as connection:
        for statement in statements():
            await connection.execute(text(statement))
    await close_engine(engine)
    assert await states(world) == ["cancelled", "cancelled", "cancelled", "done"]

    await world.start_bot()
    details = await world.ada.pressed(done, "Details")
    assert "made before the backup" in (await details.answer()).text
    rerolled = await world.ada.pressed(done, "Reroll")  # so the limit counts what was made before, and no more
    assert (await rerolled.result()).pictures
    assert len(await world.requests()) == asked + 1
    charges = await world.read(select(CHARGES.c.images).where(CHARGES.c.settled))
    assert sum(row.images for row in charges) == 2
    for number in range(DAILY_LIMIT - 2):
        await world.cleo.imagine_to_end(prompt=f"up to the limit {number}")
    over = await (await world.cleo.imagine(prompt="over the limit")).answer()
    assert "out of credits" in over.text or "limit" in over.text
    assert len(await world.requests()) == asked + 1 + DAILY_LIMIT - 2
