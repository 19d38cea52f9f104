"""Opens the database for work, or says in a line for the operator why that can't be."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from infra.db.engine import close_engine, file_of, has_older_tables, migrate, open_database, try_file
from infra.db.errors import explain
from infra.db.leases import touch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncEngine


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
            await touch(engine)
        except (SQLAlchemyError, CommandError, OSError) as error:
            raise UnusableDatabaseError(explain(error, url)) from error
        yield engine
    finally:
        await close_engine(engine)
