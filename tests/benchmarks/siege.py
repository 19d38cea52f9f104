"""`make siege MINUTES=10`: all attacks at once on a real bot, while another member uses it.

Prints how long that member waits for placeholders, and the bot's memory over time. An attack is a function of the world
that goes on until it is cancelled: add one to ATTACKS.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING

import aiohttp

from sandbox.discord.server import LocalDiscord
from sandbox.seedream.server import LocalSeeDream
from tests.benchmarks.processes import cpu_seconds
from tests.support.bots import BotProcess
from tests.support.crafted import CRAFTED
from tests.support.members import Refused
from tests.support.ports import free_port
from tests.support.world import World

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.support.members import Message

IDLE_CONNECTIONS = 500
CRAFTED_BYTES = 2_000_000
SMALL = {"model": "doubao-seedream-4.0", "size": "1K"}  # the local world draws these quickly
SAMPLE_SECONDS = 5
_LOST = (Refused, aiohttp.ClientError, OSError, TimeoutError)  # what an attacker may meet


@dataclass
class Findings:
    idle: list[float] = field(default_factory=list)  # seconds until a placeholder, before the siege
    waits: list[float] = field(default_factory=list)  # the same, during it
    memory: list[float] = field(default_factory=list)  # MiB, every SAMPLE_SECONDS
    own: list[float] = field(default_factory=list)  # seconds by which this process itself was late, each second
    cpu: float = 0.0  # seconds that the bot took
    failed: list[str] = field(default_factory=list)  # commands without an answer, and why


@dataclass
class Besieged:
    world: World
    pid: int
    port: int
    http: aiohttp.ClientSession
    message: Message  # somebody's result
    files: list[bytes] = field(default_factory=lambda: [make(CRAFTED_BYTES) for make in CRAFTED])


async def command_flood(besieged: Besieged) -> None:
    command = {"user": "ada", "channel": "general", "name": "imagine", "options": {"prompt": "a flood", **SMALL}}
    await _repeated(lambda: besieged.world.post("/control/command", command), pause=0.05)


async def forged_presses(besieged: Besieged) -> None:
    """Presses on somebody else's message, and the same one many times."""
    buttons = cycle(("Delete", "Reroll", "Details"))
    await _repeated(
        lambda: besieged.world.post(
            "/control/press", {"user": "ada", "message": besieged.message.id, "button": next(buttons)}
        ),
        pause=0.1,
    )


async def crafted_pictures(besieged: Besieged) -> None:
    """Each is named as one of those that the local Discord doesn't open itself."""
    files, numbers = cycle(besieged.files), count()

    async def edit() -> None:
        await besieged.world.dan.run("edit", prompt="a bomb", files={"image": (f"{next(numbers)}.tiff", next(files))})

    await _repeated(edit, pause=2)


async def bad_callbacks(besieged: Besieged) -> None:
    numbers = count()

    async def post() -> None:
        url = f"http://127.0.0.1:{besieged.port}/callbacks/job{next(numbers)}/{'x' * 43}"
        async with besieged.http.post(url, data=b"{" * 10_000) as answer:
            await answer.read()

    await _repeated(post, pause=0.03)


async def idle_connections(besieged: Besieged) -> None:
    """Connections that ask and never read. One that the bot closes is opened again."""
    kept: list[asyncio.StreamWriter] = []

    async def connect() -> None:
        kept[:] = [writer for writer in kept if not writer.is_closing()]
        if len(kept) < IDLE_CONNECTIONS:
            _, writer = await asyncio.open_connection("127.0.0.1", besieged.port)
            writer.write(b"POST /callbacks/a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n" * 20)
            kept.append(writer)

    await _repeated(connect, pause=0.1)


ATTACKS = (command_flood, forged_presses, crafted_pictures, bad_callbacks, idle_connections)


async def _repeated(act: Callable[[], Awaitable[object]], *, pause: float) -> None:
    while True:
        with contextlib.suppress(*_LOST):
            await act()
        await asyncio.sleep(pause)


async def member(besieged: Besieged, waits: list[float], findings: Findings) -> None:
    """Another member's commands, one after the other."""
    while True:
        began = perf_counter()
        try:
            await (await besieged.world.ben.imagine(prompt="an owl", **SMALL)).answer()
            waits.append(perf_counter() - began)
        except (AssertionError, *_LOST) as error:
            findings.failed.append(f"{type(error).__name__}: {error}")
        await asyncio.sleep(0.5)


async def watch(besieged: Besieged, findings: Findings) -> None:
    before, began = cpu_seconds(besieged.pid), perf_counter()
    for number in count(1):
        await asyncio.sleep(max(0.0, began + number - perf_counter()))
        findings.own.append(perf_counter() - began - number)
        findings.cpu = cpu_seconds(besieged.pid) - before
        if number % SAMPLE_SECONDS == 1:
            findings.memory.append(_resident_mebibytes(besieged.pid))


def _resident_mebibytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


@asynccontextmanager
async def _besieged() -> AsyncIterator[Besieged]:
    port = free_port()
    public = {"PUBLIC_URL": f"http://127.0.0.1:{port}", "WEB_PORT": str(port), "SECRET_KEY": "k" * 32}
    with TemporaryDirectory() as folder:
        bot = BotProcess(Path(folder) / "bot.log")
        async with (
            LocalSeeDream() as seedream,
            LocalDiscord() as discord,
            World(discord, seedream, Path(folder), bot, **public) as world,
            aiohttp.ClientSession() as http,
        ):
            await world.set_api(delay=10)
            yield Besieged(world, bot.pid, port, http, await world.cleo.imagine_to_end(prompt="a fox"))


async def run(minutes: float) -> Findings:
    findings = Findings()
    async with _besieged() as besieged:
        await _for(10, [member(besieged, findings.idle, findings)])
        acting = [member(besieged, findings.waits, findings), watch(besieged, findings)]
        await _for(minutes * 60, [*acting, *(attack(besieged) for attack in ATTACKS)])
    return findings


async def _for(seconds: float, acting: list[Awaitable[None]]) -> None:
    """Let all go on for so long. Raises what one of them ends with."""
    tasks = [asyncio.ensure_future(one) for one in acting]
    try:
        async with asyncio.timeout(seconds):
            await asyncio.gather(*tasks)
    except TimeoutError:
        pass
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _p99(waits: list[float]) -> float:
    return quantiles(waits, n=100, method="inclusive")[98] if len(waits) > 1 else float("inf")


def _table(findings: Findings) -> str:
    lines = ["| figure | before | during |", "| --- | ---: | ---: |"]
    lines.append(f"| placeholders | {len(findings.idle)} | {len(findings.waits)} |")
    for name, figure in (("median", median), ("p99", _p99)):
        before, during = (
            f"{figure(waits) * 1000:.0f} ms" if waits else "-" for waits in (findings.idle, findings.waits)
        )
        lines.append(f"| placeholder, {name} | {before} | {during} |")
    lines.append(f"| not answered | | {len(findings.failed)} |")
    lines.append(f"| this process itself was late by, p99 | | {_p99(findings.own) * 1000:.0f} ms |")
    lines.append(f"| CPU of the bot | | {100 * findings.cpu / max(1, len(findings.own)):.0f} % |")
    steps = findings.memory[:: max(1, len(findings.memory) // 12)]
    lines.append(f"| memory over time, MiB | | {' '.join(f'{mebibytes:.0f}' for mebibytes in steps)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make siege", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    findings = asyncio.run(run(parser.parse_args().minutes))
    print(_table(findings))
    sys.exit(bool(findings.failed) or _p99(findings.waits) > 1)


if __name__ == "__main__":
    main()
