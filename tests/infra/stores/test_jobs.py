"""Job rows in a real database."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from functools import reduce

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from infra.db.engine import migrate, open_engine
from infra.db.tables import JOBS, METADATA
from infra.stores.jobs import SqlJobStore
from infra.stores.preferences import SqlPreferenceStore
from infra.stores.synced_commands import SqlSyncedCommands
from studio.jobs.advance import advance
from studio.jobs.events import Broke, Posted, Shown, Started, Submitted
from studio.jobs.job import Parent, PictureSource, Verb
from studio.jobs.states import Failure, Path, Reason
from studio.members.preferences import Preferences
from tests.support.jobs import MESSAGE, ORIGIN, a_job, an_attachment, arrived, charge_of, posted
from tests.support.layers import a_layer, in_layers


@pytest.fixture
def store(engine):
    return SqlJobStore(engine)


async def test_a_job_comes_back_as_it_was_put_in(store):
    job = a_job(prompt="狐狸 🦊 'quoted'", group=3, images=("https://cdn.example/a.png",))
    await store.insert(job, charge_of(job))
    assert await store.get(job.id) == job


async def test_what_a_job_came_from_comes_back_with_it(store):
    parent = Parent(verb=Verb.EDIT, link="https://discord.com/channels/1/2/3", job_id="parent")
    sources = (PictureSource(channel_id=2, message_id=3, age_restricted=True), None)
    origin = replace(ORIGIN, age_restricted=True)
    job = replace(a_job(place=4), origin=origin, parent=parent, sources=sources, note="Picture 1 of 4.", spoiler=True)
    await store.insert(job, charge_of(job))
    assert await store.get(job.id) == job


async def test_a_job_that_discord_has_made_private_stays_so(store):
    job = a_job()
    await store.insert(job, charge_of(job))
    private = advance(job, Posted(replace(MESSAGE, ephemeral=True)))
    await store.save(private, previous=job)
    assert (await store.get(job.id)).origin.private


async def test_layers_and_their_archive_come_back_with_a_job(store):
    job = in_layers(a_layer("fox", 1, description="a red fox"), a_layer("", 0), None)
    message = replace(MESSAGE, archive=an_attachment(9))
    job = advance(job, Shown(job.version, (message,), {0: an_attachment(0)}))
    await store.insert(job, charge_of(job))
    assert await store.get(job.id) == job


async def test_a_row_from_before_there_were_layers_is_read(store, engine):
    job = reduce(advance, (posted(), Started(Path.STREAM, 1.0), arrived(0)), a_job())
    await store.insert(job, charge_of(job))
    async with engine.connect() as connection:
        row = (await connection.execute(select(JOBS.c.images, JOBS.c.messages))).one()
        (image,), (message,) = map(json.loads, row)
        del image["layer"], message["archive"], message["ephemeral"]
        older = {"images": json.dumps([image]), "messages": json.dumps([message])}
        await connection.execute(update(JOBS).values(older))
    assert await store.get(job.id) == job


async def test_what_a_member_chose_last_is_remembered_until_it_is_forgotten(engine):
    preferences = SqlPreferenceStore(engine)
    assert await preferences.of(4) == Preferences()
    for chosen in (Preferences(model="a", size="2K", ratio="3:2"), Preferences(size="4K")):
        await preferences.remember(4, chosen)
        assert await preferences.of(4) == chosen
    assert await preferences.of(5) == Preferences()
    await preferences.forget(4)
    assert await preferences.of(4) == Preferences()


async def test_of_many_choices_of_a_member_at_once_one_is_remembered_whole(engine):
    choices = [Preferences(model=f"{number}", size=f"{number}K", ratio=None) for number in range(20)]
    preferences = SqlPreferenceStore(engine)
    await asyncio.gather(*(preferences.remember(4, chosen) for chosen in choices))
    assert await preferences.of(4) in choices


async def test_a_job_with_all_that_happened_to_it_comes_back_whole(store):
    job = a_job(group=2)
    await store.insert(job, charge_of(job))
    events = (posted(), Started(Path.STREAM, 1.0), Submitted("task", "trace"), arrived(0))
    changed = reduce(advance, events, job)
    changed = advance(changed, Shown(changed.version, (MESSAGE,), {0: an_attachment()}))
    changed = advance(changed, Broke(Failure(reason=Reason.CUT, detail="cut"), 3.0))
    assert await store.save(changed, previous=job)
    assert await store.get(job.id) == changed


async def test_the_second_of_two_writers_is_refused(store):
    job = a_job()
    await store.insert(job, charge_of(job))
    changed = advance(job, posted())
    assert await store.save(changed, previous=job)
    assert not await store.save(advance(job, Started(Path.PLAIN, 1.0)), previous=job)
    assert await store.get(job.id) == changed


async def test_of_many_writes_at_once_only_the_late_ones_are_refused(store):
    jobs = [a_job() for _ in range(50)]
    await asyncio.gather(*(store.insert(job, charge_of(job)) for job in jobs))
    late = set(range(0, 50, 7))
    saved = await asyncio.gather(
        *(
            store.save(advance(job, posted()), previous=replace(job, version=9 if n in late else 1))
            for n, job in enumerate(jobs)
        )
    )
    assert saved == [number not in late for number in range(50)]
    assert [(await store.get(job.id)).version for job in jobs] == [1 if n in late else 2 for n in range(50)]


async def test_of_many_inserts_at_once_only_the_one_that_cannot_be_fails(store):
    jobs = [a_job() for _ in range(5)]
    await store.insert(jobs[0], charge_of(jobs[0]))
    outcomes = await asyncio.gather(*(store.insert(job, charge_of(job)) for job in jobs), return_exceptions=True)
    assert [isinstance(one, IntegrityError) for one in outcomes] == [True, False, False, False, False]
    assert [await store.get(job.id) for job in jobs] == jobs


async def test_an_unknown_job_is_none(store):
    assert await store.get("nobody") is None


async def test_rows_outlive_the_process(database_url):
    job = a_job()
    for _ in range(2):
        engine = open_engine(database_url)
        await migrate(engine)
        if await SqlJobStore(engine).get(job.id) is None:
            await SqlJobStore(engine).insert(job, charge_of(job))
        await engine.dispose()
    engine = open_engine(database_url)
    assert await SqlJobStore(engine).get(job.id) == job
    await engine.dispose()


async def test_the_migrations_make_the_tables_that_the_code_uses(engine):
    def differences(connection):
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return compare_metadata(context, METADATA)

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_digest_of_commands_is_remembered_for_each_application_and_server(engine):
    synced = SqlSyncedCommands(engine)
    assert await synced.digests(1) == {}
    for server, digest in ((0, "a"), (0, "b"), (7, "c"), (8, "d"), (8, None)):
        await synced.remember(1, server, digest)
    assert await synced.digests(1) == {0: "b", 7: "c"}
    assert await synced.digests(2) == {}


async def test_a_job_is_found_by_its_first_message(store):
    job = a_job()
    await store.insert(job, charge_of(job))
    assert await store.shown_in(MESSAGE.id) is None
    await store.save(advance(job, Posted(MESSAGE)), previous=job)
    assert await store.shown_in(MESSAGE.id) == job.id
