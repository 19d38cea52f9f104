"""docker-compose.yml, held against the bot: settings, shards, times, addresses, rights."""

from __future__ import annotations

import math
import re

import asyncpg
import pytest
from sqlalchemy import text

from infra.config.loading import load_settings
from infra.config.settings import NAMES
from infra.db.engine import migrate, open_engine
from infra.db.identify import TURN_SECONDS
from infra.db.postgresql import POOL_OVERFLOW, POOL_SIZE
from tests.deploy.shipped import (
    ENDING_SECONDS,
    REQUIRED,
    ROOT,
    SECRETS,
    image_environment,
    instructions,
    seconds,
)
from tests.support.postgresql import PostgreSQL


@pytest.fixture
def processes(compose):
    """The settings of each process of the bot."""
    services = [one for one in compose["services"].values() if one["image"] == "seedream-bot"]
    given = [SECRETS | image_environment() | one["environment"] for one in services]
    return [load_settings(None, {name: one[name] for name in one if name in NAMES}) for one in given]


def test_composes_processes_have_settings_that_are_taken_and_no_others(compose):
    for service in compose["services"].values():
        if service["image"] == "seedream-bot":
            assert service["environment"].keys() - {"PGPASSWORD"} <= set(NAMES)
            assert service["env_file"] == ".env"


def test_composes_processes_serve_every_shard_once_on_one_database(processes):
    assert len(processes) >= 2
    (count,) = {one.shard_count for one in processes}
    assert sorted(shard for one in processes for shard in one.shard_ids) == list(range(count))
    assert len({one.database_url for one in processes}) == 1
    assert all(one.listens_at for one in processes)


def test_compose_gives_running_jobs_their_time_and_starts_after_the_database(compose, processes):
    for service in compose["services"].values():
        if service["image"] == "seedream-bot":
            assert seconds(service["stop_grace_period"]) > processes[0].grace + ENDING_SECONDS
            assert service["depends_on"] == {"postgres": {"condition": "service_healthy"}}
            assert service["restart"] == "unless-stopped"
            assert service["read_only"] is True
    assert compose["services"]["postgres"]["healthcheck"]["test"][1] == "pg_isready"


def test_compose_publishes_nothing_but_the_web_server_for_callbacks(compose):
    assert {name for name, one in compose["services"].items() if "ports" in one} == {"caddy"}
    assert compose["services"]["caddy"]["profiles"] == ["callbacks"]
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text()
    proxied = re.search(r"handle /callbacks/\* \{\s+reverse_proxy ([^{]+)\{", caddyfile)[1].split()
    bots = [name for name, one in compose["services"].items() if one["image"] == "seedream-bot"]
    assert proxied == [f"{name}:{image_environment()['WEB_PORT']}" for name in bots]


def test_composes_volumes_and_the_images_folder_are_the_ones_that_are_used(compose, processes):
    used = {
        volume.split(":")[0] for one in compose["services"].values() for volume in one["volumes"] if volume[0] != "."
    }
    assert used == compose["volumes"].keys()
    assert {f"/app/{one.data_dir}" for one in processes} == set(instructions("VOLUME"))


def test_the_arithmetic_that_is_told_is_the_codes():
    told = (ROOT / "docs" / "operating.md").read_text()
    most = POOL_SIZE + POOL_OVERFLOW
    told = " ".join(told.split())
    assert f"keeps {POOL_SIZE} connections open and uses up to {most}." in told
    assert f"PostgreSQL's default of 100 connections is enough for {100 // most} processes" in told
    assert f"the last of 16 shards is ready after {math.ceil(16 * TURN_SECONDS / 10) * 10} s" in told
    in_flight = load_settings(None, {name: SECRETS[name] for name in REQUIRED}).max_in_flight
    assert f"{in_flight} ÷ 15 s are {int(in_flight / 15 * 36) * 100:,} an hour" in told


async def test_composes_bot_owns_its_database_and_may_do_nothing_else(compose):
    service = compose["services"]["postgres"]
    (script,) = (one.split(":")[0] for one in service["volumes"] if ":/docker-entrypoint-initdb.d/" in one)
    assert service["environment"].keys() == {"POSTGRES_PASSWORD"}
    asked = text(
        "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls FROM pg_roles"
        " WHERE rolname = current_user"
    )
    with PostgreSQL(owner="postgres") as server:
        server.run_file(ROOT / script, **service["environment"])
        url = server.url("bot", user="bot")
        engine = open_engine(url)
        await migrate(engine)
        async with engine.connect() as connection:
            assert not await connection.scalar(asked)
        await engine.dispose()
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(server.url("postgres").replace("+asyncpg", ""), ssl=False)
