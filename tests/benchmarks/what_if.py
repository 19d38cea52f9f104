"""`python -m tests.benchmarks.what_if`: how long the last 30 days under a limit take, over a million charges.

*Longest wait* is the most that another task of the event loop had to wait meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
from time import perf_counter, process_time

from infra.db.engine import open_engine
from infra.reports.ledger import LedgerReports
from studio.quota.admin import QuotaAdministration
from studio.quota.limits import EVERYONE, SERVER, Limit, LimitKind
from tests.benchmarks.ledger import databases, fill
from tests.support.quota import NOW, SERVER_ID, Till

LIMITS = (
    Limit(EVERYONE, LimitKind.DAY, 5),
    Limit(EVERYONE, LimitKind.MONTH, 50),
    Limit(SERVER, LimitKind.DAY, 10_000),
    Limit(EVERYONE, LimitKind.COOLDOWN, 600),
    Limit(EVERYONE, LimitKind.IMAGES, 2),
)
PULSE = 0.001  # seconds


async def longest_wait(done: asyncio.Event) -> float:
    longest = 0.0
    while not done.is_set():
        began = perf_counter()
        await asyncio.sleep(PULSE)
        longest = max(longest, perf_counter() - began - PULSE)
    return longest


async def measure(name: str, url: str) -> None:
    engine = open_engine(url)
    admin = QuotaAdministration(Till(engine).quotas, LedgerReports(engine), lambda: NOW)
    for limit in LIMITS:
        done = asyncio.Event()
        wait = asyncio.create_task(longest_wait(done))
        began, worked = perf_counter(), process_time()
        await admin.what_if(SERVER_ID, limit, _no_roles)
        taken, cpu = perf_counter() - began, process_time() - worked
        done.set()
        whose = f"{limit.target.key} {limit.kind}"
        print(f"| {name} | {whose} | {taken:.2f} s | {cpu:.2f} s | {await wait * 1000:.0f} ms |", flush=True)
    await engine.dispose()


async def _no_roles(_user_ids: object) -> dict[int, frozenset[int]]:
    return {}


async def run(arguments: argparse.Namespace) -> None:
    with databases() as (server, file):
        async with server.new_database() as url:
            print("| database | limit | time | CPU | longest wait |", "| --- | --- | ---: | ---: | ---: |", sep="\n")
            for name, address in (("SQLite", file), ("PostgreSQL", url)):
                await fill(address, arguments)
                await measure(name, address)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--members", type=int, default=5_000)
    parser.set_defaults(days=30, servers=1)
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
