"""The disk of the database and the spool is full for a while: what runs waits, and whoever asks reads what to do."""

from __future__ import annotations

import aiohttp
import pytest

from tests.e2e.conftest import a_world, public_address
from tests.e2e.test_web import is_answered
from tests.support.bots import BotProcess
from tests.support.disks import mounted, needs_mounts

pytestmark = needs_mounts
CHUNK = bytes(64 * 1024)


@pytest.fixture
def disk(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    with mounted(folder, "size=32m"):
        yield folder


@pytest.fixture
async def world(disk, tmp_path):
    bot, url = BotProcess(tmp_path / "bot.log"), f"sqlite+aiosqlite:///{disk}/bot.db"
    async with a_world(tmp_path, bot, DATABASE_URL=url, **public_address()) as world:
        yield world


def fill(disk):
    """Write until nothing more fits. Returns the file to delete."""
    file = disk / "filler"
    with file.open("wb", buffering=0) as filler:
        for size in (len(CHUNK), 4096, 1):
            while True:
                try:
                    filler.write(CHUNK[:size])
                except OSError:  # it is full
                    break
    return file


async def test_what_runs_on_a_full_disk_is_delivered_once_there_is_space(world, disk, tmp_path):
    port = world.settings["WEB_PORT"]
    await world.ada.imagine_to_end(prompt="before")
    await world.set_api(delay=1, image_interval=0.2)
    running = await world.ada.imagine(prompt="a set", images=3)
    await world.api_is_asked(2)
    filler = fill(disk)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as web:
        state = await is_answered(web, "/readyz", 503)
        assert '"database": "failed"' in state or '"spool": "failed"' in state
        refused = await (await world.ben.imagine(prompt="meanwhile")).answer()
        assert "Try again in a minute" in refused.text
        filler.unlink()
        await is_answered(web, "/readyz", 200)
    assert len((await running.result()).pictures) == 3
    assert (await (await world.ben.imagine(prompt="afterwards")).result()).pictures
    log = (tmp_path / "bot.log").read_text()
    assert "Traceback" not in log
    assert "disk is full" in log
