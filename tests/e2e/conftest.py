"""A local world for each test; every exchange with the local Discord is held against Discord's OpenAPI document."""

from __future__ import annotations

from functools import cache

import pytest

from sandbox.discord.server import LocalDiscord
from sandbox.seedream.server import LocalSeeDream
from tests.contract import Contract, find
from tests.support.world import World


@cache
def contract() -> Contract | None:
    path, _ = find()
    return Contract.load(path) if path else None


@pytest.fixture
async def world(tmp_path):
    exchanges = []
    async with (
        LocalSeeDream() as seedream,
        LocalDiscord(on_exchange=exchanges.append) as discord,
        World(discord, seedream, tmp_path) as world,
    ):
        yield world
    if judge := contract():
        violations = [violation for exchange in exchanges for violation in judge.check(exchange)]
        assert violations == []
