"""A local world for each test; every exchange with the local Discord is held against Discord's OpenAPI document."""

from __future__ import annotations

import pytest

from sandbox.discord.server import LocalDiscord
from sandbox.seedream.server import LocalSeeDream
from tests.support.witness import Witness
from tests.support.world import World


@pytest.fixture
async def world(tmp_path):
    witness = Witness()
    async with (
        LocalSeeDream() as seedream,
        LocalDiscord(**witness.seeing) as discord,
        World(discord, seedream, tmp_path) as world,
    ):
        yield world
    witness.judge()
