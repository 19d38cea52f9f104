"""The image, held against the bot: its files, its settings, its health check."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys

import pytest

from infra.config.settings import DEFAULT_WEB_PORT, NAMES
from infra.web.is_healthy import health_address
from infra.web.metrics import Metrics
from infra.web.server import WebServer
from tests.deploy.shipped import (
    ROOT,
    image_environment,
    instructions,
)


def test_the_image_holds_all_that_the_bot_is_made_of_and_the_context_nothing_more():
    copied = {source for line in instructions("COPY") if "--from" not in line for source in line.split()[:-1]}
    ours = {"bot.py", "assembly.py", "requirements.txt", *(path.parent.name for path in ROOT.glob("*/__init__.py"))}
    assert copied == ours - {"sandbox", "tests"}
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == copied


def test_the_image_sets_what_the_bot_knows_and_runs_it_as_nobody_of_note():
    own = image_environment().keys() - {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "MPLCONFIGDIR"}
    assert own == {"WEB_HOST", "WEB_PORT"} <= set(NAMES)
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", instructions("USER")[-1])
    assert json.loads(instructions("CMD")[-1]) == ["python", "bot.py"]
    assert instructions("EXPOSE") == [image_environment()["WEB_PORT"]]


def test_the_image_has_the_python_of_the_tests():
    wanted = {line.split(":")[1].split("-")[0] for line in instructions("FROM")}
    assert wanted == {"3.11"}
    assert 'python_version = "3.11"' in (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("up", [True, False])
async def test_the_image_is_healthy_while_the_web_server_answers(up):
    command = json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2])
    async with WebServer("127.0.0.1", 0, metrics=Metrics(lambda: 0.0), probes={}) as web:
        port = web.url.rpartition(":")[2]
    async with WebServer("127.0.0.1", int(port) if up else 0, metrics=Metrics(lambda: 0.0), probes={}):
        code = await exit_code([sys.executable, *command[1:]], WEB_PORT=port)
    assert (code == 0) is up


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({"WEB_PORT": "9000"}, "http://127.0.0.1:9000/healthz"),
        ({"WEB_PORT": "8080", "WEB_HOST": "0.0.0.0"}, "http://127.0.0.1:8080/healthz"),  # noqa: S104 - as in the image
        ({"WEB_PORT": "8080", "WEB_HOST": "::"}, "http://[::1]:8080/healthz"),
        ({"WEB_PORT": "8080", "WEB_HOST": "172.17.0.2"}, "http://172.17.0.2:8080/healthz"),
        ({"WEB_PORT": "", "PUBLIC_URL": "https://bot.example"}, f"http://127.0.0.1:{DEFAULT_WEB_PORT}/healthz"),
        ({"WEB_PORT": ""}, None),
        ({"WEB_PORT": "0"}, None),
        ({}, None),
    ],
)
def test_the_image_asks_where_the_settings_let_the_web_server_listen(settings, address):
    assert health_address(settings) == address


@pytest.mark.parametrize("port", ["", "0"])
async def test_the_image_is_healthy_without_a_web_server_to_ask(port):
    command = json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2])
    assert await exit_code([sys.executable, *command[1:]], WEB_PORT=port) == 0


async def exit_code(command: list[str], **environ: str) -> int:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=os.environ | environ, stderr=asyncio.subprocess.DEVNULL
    )
    return await process.wait()
