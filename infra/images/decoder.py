"""Decodes pictures in worker processes, so that no file can hurt the bot.

A worker handles one picture at a time, with a limit on memory and on time. One that exceeds them, or dies, is replaced.
Workers are started when there is something to decode, reused, and end when they have been idle for a while.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from infra.images.frames import LENGTHS, limits_memory
from studio.jobs.turns import Turns

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Mapping

    from seedream.images.structure import Content

log = logging.getLogger(__name__)

SECONDS = 20.0
IDLE_SECONDS = 60.0
MOST_MEMORY = 640 * 2**20
LEAST_MEMORY = 64 * 2**20
LEAST_WORKERS = 2  # where there is memory for them
BOT_MEMORY = 176 * 2**20  # of the bot, and of the code of one worker
MAX_ANSWER_BYTES = 80 * 2**20

_CHUNK = 1 << 20
_OUT_OF_MEMORY = {getattr(signal, name, None) for name in ("SIGKILL", "SIGABRT")}  # Windows has no SIGKILL
_ROOT = Path(__file__).parents[2]
_CONTAINER_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


class DecodingError(Exception):
    """A picture that could not be decoded. `reason`: "memory", "time", "cut off", "damaged" or "too large"."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


def available_memory() -> int:
    """Return the bytes of memory that this machine has, or the container, or this process may use."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")] if hasattr(os, "sysconf") else [8 * 2**30]
    for file in _CONTAINER_LIMITS:
        try:
            limits.append(int(file.read_text("ascii")))
        except (OSError, ValueError):  # not in a container, or without a limit
            continue
    if resource is not None and (limit := resource.getrlimit(resource.RLIMIT_AS)[0]) != resource.RLIM_INFINITY:
        limits.append(limit)
    return min(limits)


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many pictures are decoded at once, and the bytes of memory that each may take."""

    workers: int
    memory: int

    @classmethod
    def of(cls, memory: int, cores: int) -> Self:
        """Use two thirds of what the bot leaves: one worker a core, at least two, as long as each can have plenty."""
        share = (memory - BOT_MEMORY) * 2 // 3
        workers = max(1, min(max(cores, LEAST_WORKERS), share // MOST_MEMORY))
        return cls(workers, min(MOST_MEMORY, max(LEAST_MEMORY, share // workers)))


class Decoder:
    """An async context manager. `seconds`: for one picture."""

    def __init__(self, capacity: Capacity | None = None, *, seconds: float = SECONDS) -> None:
        self.capacity = capacity or Capacity.of(available_memory(), os.cpu_count() or 1)
        self._seconds = seconds
        self._turns = Turns(self.capacity.workers)
        self._idle: list[_Worker] = []
        self._workers: set[_Worker] = set()  # also those at work, and those that are about to end

    async def __aenter__(self) -> Self:
        if not limits_memory():
            log.warning(
                "This system can't limit the memory of processes that decode pictures: a crafted picture may take "
                "all of it. Linux can, also in WSL and Docker."
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._idle.clear()
        while self._workers:
            await self._workers.pop().end()

    async def run(self, task: Mapping[str, Any], content: Content) -> tuple[bytes, str]:
        """Have a task done, see `worker.run`. Returns the picture and its format. Raises: DecodingError."""
        async with self._turns.turn():
            worker = self._idle.pop() if self._idle else await self._started()
            try:
                async with asyncio.timeout(self._seconds):
                    answer, data = await worker.ask(task, content)
            except TimeoutError:
                await worker.end()
                raise DecodingError("time") from None
            except (asyncio.IncompleteReadError, OSError, ValueError) as error:
                status = await worker.end()
                log.warning("a picture ended the process that decoded it (status %s): %s", status, error)
                raise DecodingError("memory" if worker.ran_out_of_memory else "damaged") from error
            except BaseException:
                await worker.end()
                raise
            self._keep(worker)
        if "error" in answer:
            raise DecodingError(answer["error"], answer.get("detail", ""))
        return data, answer["format"]

    async def _started(self) -> _Worker:
        worker = await _Worker.start(self.capacity.memory, self._seconds)
        self._workers = {worker, *(other for other in self._workers if not other.has_ended)}
        return worker

    def _keep(self, worker: _Worker) -> None:
        self._idle.append(worker)
        asyncio.get_running_loop().call_later(IDLE_SECONDS, self._retire, worker, worker.tasks)

    def _retire(self, worker: _Worker, tasks: int) -> None:
        """End a worker that has done nothing since."""
        if worker in self._idle and worker.tasks == tasks:
            self._idle.remove(worker)
            worker.stop()


class _Worker:
    """One worker process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        self._process = process
        self._input = process.stdin
        self._output = process.stdout
        self.tasks = 0

    @classmethod
    async def start(cls, memory: int, seconds: float) -> Self:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "infra.images.worker", str(memory), str(round(seconds) + 5)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_CHUNK,
            cwd=_ROOT,
            env=_environment(),
            start_new_session=True,  # Ctrl+C is for the bot, which ends its workers
        )
        return cls(process)

    async def ask(self, task: Mapping[str, Any], content: Content) -> tuple[dict[str, Any], bytes]:
        """Send a task and wait for its answer. Raises: OSError, IncompleteReadError, ValueError if there is none."""
        self.tasks += 1
        head = json.dumps(task).encode()
        self._input.write(LENGTHS.pack(len(head), len(content)) + head)
        for start in range(0, len(content), _CHUNK):
            self._input.write(content[start : start + _CHUNK])
            await self._input.drain()
        head_bytes, data_bytes = LENGTHS.unpack(await self._output.readexactly(LENGTHS.size))
        if head_bytes + data_bytes > MAX_ANSWER_BYTES:
            raise ValueError("its answer is too long")
        answer: dict[str, Any] = json.loads(await self._output.readexactly(head_bytes))
        return answer, await self._output.readexactly(data_bytes)

    def stop(self) -> None:
        """Let it end by itself: it has nothing to do."""
        self._input.close()

    async def end(self) -> int:
        """End it at once. Returns its status, a negative signal number if it was killed."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        return await self._process.wait()

    @property
    def has_ended(self) -> bool:
        return self._process.returncode is not None

    @property
    def ran_out_of_memory(self) -> bool:
        return -(self._process.returncode or 0) in _OUT_OF_MEMORY


def _environment() -> dict[str, str]:
    """Nothing of the bot's own environment, which holds secrets. One heap, whose memory is given back."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH", "SYSTEMROOT") if name in os.environ}
    return kept | {
        "PYTHONPATH": str(_ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MALLOC_ARENA_MAX": "1",
        "MALLOC_MMAP_THRESHOLD_": "1048576",
        "MALLOC_TRIM_THRESHOLD_": "1048576",
    }
