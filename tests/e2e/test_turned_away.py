"""Cloudflare in front of Discord turns the bot away: with a web page, for as long as it likes."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from sandbox.discord.server import LocalDiscord
from tests.check.test_network import another_host
from tests.e2e.test_program import ROOT, run
from tests.e2e.test_web import is_answered, running_bot, settings_of
from tests.support.ports import free_port

PAGE = (
    '<!DOCTYPE html>\n<html lang="en-US">\n<head><title>Access denied | discord.com</title></head>\n'
    "<body><h1>Error 1015</h1></body></html>"
)


class Cloudflare:
    """Passes requests on to the local Discord, but those whose turn it is to be refused.

    refusals: (status, Retry-After or None) of the next answers.
    """

    def __init__(self, discord: LocalDiscord) -> None:
        self._discord = discord
        self.asked: list[str] = []
        self.refusals: list[tuple[int, str | None]] = []
        self.refused_path = ""
        self.page, self.page_type = PAGE, "text/html; charset=utf-8"

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        if self.refusals and request.path.endswith(self.refused_path):
            status, after = self.refusals.pop(0)
            headers = {"Content-Type": self.page_type} | ({"Retry-After": after} if after is not None else {})
            return web.Response(status=status, body=self.page, headers=headers)
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        url = f"{self._discord.url}{request.path_qs}"
        async with aiohttp.request(request.method, url, headers=headers, data=await request.read()) as answer:
            return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)


@pytest.fixture
async def cloudflare():
    async with LocalDiscord() as discord:
        front = Cloudflare(discord)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", front.answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        front.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
        try:
            yield front
        finally:
            await runner.cleanup()


@asynccontextmanager
async def bot_behind(front, tmp_path):
    settings = settings_of(front._discord, tmp_path, DISCORD_API_URL=front.url, WEB_PORT=str(free_port()))
    async with running_bot(settings) as session:
        yield session


@pytest.mark.parametrize(
    ("path", "status", "after"),
    [("", 429, "0"), ("/gateway/bot", 429, "0"), ("/applications/@me", 429, "0"), ("", 503, None), ("", 403, None)],
)
async def test_the_bot_waits_and_then_serves(cloudflare, tmp_path, caplog, monkeypatch, path, status, after):
    monkeypatch.setattr("cogs.delivery.outage.FAULT_SECONDS", (0.0,))
    monkeypatch.setattr("cogs.delivery.outage.BLOCK_SECONDS", 0.0)
    monkeypatch.setattr("cogs.delivery.outage._MARGIN_SECONDS", 0.3)
    cloudflare.refused_path, cloudflare.refusals = path, [(status, after)]
    with caplog.at_level(logging.WARNING):
        async with bot_behind(cloudflare, tmp_path) as session:
            await is_answered(session, "/readyz", 200)
    assert cloudflare.refusals == []
    [line] = [record.getMessage() for record in caplog.records if "The bot waits" in record.getMessage()]
    assert f"({status})" in line
    assert "UTC" in line


async def test_for_an_hour_it_sends_nothing_is_not_ready_and_ends_at_once(cloudflare, tmp_path, caplog):
    cloudflare.refusals = [(429, "3600")] * 99
    with caplog.at_level(logging.WARNING):
        async with bot_behind(cloudflare, tmp_path) as session:
            async with asyncio.timeout(30):
                while "The bot waits" not in caplog.text:  # noqa: ASYNC110 - a log tells nobody
                    await asyncio.sleep(0)
            states = await is_answered(session, "/readyz", 503)
            started = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - started < 5
    assert '"gateway": "failed"' in states
    assert len(cloudflare.asked) == 1


async def test_the_process_ends_with_0_by_a_signal_while_it_waits(cloudflare, tmp_path):
    cloudflare.refusals = [(429, "3600")] * 99
    environ = {
        "DISCORD_TOKEN": "a.b.c",
        "SEEDREAM_API_KEY": "some-key",
        "DISCORD_API_URL": cloudflare.url,
        "ALLOW_LOCAL_URLS": "true",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "bot.py"), cwd=tmp_path, env=environ, stderr=asyncio.subprocess.PIPE
    )
    line = ""
    async with asyncio.timeout(30):
        while "outage" not in line:
            line = (await process.stderr.readline()).decode()
    assert "Discord turns this machine's IP address away for too many requests (429). The bot waits" in line
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(10):
        said = (await process.communicate())[1].decode().splitlines()
    assert [line for line in said if " stopp" not in line] == []
    assert process.returncode == 0
    assert len(cloudflare.asked) == 1


def environ_of(front, address):
    return {
        "DISCORD_TOKEN": front._discord.token,
        "SEEDREAM_API_KEY": "some-key",
        "DISCORD_API_URL": address,
        "SEEDREAM_BASE_URL": "http://127.0.0.1:9",
        "ALLOW_LOCAL_URLS": "true",
    }


UNREADABLE = "Discord's answer can't be read ("
IN_PLACE_OF_DISCORD = [
    (PAGE, "text/html; charset=utf-8", "text/html; charset=utf-8 came in place of JSON: a login page"),
    *((answer, "application/json", UNREADABLE) for answer in ("{}", "null", '"ok"', "{")),
]


@pytest.mark.parametrize("mode", [[], ["--check"]], ids=["start", "check"])
@pytest.mark.parametrize("path", ["/users/@me", "/gateway/bot", "/applications/@me"])
@pytest.mark.parametrize(("page", "kind", "said"), IN_PLACE_OF_DISCORD)
async def test_what_answers_in_place_of_discord_is_one_line(cloudflare, tmp_path, path, mode, page, kind, said):
    cloudflare.refused_path, cloudflare.refusals = path, [(200, None)] * 99
    cloudflare.page, cloudflare.page_type = page, kind
    code, output, errors = await run(*mode, cwd=tmp_path, **environ_of(cloudflare, cloudflare.url))
    assert code == 1
    assert said in output + errors
    assert "or DISCORD_API_URL is wrong" in output + errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("mode", [[], ["--check"]], ids=["start", "check"])
async def test_a_certificate_that_is_not_discords_is_called_so(cloudflare, tmp_path, mode):
    async with another_host() as address:
        code, output, errors = await run(*mode, cwd=tmp_path, **environ_of(cloudflare, f"{address}/api/v10"))
    assert code == 1
    assert "the certificate isn't the service's (self-signed certificate" in output + errors
    assert UNREADABLE not in output + errors
    assert "Traceback" not in errors


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (429, "Discord is rate limiting this IP address (429"),
        (403, "Cloudflare blocks"),
        (503, "Discord has a problem"),
    ],
)
async def test_the_check_says_it_in_a_line_without_the_page(cloudflare, tmp_path, status, said):
    cloudflare.refusals = [(status, "3600")] * 99
    environ = {
        "DISCORD_TOKEN": "a.b.c",
        "SEEDREAM_API_KEY": "some-key",
        "DISCORD_API_URL": cloudflare.url,
        "SEEDREAM_BASE_URL": "http://127.0.0.1:9",
        "ALLOW_LOCAL_URLS": "true",
    }
    code, output, errors = await run("--check", cwd=tmp_path, **environ)
    assert (code, errors) == (1, "")
    [row] = [line for line in output.splitlines() if line.startswith("discord ")]
    assert said in row
    assert "<" not in row
