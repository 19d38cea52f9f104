"""How stores reach the database: they wait while it can't be used for a moment, as writes do in `group_commit`."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from infra.db.engine import SQLITE, transaction
from infra.db.errors import brief, is_transient, retry_delay
from studio.errors import UnavailableError
from studio.patience import patience

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

    Opened = AbstractAsyncContextManager[AsyncConnection]

log = logging.getLogger(__name__)

LEAST_SECONDS = 1.0  # for a try, however late it is


@asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection whose every statement commits by itself. Raises: UnavailableError."""
    async with _waited_for(engine, engine.connect) as connection:
        yield connection


@asynccontextmanager
async def changing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction. Raises: UnavailableError."""
    async with _waited_for(engine, lambda: transaction(engine)) as connection:
        yield connection


@asynccontextmanager
async def _waited_for(engine: AsyncEngine, begin: Callable[[], Opened]) -> AsyncIterator[AsyncConnection]:
    """Only the beginning is tried again: what follows may have happened."""
    try:
        async with AsyncExitStack() as stack:
            yield await _begun(stack, engine, begin)
    except (SQLAlchemyError, OSError) as error:
        if not is_transient(error):
            raise
        raise UnavailableError(brief(error)) from error


async def _begun(stack: AsyncExitStack, engine: AsyncEngine, begin: Callable[[], Opened]) -> AsyncConnection:
    tries = 0
    while True:
        left = patience()
        try:
            # A connection to SQLite has a thread, which an interrupted try would leave behind.
            async with asyncio.timeout(None if engine.dialect.name == SQLITE else max(LEAST_SECONDS, left)):
                return await stack.enter_async_context(begin())
        except (SQLAlchemyError, OSError) as error:
            delay = retry_delay(tries)
            if not is_transient(error) or delay > left:
                raise
            log.log(logging.DEBUG if tries else logging.WARNING, "database unavailable, waiting: %s", brief(error))
        tries += 1
        await asyncio.sleep(delay)
