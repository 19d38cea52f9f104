"""`make crash N=200`: kills bots at every step until so many jobs are through. 0 if every promise was kept."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.crash.trial import Trial
from tests.support.postgresql import PostgreSQL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def run(options: argparse.Namespace) -> bool:
    folder = Path(tempfile.mkdtemp(prefix="seedream-crash-"))
    begun = time.monotonic()
    async with (
        _database(folder, postgresql=options.postgresql or options.processes > 1) as url,
        Trial(folder, url, seed=options.seed, processes=options.processes, callbacks=not options.no_callbacks) as trial,
    ):
        findings = await trial.run(options.jobs)
    print(f"{findings}\nseed {options.seed}, {time.monotonic() - begun:.0f} s, logs in {folder}")
    return not findings.faults


@asynccontextmanager
async def _database(folder: Path, *, postgresql: bool) -> AsyncIterator[str]:
    """The address of an empty database."""
    if not postgresql:
        yield f"sqlite+aiosqlite:///{folder}/bot.db"
        return
    with PostgreSQL() as server:
        async with server.new_database() as url:
            yield url


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jobs", type=int, nargs="?", default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of a run that is to be had again")
    parser.add_argument("--postgresql", action="store_true", help="on PostgreSQL, started for it, instead of SQLite")
    parser.add_argument("--processes", type=int, default=1, help="bots at once, each with its share of the shards")
    parser.add_argument("--no-callbacks", action="store_true")
    return 0 if asyncio.run(run(parser.parse_args())) else 1


if __name__ == "__main__":
    sys.exit(main())
