"""A local world for each test; every exchange with the local Discord is held against Discord's OpenAPI document."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from sandbox.discord.server import LocalDiscord
from sandbox.seedream.server import LocalSeeDream
from tests.support.bots import BotProcess
from tests.support.ports import free_port
from tests.support.witness import Witness
from tests.support.world import World


@asynccontextmanager
async def a_world(folder, bot=None, api=None, **environment):
    """`bot`: how it is run; a task unless told otherwise. `api`: settings of the local SeeDream.

    `environment`: further settings of the bot. Nothing limits what it makes unless they do.
    """
    environment = {"OPERATOR_DAILY_LIMIT": "unlimited"} | environment
    witness = Witness()
    async with (
        LocalSeeDream(**(api or {})) as seedream,
        LocalDiscord(**witness.seeing) as discord,
        World(discord, seedream, folder, bot, **environment) as world,
    ):
        yield world
    witness.judge()


@pytest.fixture
async def world(tmp_path):
    async with a_world(tmp_path) as world:
        yield world


@pytest.fixture
async def guide_world(tmp_path):
    """Its SeeDream is the guide's, which has the 3.0 models."""
    async with a_world(tmp_path, api={"profile": "guide"}) as world:
        yield world


@pytest.fixture
async def polling_world(tmp_path):
    """Its provider documents tasks, so a single picture is looked up."""
    async with a_world(tmp_path, SEEDREAM_PROVIDER="acedata") as world:
        yield world


def public_address():
    """Settings by which the service can post what it makes."""
    port = free_port()
    return {"PUBLIC_URL": f"http://127.0.0.1:{port}", "WEB_PORT": str(port), "SECRET_KEY": "k" * 32}


@pytest.fixture
async def reachable_world(tmp_path):
    """Its bot has a public address."""
    async with a_world(tmp_path, **public_address()) as world:
        yield world


@pytest.fixture
async def narrow_world(tmp_path):
    """Its bot makes one job at a time."""
    async with a_world(tmp_path, MAX_IN_FLIGHT="1") as world:
        yield world


@pytest.fixture
async def narrow_reachable_world(tmp_path):
    async with a_world(tmp_path, MAX_IN_FLIGHT="1", **public_address()) as world:
        yield world


@pytest.fixture
async def mortal_world(tmp_path):
    """Its bot is a process, which can be killed."""
    async with a_world(tmp_path, BotProcess(tmp_path / "bot.log")) as world:
        yield world


@pytest.fixture
async def polling_mortal_world(tmp_path):
    """Its provider documents tasks besides."""
    async with a_world(tmp_path, BotProcess(tmp_path / "bot.log"), SEEDREAM_PROVIDER="acedata") as world:
        yield world


@pytest.fixture
async def narrow_mortal_world(tmp_path):
    """It makes one job at a time."""
    async with a_world(tmp_path, BotProcess(tmp_path / "bot.log"), MAX_IN_FLIGHT="1") as world:
        yield world


@pytest.fixture
async def reachable_mortal_world(tmp_path):
    """It has a public address."""
    async with a_world(tmp_path, BotProcess(tmp_path / "bot.log"), **public_address()) as world:
        yield world
