"""The bot and the command line behind a proxy."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from urllib.parse import urlsplit

import pytest
from aiohttp import encode_basic_auth
from PIL import Image

from tests.e2e.conftest import a_world
from tests.e2e.test_program import ROOT
from tests.support.bots import BotProcess
from tests.support.proxies import HttpProxy

LOGIN = encode_basic_auth("me", "sesame-opens", "utf-8")


@pytest.mark.parametrize("variable", ["PROXY_URL", "http_proxy"])
async def test_everything_goes_through_the_proxy(tmp_path, variable):
    async with HttpProxy(login=LOGIN) as proxy:
        log = tmp_path / "bot.log"
        address = proxy.url.replace("//", "//me:sesame-opens@")
        async with a_world(tmp_path, BotProcess(log), **{variable: address, "LOG_LEVEL": "DEBUG"}) as world:
            picture = io.BytesIO()
            Image.new("RGB", (600, 600), "red").save(picture, "PNG")
            await world.ada.imagine_to_end(prompt="a fox")
            await (
                await world.ada.run("edit", prompt="at night", files={"image": ("a.png", picture.getvalue())})
            ).ended()
            discord, api = urlsplit(world._discord.url).netloc, urlsplit(world._seedream.url).netloc
        for part in (f"{discord}/api/v10/", f"{discord}/gateway", f"{api}/seedream/", f"{api}/files/", "/a.png"):
            assert proxy.passed(part), part
    assert "sesame-opens" not in log.read_text()


async def test_a_proxy_that_goes_away_and_comes_back_is_survived(tmp_path):
    log = tmp_path / "bot.log"
    async with HttpProxy() as proxy, a_world(tmp_path, BotProcess(log), PROXY_URL=proxy.url) as world:
        await world.ada.imagine_to_end(prompt="a fox")
        proxy.refuse = 502
        await proxy.cut()
        async with asyncio.timeout(30):
            while "Attempting a reconnect" not in log.read_text():  # noqa: ASYNC110 - a log tells nobody
                await asyncio.sleep(0)
        proxy.refuse = None
        await world.bot_is_back()
        await world.ada.imagine_to_end(prompt="a hare")
    assert "Traceback" not in log.read_text()
    assert "127.0.0.1 answered 502 in place of a websocket" in log.read_text()


async def test_a_socks_proxy_is_refused_in_words(tmp_path, world):
    for variable in ("PROXY_URL", "ALL_PROXY"):
        environ = {"PATH": os.environ["PATH"], **world.environment, variable: "socks5://127.0.0.1:1080"}
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / "bot.py"), cwd=tmp_path, env=environ, stderr=asyncio.subprocess.PIPE
        )
        errors = (await process.communicate())[1].decode()
        assert process.returncode == 2
        assert errors.startswith(variable)
        assert "SOCKS proxy" in errors


async def test_the_command_line_uses_it_too(tmp_path, world):
    async with HttpProxy() as proxy:
        environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "SEEDREAM_API_KEY": world.environment["SEEDREAM_API_KEY"],
            "SEEDREAM_BASE_URL": world.environment["SEEDREAM_BASE_URL"],
            "http_proxy": proxy.url,
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "seedream", "a fox", cwd=tmp_path, env=environ, stdout=-1, stderr=-1
        )
        output, errors = await process.communicate()
    assert process.returncode == 0, errors
    assert output.strip()
    assert proxy.passed("/seedream/images")
    assert proxy.passed("/files/")
