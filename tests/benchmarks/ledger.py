"""`make bench-ledger`: what a decision costs over a ledger of a million charges, on both databases.

The busiest server and its busiest member ask, and every kind of limit holds for them. *reserve* is all of a request:
reading, deciding, and the insert that checks once more. *overview* is what /quota reads. *first* is the first after a
start, when nothing of the ledger is remembered.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sqlite3
import sys
from contextlib import contextmanager
from dataclasses import astuple, fields
from itertools import accumulate
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy import insert, make_url

from infra.db.engine import migrate, open_engine
from infra.db.tables import CHARGES
from infra.stores.charges import reading, reserving
from studio.quota.decide import reserve, usage_queries
from studio.quota.ledger import Charge
from studio.quota.limits import EVERYONE, SERVER, Ceilings, Limit, LimitKind, Member
from tests.support.postgresql import OPTIONS, PostgreSQL
from tests.support.quota import ADMIN, NOW, SERVER_ID, Till

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.ext.asyncio import AsyncEngine

DAY = 86400.0
MOST = 1_000_000_000
CEILINGS = Ceilings(daily=MOST)
LIMITS = [
    *(Limit(EVERYONE, kind, MOST) for kind in (LimitKind.DAY, LimitKind.WEEK, LimitKind.MONTH)),
    *(Limit(SERVER, kind, MOST) for kind in (LimitKind.DAY, LimitKind.WEEK, LimitKind.MONTH)),
    Limit(EVERYONE, LimitKind.COOLDOWN, 1),
    Limit(EVERYONE, LimitKind.AT_ONCE, MOST),
    Limit(EVERYONE, LimitKind.IMAGES, 15),
]
BUSIEST = Member(user_id=10**18, server_id=SERVER_ID)  # ids are as long as real ones


def charges(arguments: argparse.Namespace) -> Iterator[tuple[object, ...]]:
    """Over so many days up to now. Of servers, and of members in them, the n-th asks a n-th as often as the first."""
    chance = random.Random(1)
    servers = [SERVER_ID + number for number in range(arguments.servers)]
    members = [BUSIEST.user_id + number for number in range(arguments.members)]
    server_weights, member_weights = (
        list(accumulate(1 / number for number in range(1, len(of) + 1))) for of in (servers, members)
    )
    for number in range(arguments.rows):
        charge = Charge(
            job_id=f"{number:012}",
            server_id=chance.choices(servers, cum_weights=server_weights)[0],
            user_id=chance.choices(members, cum_weights=member_weights)[0],
            at=NOW - DAY * arguments.days * (1 - number / arguments.rows),
            model="doubao-seedream-5.0-lite",
            price=1,
            images=chance.choice([0, 1, 1, 1, 1, 2, 4]),
            from_grants=int(chance.random() < 0.02),
            settled=True,
        )
        yield astuple(charge)


async def fill(url: str, arguments: argparse.Namespace) -> None:
    engine = open_engine(url)
    await migrate(engine)
    names = [one.name for one in fields(Charge)]
    if engine.dialect.name == "sqlite":
        with sqlite3.connect(make_url(url).database) as database:
            statement = str(insert(CHARGES).compile(dialect=engine.dialect))
            database.executemany(statement, charges(arguments))
    else:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        await connection.copy_records_to_table("charges", records=charges(arguments), columns=names)
        await connection.execute("VACUUM ANALYZE charges")
        await connection.close()
    await engine.dispose()


async def measure(url: str, arguments: argparse.Namespace) -> dict[str, list[float]]:
    """Milliseconds, of each time, the first one too."""
    engine = open_engine(url)
    till = Till(engine, CEILINGS)
    for limit in LIMITS:
        await till.quotas.set_limit(ADMIN, limit)
    times: dict[str, list[float]] = {"reserve": [], "overview": []}
    for number in range(1 + arguments.warm_up + arguments.times):
        till.now = NOW + number * 2  # past the cooldown
        for name, step in (("reserve", till.ask), ("overview", till.usage)):
            began = perf_counter()
            await step(BUSIEST)
            times[name].append((perf_counter() - began) * 1000)
    if arguments.plans:
        await tell_plans(engine, till)
    await engine.dispose()
    return times


async def tell_plans(engine: AsyncEngine, till: Till) -> None:
    """How the database goes about it."""
    till.now += DAY  # past the cooldown
    policy = await till.quotas.policy(BUSIEST)
    asked, allowed = await till.decide(BUSIEST)
    query = reading(usage_queries(policy, BUSIEST, till.now), BUSIEST)
    change = reserving(reserve("plan", asked, BUSIEST, allowed, till.now), allowed.checks)
    how = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    for statement, values in (query, change):
        compiled = statement.compile(dialect=engine.dialect)
        parameters = compiled.construct_params(values)
        async with engine.connect() as connection:
            given = tuple(parameters[name] for name in compiled.positiontup)
            rows = await connection.exec_driver_sql(f"{how} {compiled}", given)
            print(engine.dialect.name, *(row[-1] for row in rows), sep="\n  ", file=sys.stderr)


@contextmanager
def databases() -> Iterator[tuple[PostgreSQL, str]]:
    with TemporaryDirectory() as folder, PostgreSQL() as server:
        yield server, f"sqlite+aiosqlite:///{folder}/bot.db"


async def run(arguments: argparse.Namespace) -> None:
    OPTIONS["fsync"] = OPTIONS["synchronous_commit"] = "on"  # as it is where it counts
    with databases() as (server, file):
        async with server.new_database() as url:
            print("| database | what | median | p99 | first |", "| --- | --- | ---: | ---: | ---: |", sep="\n")
            for name, address in (("SQLite", file), ("PostgreSQL", url)):
                await fill(address, arguments)
                for what, (first, *others) in (await measure(address, arguments)).items():
                    taken = others[arguments.warm_up :]
                    p99 = quantiles(taken, n=100, method="inclusive")[98]
                    figures = " | ".join(f"{figure:.1f} ms" for figure in (median(taken), p99, first))
                    print(f"| {name} | {what} | {figures} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench-ledger", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--days", type=float, default=60, help="over which they are spread")
    parser.add_argument("--servers", type=int, default=100)
    parser.add_argument("--members", type=int, default=5_000)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--warm-up", type=int, default=10)
    parser.add_argument("--plans", action="store_true", help="tell how the databases go about it, too")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
