"""Rows of earlier versions, brought to the tables of today."""

from __future__ import annotations

import json

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, update

from infra.db import engine
from infra.db.engine import migrate, transaction
from infra.db.tables import JOBS
from infra.stores.jobs import SqlJobStore
from studio.jobs.advance import advance
from studio.jobs.job import PictureSource
from tests.support.jobs import a_job, arrived, charge_of, posted
from tests.support.layers import a_layer, after, layer_arrived, layered_job

SINCE = {"ephemeral", "page", "shape", "plain", "age_restricted"}


def without_news(part):
    """What was written when nobody knew of these."""
    match part:
        case dict():
            return {name: without_news(value) for name, value in part.items() if name not in SINCE}
        case list():
            return [without_news(one) for one in part]
        case _:
            return part


def down(connection):
    config = Config()
    config.set_main_option("script_location", str(engine._MIGRATIONS))
    config.attributes["connection"] = connection
    command.downgrade(config, "0006")


async def as_in_0006(engine):
    async with transaction(engine) as connection:
        for row in (await connection.execute(select(JOBS.c.id, JOBS.c.messages, JOBS.c.sources))).all():
            old = {name: json.dumps(without_news(json.loads(getattr(row, name)))) for name in ("messages", "sources")}
            await connection.execute(update(JOBS).where(JOBS.c.id == row.id).values(**old))
        await connection.run_sync(down)


@pytest.fixture
def jobs():
    sources = (PictureSource(channel_id=2, message_id=3), None)
    running = after(layer_arrived(0, a_layer("fox", 1)), job=layered_job(sources=sources))
    return [running, advance(advance(a_job(group=2), posted()), arrived(0))]


async def test_jobs_that_were_being_made_in_0006_come_back_as_they_were(engine, jobs):
    store = SqlJobStore(engine)
    for job in jobs:
        await store.insert(job, charge_of(job))
    await as_in_0006(engine)
    await migrate(engine)
    assert [await store.get(job.id) for job in jobs] == jobs
