"""Servers' settings in the database: changed with the audit log, one admin after the other, and remembered."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import DBAPIError

import infra.stores.guilds
from infra.db.engine import open_engine
from infra.db.tables import GUILD_SETTINGS
from infra.stores.audit import entries
from infra.stores.guilds import SqlGuildStore
from studio.guilds.audit import Admin, AuditEntry
from studio.guilds.changes import with_list
from studio.guilds.settings import GuildSettings, InvalidSettingError

ADA, BEN = Admin(7, 1), Admin(7, 2)


@pytest.fixture
def store(engine):
    return SqlGuildStore(engine, lambda: 100.0)


@pytest.fixture
async def other_engine(migrated_url):
    """Of another process."""
    engine = open_engine(migrated_url)
    yield engine
    await engine.dispose()


@contextmanager
def statements(engine):
    told = []
    listen = lambda *given: told.append(given[2])  # noqa: E731
    event.listen(engine.sync_engine, "before_cursor_execute", listen)
    yield told
    event.remove(engine.sync_engine, "before_cursor_execute", listen)


def to(**changes):
    return lambda settings: settings.changed(**changes)


async def kept(engine):
    async with engine.connect() as connection:
        return dict(tuple(row) for row in await connection.execute(select(GUILD_SETTINGS)))


async def test_a_server_that_set_nothing_has_the_defaults(store):
    assert await store.of(7) == GuildSettings()


async def test_a_change_is_read_again_and_told_with_its_entry(store, engine):
    settings, told = await store.change(ADA, to(time_zone="Europe/Berlin", private=True))
    assert settings == GuildSettings(time_zone="Europe/Berlin", private=True) == await store.of(7)
    written = {"server_id": 7, "at": 100.0, "by_user_id": 1, "action": "setting"}
    assert told == [
        AuditEntry(**written, target="private", before="off", after="on"),
        AuditEntry(**written, target="time_zone", before="UTC", after="Europe/Berlin"),
    ]
    found = await entries(engine, 7)
    assert [(one.target, one.before, one.after) for one in found] == [
        ("time_zone", "UTC", "Europe/Berlin"),
        ("private", "off", "on"),
    ]
    assert await store.recent(7, 1) == found[:1]


async def test_servers_have_nothing_of_each_other(store):
    await store.change(ADA, to(private=True))
    assert await store.of(8) == GuildSettings()
    assert await store.recent(8, 5) == []


async def test_what_changes_nothing_writes_nothing(store, engine):
    changed = []
    store._changed = changed.append
    await store.change(ADA, to(private=True))
    await store.change(BEN, to(private=True))
    assert len(await entries(engine, 7)) == 1
    assert changed == [7]


async def test_what_is_refused_changes_nothing(store, engine):
    await store.change(ADA, to(private=True))
    with pytest.raises(InvalidSettingError):
        await store.change(ADA, to(private=False, banned=frozenset({0})))
    assert await store.of(7) == GuildSettings(private=True)
    assert len(await entries(engine, 7)) == 1


async def test_what_cannot_be_audited_is_not_changed(store, engine):
    await store.change(ADA, to(private=True))
    async with engine.connect() as connection:
        await connection.execute(text("DROP TABLE audit"))
    with pytest.raises(DBAPIError):
        await store.change(ADA, to(private=False))
    assert await kept(engine) == {7: '{"private": true}'}
    assert (await store.of(7)).private


async def test_many_admins_at_once_lose_nothing_of_each_other(store, engine, other_engine):
    other = SqlGuildStore(other_engine, lambda: 101.0)
    await asyncio.gather(
        *(
            one.change(admin, partial(with_list, name="banned", added=[number]))
            for number in range(1, 26)
            for one, admin, number in ((store, ADA, number), (other, BEN, 100 + number))
        )
    )
    fresh = SqlGuildStore(engine, lambda: 102.0)
    assert (await fresh.of(7)).banned == {*range(1, 26), *range(101, 126)}
    assert len(await entries(engine, 7, most=100)) == 50


async def test_what_was_read_costs_no_further_query(store, engine):
    await store.of(7)
    with statements(engine) as told:
        for _ in range(100):
            await store.of(7)
    assert told == []


async def test_of_many_who_ask_at_once_one_reads(store, engine):
    with statements(engine) as told:
        await asyncio.gather(*(store.of(7) for _ in range(100)))
    assert len([one for one in told if "guild_settings" in one]) == 1


async def test_a_change_of_another_process_is_seen_after_a_moment(postgresql_url, postgresql_engine, monkeypatch):
    monkeypatch.setattr(infra.stores.guilds, "CACHE_SECONDS", 0.2)
    here = SqlGuildStore(postgresql_engine, lambda: 100.0)
    engine = open_engine(postgresql_url)
    there = SqlGuildStore(engine, lambda: 100.0)
    assert await here.of(7) == GuildSettings()
    await there.change(ADA, to(private=True))
    async with asyncio.timeout(10):
        while not (await here.of(7)).private:
            pass
    await engine.dispose()


async def test_a_read_that_is_overtaken_by_a_change_is_not_remembered(store, engine):
    """Whoever read before the change must not put what it was in the place of what it is."""
    reading = asyncio.create_task(store.of(7))
    changing = asyncio.create_task(store.change(ADA, to(private=True)))
    await asyncio.gather(reading, changing)
    assert (await store.of(7)).private


async def test_a_row_of_a_newer_version_is_read_as_far_as_it_is_known(store, engine):
    async with engine.connect() as connection:
        row = {"server_id": 7, "settings": '{"private": true, "hats": 3, "banned": [1, -2]}'}
        await connection.execute(insert(GUILD_SETTINGS).values(**row))
    assert await store.of(7) == GuildSettings(private=True, banned=frozenset({1}))
