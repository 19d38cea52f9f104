"""What is tested on a database is tested on both."""

from __future__ import annotations

import asyncio

import pytest

from infra.db.engine import migrate, open_engine


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request):
    return request.param


@pytest.fixture
async def database_url(request, database, tmp_path):
    """The address of a database with nothing in it."""
    if database == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'folder' / 'bot.db'}"
        return
    async with request.getfixturevalue("postgresql").new_database() as url:
        yield url


@pytest.fixture
async def migrated_url(request, database, tmp_path):
    """The address of a database with all its tables."""
    if database == "sqlite":
        url = f"sqlite+aiosqlite:///{tmp_path / 'folder' / 'bot.db'}"
        await with_tables(url)
        yield url
        return
    async with request.getfixturevalue("postgresql").new_database(with_tables) as url:
        yield url


@pytest.fixture
async def engine(migrated_url):
    engine = open_engine(migrated_url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def postgresql_url(postgresql):
    """The address of a PostgreSQL database with all its tables."""
    async with postgresql.new_database(with_tables) as url:
        yield url


@pytest.fixture
async def postgresql_engine(postgresql_url):
    engine = open_engine(postgresql_url)
    yield engine
    await engine.dispose()


async def is_told(words, caplog):
    """Wait until it is logged."""
    async with asyncio.timeout(30):
        while words not in caplog.text:  # noqa: ASYNC110 - a log has no event to wait for
            await asyncio.sleep(0)


async def with_tables(url):
    engine = open_engine(url)
    await migrate(engine)
    await engine.dispose()
