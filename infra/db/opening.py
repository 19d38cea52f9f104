"""Opens the database for work, or says in a line for the operator why that can't be."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from alembic.util import CommandError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from infra.db.engine import POSTGRESQL, close_engine, file_of, has_older_tables, migrate, open_database, try_file
from infra.db.errors import explain
from infra.db.leases import touch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine

# SQL_ASCII keeps whatever it gets.
_ENCODINGS = {"UTF8", "SQL_ASCII"}


class UnusableDatabaseError(Exception):
    """The text says why, and what to do."""


class OlderTablesError(Exception):
    """The tables are an older version's. The text says what to do."""


@asynccontextmanager
async def usable_database(url: str, *, upgrade: bool = True) -> AsyncIterator[AsyncEngine]:
    """Open the database, bring its tables up to date, and write something.

    With `upgrade` unset, tables of an older version are left alone: a bot may be working with them.

    Raises: UnusableDatabaseError, OlderTablesError.
    """
    try:
        if file := file_of(url):
            try_file(file)
        engine = await open_database(url)
    except (SQLAlchemyError, OSError) as error:
        raise UnusableDatabaseError(explain(error, url)) from error
    try:
        try:
            if not upgrade and await has_older_tables(engine):
                raise OlderTablesError(
                    "the tables are of an older version; the start brings them up to date, so make a backup first"
                )
            await migrate(engine)
            await _try_encoding(engine)
            await touch(engine)
        except (SQLAlchemyError, CommandError, OSError) as error:
            raise UnusableDatabaseError(explain(error, url)) from error
        yield engine
    finally:
        await close_engine(engine)


async def _try_encoding(engine: AsyncEngine) -> None:
    """Make sure that every language can be written. Raises: UnusableDatabaseError."""
    if engine.dialect.name != POSTGRESQL:
        return
    async with engine.connect() as connection:
        encoding = (await connection.execute(text("SHOW server_encoding"))).scalar_one()
    if encoding not in _ENCODINGS:
        raise UnusableDatabaseError(
            f"DATABASE_URL: the database can't be used: its encoding is {encoding}, which lacks most languages. "
            "Create another with: CREATE DATABASE ... TEMPLATE template0 ENCODING 'UTF8'"
        )
