"""Backup and restore as docs/operating.md has them: its own commands, with jobs in every state."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from infra.db.tables import CHARGES, JOBS
from tests.e2e.conftest import a_world
from tests.support.bots import BotProcess

ROOT = Path(__file__).parents[2]
OPERATING = ROOT / "docs" / "operating.md"
SECTION = OPERATING.read_text().partition("## Backup and restore")[2].partition("\n## ")[0]
DAILY_LIMIT = 4


IN_A_CONTAINER = r"docker (compose exec -T postgres|exec seedream|run --rm -i -v seedream:/app/data seedream-bot) "


def commands(installed):
    """The commands of the backup, the restore and the statements after it, as a shell runs them beside the bot."""
    blocks = re.findall(r"^```\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
    found = [
        re.search(rf"^# {installed}[^\n]*\n(.*?)(\n\n|\Z)", block, re.MULTILINE | re.DOTALL)[1] for block in blocks
    ]
    here = [re.sub(IN_A_CONTAINER, "", one) for one in found]
    for place, ours in (
        ("/opt/seedream-bot/.venv/bin/", ""), (".venv/bin/", ""), ("/var/lib/seedream-bot/", ""),
        ("/opt/seedream-bot", str(ROOT)), ("< deploy", f"< {ROOT}/deploy"),
        ("python -c", f"{sys.executable} -c"),
    ):  # fmt: skip
        here = [one.replace(place, ours) for one in here]
    backup, restore, statements = here
    return f"umask 077; {backup}", restore, statements


@pytest.fixture(
    params=[
        "SQLite, in the folder of the program",
        "SQLite with systemd",
        "SQLite with docker run",
        "PostgreSQL in Compose",
    ]
)
async def place(request, tmp_path):
    """A world whose database is where the commands expect it; and what runs them."""
    environment = dict(os.environ)
    if request.param.startswith("SQLite"):
        url = f"sqlite+aiosqlite:///{tmp_path}/data/bot.db"
    else:
        server = request.getfixturevalue("postgresql")
        environment |= server.client
        await server.execute("CREATE DATABASE bot")
        url = server.url("bot")
    backup, *restore = commands(request.param)

    def run(*commands):
        for command in commands:
            subprocess.run(["/bin/sh", "-ec", command], cwd=tmp_path, env=environment, check=True, timeout=60)

    settings = {"MAX_IN_FLIGHT": "2", "OPERATOR_DAILY_LIMIT": str(DAILY_LIMIT), "GRACE": "0"}
    bot = BotProcess(tmp_path / "bot.log")
    try:
        async with a_world(tmp_path, bot, DATABASE_URL=url, **settings) as world:
            yield world, lambda: run(backup), lambda: run(*restore)
    finally:
        if not request.param.startswith("SQLite"):
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
    assert "left today" in over.text or "limit" in over.text
    assert len(await world.requests()) == asked + 1 + DAILY_LIMIT - 2
