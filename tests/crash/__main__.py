"""`make crash N=200`: kills bots at every step until so many jobs are through. 0 if every promise was kept."""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.crash.trial import Trial


async def run(options: argparse.Namespace) -> bool:
    folder = Path(tempfile.mkdtemp(prefix="seedream-crash-"))
    url = options.database or f"sqlite+aiosqlite:///{folder}/bot.db"
    begun = time.monotonic()
    async with Trial(
        folder, url, seed=options.seed, processes=options.processes, callbacks=not options.no_callbacks
    ) as trial:
        findings = await trial.run(options.jobs)
    print(f"{findings}\nseed {options.seed}, {time.monotonic() - begun:.0f} s, logs in {folder}")
    return not findings.faults


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jobs", type=int, nargs="?", default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of a run that is to be had again")
    parser.add_argument("--database", help="the URL of an empty database (default: a SQLite file)")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--no-callbacks", action="store_true")
    return 0 if asyncio.run(run(parser.parse_args())) else 1


if __name__ == "__main__":
    sys.exit(main())
