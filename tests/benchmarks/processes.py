"""Processes under measurement: started, asked for their CPU and memory, ended. Linux only, by /proc."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

ROOT = Path(__file__).parents[2]
_TICK = os.sysconf("SC_CLK_TCK")


@asynccontextmanager
async def started(*arguments: str, environ: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """A Python process of this project; it is ended with SIGTERM."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, env={**os.environ, **environ}, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


@asynccontextmanager
async def local_world() -> AsyncIterator[dict[str, str]]:
    """`python -m sandbox`, and the addresses that it prints."""
    async with started("-m", "sandbox", "--port", "0", environ={}) as process:
        yield json.loads(await process.stdout.readline())


def cpu_seconds(pid: int) -> float:
    """User and system time so far, of all threads."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def peak_mebibytes(pid: int) -> float:
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
