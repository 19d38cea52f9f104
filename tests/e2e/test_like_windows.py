"""What Windows lacks: our programs run without it, and Ctrl-C ends them in order."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.support.pictures import noise_png

ROOT = Path(__file__).parents[2]
LIKE_WINDOWS = (sys.executable, "-m", "tests.support.like_windows")


async def start(*arguments: str, cwd: Path, **environ: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *LIKE_WINDOWS,
        *arguments,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def test_the_bot_works_and_ctrl_c_ends_it_with_the_running_job_delivered(world, tmp_path):
    await world.stop_bot()
    bot = await start(str(ROOT / "bot.py"), cwd=tmp_path, **world.environment | {"GRACE": "25"})
    await world.get("/control/wait", **{"for": "ready"}, timeout="30")
    files = {"image": ("large.png", noise_png(1500, 1500))}  # large enough to be spilled
    first = await world.ada.run("edit", prompt="make it night", files=files)
    assert len((await first.result()).pictures) == 1
    await world.spool_is_empty()
    await world.set_api(delay=0.5)
    asked = await world.ada.imagine(prompt="a red fox in snow")
    await world.api_is_asked(2)
    bot.send_signal(signal.SIGINT)
    async with asyncio.timeout(30):
        _, errors = await bot.communicate()
    assert (bot.returncode, "Traceback" in errors.decode()) == (0, False), errors.decode()
    assert "can't limit the memory" in errors.decode()
    assert len((await asked.result()).pictures) == 1, errors.decode()


async def test_check_and_the_command_line_work(world, tmp_path):
    settings = world.environment
    check = await start(str(ROOT / "bot.py"), "--check", cwd=tmp_path, **settings)
    output, errors = await check.communicate()
    assert (check.returncode, errors) == (0, b""), output.decode() + errors.decode()
    line = await start("seedream", "--out", str(tmp_path / "pictures"), "a red fox", cwd=tmp_path, **settings)
    output, errors = await line.communicate()
    assert line.returncode == 0, errors.decode()
    assert len(list((tmp_path / "pictures").iterdir())) == 1


@pytest.mark.parametrize("module", ["sandbox.discord", "sandbox.seedream"])
async def test_ctrl_c_ends_the_local_servers(tmp_path, module):
    server = await start(module, cwd=tmp_path)
    assert json.loads(await server.stdout.readline())
    server.send_signal(signal.SIGINT)
    async with asyncio.timeout(30):
        _, errors = await server.communicate()
    assert (server.returncode, errors) == (0, b"")


async def test_the_demo_shows_a_picture_and_ends_its_bot(tmp_path):
    command = "/imagine prompt:a red fox in snow"
    demo = await start(str(ROOT / "bot.py"), "--sandbox", "--once", command, cwd=tmp_path)
    output, errors = await demo.communicate()
    assert (demo.returncode, errors) == (0, b""), output.decode() + errors.decode()
    assert len(list((tmp_path / "out").iterdir())) == 1
