"""What the tests of the local Discord share."""

from __future__ import annotations

import aiohttp
import pytest

from sandbox.discord.server import LocalDiscord
from tests.sandbox.discord_bot import COMMAND, Bot
from tests.support.witness import Witness


@pytest.fixture
async def bot():
    """A bare bot with a command; all that passes is held against Discord's OpenAPI."""
    witness = Witness()
    async with LocalDiscord(**witness.seeing) as discord, aiohttp.ClientSession() as http:
        bot = Bot(discord, http)
        status, _ = await bot.call("PUT", f"/applications/{bot.id}/commands", json=[COMMAND])
        assert status == 200
        yield bot
    witness.judge()
