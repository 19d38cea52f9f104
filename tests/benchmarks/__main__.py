"""`make bench`: the bot beside the floor, in the same run and against the same local world.

Each round starts a local world and the subject between its servers, gives all commands at once, and waits until every
message has its picture. Ratios count: machines differ, and the same machine differs from hour to hour.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import time
from typing import Any

import aiohttp

from tests.benchmarks.processes import cpu_seconds, local_world, peak_mebibytes, started

SUBJECTS = {"floor": ("-m", "tests.benchmarks.floor"), "bot": ("bot.py",)}
COMMAND = {
    "user": "ada",
    "channel": "general",
    "name": "imagine",
    "options": {"prompt": "a red fox in snow", "model": "doubao-seedream-4.0", "size": "1K"},
}
WARM_UP = 5
SMALL, REPEATED = 5, 10  # a case of so few jobs is repeated: the times of one say little
PATIENCE_SECONDS = 60.0  # for the next thing to happen
SHOWN = ("/interactions/", "/webhooks/", "/channels/")


@dataclass
class Figures:
    """Times in seconds, memory in MiB; `cpu` and `calls` are for one job."""

    wall: float
    placeholder_median: float
    placeholder_p99: float
    cpu: float
    memory: float
    calls: float


@dataclass
class Seen:
    """Seconds since the epoch. `asked`, `shown`: a command's dispatch and its first answer, by interaction."""

    asked: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)
    began: float = field(default_factory=time)
    ended: float = 0.0

    @property
    def wall(self) -> float:
        return self.ended - self.began

    @property
    def placeholders(self) -> list[float]:
        return [self.shown[one] - asked for one, asked in self.asked.items()]


async def _watched(socket: aiohttp.ClientWebSocketResponse, jobs: int) -> Seen:
    """Listen until that many commands have their pictures. Raises: TimeoutError."""
    seen, done = Seen(), set()
    while len(done) < jobs:
        event = await socket.receive_json(timeout=PATIENCE_SECONDS)
        data, seen.ended = event["data"], event["at"]
        match event["kind"]:
            case "interaction":
                seen.asked[data["id"]] = event["at"]
            case "message_create" | "message_update":
                message = data["message"]
                interaction = message["interaction_metadata"]["id"]
                seen.shown.setdefault(interaction, event["at"])
                if message["files"]:
                    done.add(interaction)
    return seen


async def measure(subject: str, jobs: int, delay: float) -> Figures:
    """One case, in a fresh world."""
    with TemporaryDirectory() as folder:
        async with local_world() as world:
            environ = {
                "DISCORD_TOKEN": world["token"],
                "DISCORD_API_URL": world["discord_api"],
                "DISCORD_GATEWAY_URL": world["discord_gateway"],
                "SEEDREAM_API_KEY": world["key"],
                "SEEDREAM_BASE_URL": world["seedream"],
                "MAX_IN_FLIGHT": "100",
                "ALLOW_LOCAL_URLS": "true",
                "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/bot.db",
                "LOG_LEVEL": "WARNING",
                "OPERATOR_DAILY_LIMIT": "unlimited",
            }
            control = world["discord_api"].removesuffix("/api/v10")
            connector = aiohttp.TCPConnector(limit=0)
            async with (
                started(*SUBJECTS[subject], environ=environ) as process,
                aiohttp.ClientSession(connector=connector, raise_for_status=True) as http,
                http.ws_connect(f"{control}/control/events", max_msg_size=0) as socket,
            ):
                await http.get(f"{control}/control/wait", params={"for": "ready", "timeout": "30"})
                await http.patch(f"{control}/control/settings", json={"rate_limits": False})
                await http.patch(f"{world['seedream']}/control/settings", json={"delay": 0})
                await _round(http, control, socket, WARM_UP)
                await http.patch(f"{world['seedream']}/control/settings", json={"delay": delay})
                await http.post(f"{control}/control/log/clear")
                return await _case(http, control, socket, process.pid, jobs)


