"""A restored backup, treated as docs/operating.md says: what was under way is not made, and not paid for, again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import text

from infra.db.engine import transaction
from infra.stores.jobs import SqlJobStore
from studio.jobs.states import JobState
from tests.support.jobs import a_job, charge_of

STATEMENTS = Path(__file__).parents[3] / "deploy" / "restored.sql"


@pytest.fixture
def statements():
    return [one.strip() for one in re.sub("--.*", "", STATEMENTS.read_text()).split(";") if one.strip()]


async def test_a_job_that_waited_in_the_backup_is_neither_made_nor_charged_after_the_restore(engine, statements):
    store = SqlJobStore(engine)
    job = a_job()
    await store.insert(job, charge_of(job))
    async with transaction(engine) as connection:
        for statement in statements:
            await connection.execute(text(statement))
    assert await store.claim("the process after the restore") == []
    assert (await store.get(job.id)).state is JobState.CANCELLED
    async with engine.connect() as connection:
        (charge,) = await connection.execute(text("SELECT images, settled FROM charges"))
    assert (charge.images, bool(charge.settled)) == (0, True)