async def _case(
    http: aiohttp.ClientSession, control: str, socket: aiohttp.ClientWebSocketResponse, pid: int, jobs: int
) -> Figures:
    repeats = REPEATED if jobs <= SMALL else 1
    before = cpu_seconds(pid)
    rounds = [await _round(http, control, socket, jobs) for _ in range(repeats)]
    cpu = (cpu_seconds(pid) - before) / (jobs * repeats)
    log = await (await http.get(f"{control}/control/log")).json()
    calls = sum(call["path"].startswith(SHOWN) for call in log) / (jobs * repeats)
    waits = [wait for seen in rounds for wait in seen.placeholders]
    p99 = quantiles(waits, n=100, method="inclusive")[98]
    return Figures(median(seen.wall for seen in rounds), median(waits), p99, cpu, peak_mebibytes(pid), calls)


async def _round(http: aiohttp.ClientSession, control: str, socket: aiohttp.ClientWebSocketResponse, jobs: int) -> Seen:
    """All commands at once, until every one has its picture."""
    watching = asyncio.create_task(_watched(socket, jobs))
    await asyncio.gather(*(http.post(f"{control}/control/command", json=COMMAND) for _ in range(jobs)))
    return await watching


def _table(results: dict[str, dict[str, Figures]]) -> str:
    names = {
        "wall": ("wall time", "s", 1),
        "placeholder_median": ("placeholder, median", "ms", 1000),
        "placeholder_p99": ("placeholder, p99", "ms", 1000),
        "cpu": ("CPU a job", "ms", 1000),
        "memory": ("peak memory", "MiB", 1),
        "calls": ("Discord calls a job", "", 1),
    }
    lines = ["| case | figure | floor | bot | ratio |", "| --- | --- | ---: | ---: | ---: |"]
    for case, figures in results.items():
        for key, (name, unit, scale) in names.items():
            floor, bot = (getattr(figures[one], key) * scale if one in figures else None for one in SUBJECTS)
            told = " | ".join("-" if value is None else f"{value:.3g} {unit}".strip() for value in (floor, bot))
            lines.append(f"| {case} | {name} | {told} | {f'{bot / floor:.2f}' if floor and bot else '-'} |")
    return "\n".join(lines)


async def run(arguments: argparse.Namespace) -> dict[str, dict[str, Figures]]:
    results: dict[str, dict[str, Figures]] = {}
    for jobs in arguments.jobs:
        for delay in arguments.delay:
            taken: dict[str, list[Figures]] = {subject: [] for subject in arguments.only}
            for _ in range(arguments.rounds):
                for subject in arguments.only:
                    taken[subject].append(await measure(subject, jobs, delay))
            case = f"{jobs} at once, API {delay:g} s"
            results[case] = {subject: _median(figures) for subject, figures in taken.items()}
            print(case, {subject: f"{one.wall:.2f} s" for subject, one in results[case].items()}, file=sys.stderr)
    return results


def _median(figures: list[Figures]) -> Figures:
    return Figures(*(median(values) for values in zip(*(asdict(one).values() for one in figures), strict=True)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 40, 100])
    parser.add_argument("--delay", type=float, nargs="+", default=[1.0, 0.0], help="seconds the API takes")
    parser.add_argument("--rounds", type=int, default=3, help="of each case; the median counts")
    parser.add_argument("--only", nargs="+", choices=list(SUBJECTS), default=list(SUBJECTS))
    parser.add_argument("--json", type=Path, help="keep the figures there")
    arguments = parser.parse_args()
    results: dict[str, Any] = asyncio.run(run(arguments))
    print(_table(results))
    if arguments.json:
        kept = {case: {name: asdict(one) for name, one in figures.items()} for case, figures in results.items()}
        arguments.json.write_text(json.dumps(kept, indent=2))


if __name__ == "__main__":
    main()
