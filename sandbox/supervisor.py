"""Runs a bot as a separate process that can be killed and started again at any moment."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

PATIENCE_SECONDS = 60.0  # the time a bot has to end after SIGTERM

# A process group of its own, so that Ctrl-C in the terminal only reaches the supervisor; and what ends it in order.
# Windows has other names for both: there, SIGTERM would kill.
_OWN_GROUP: dict[str, Any]
if sys.platform == "win32":
    _OWN_GROUP, _STOP = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}, signal.CTRL_BREAK_EVENT
else:
    _OWN_GROUP, _STOP = {"start_new_session": True}, signal.SIGTERM


class Supervisor:
    """An async context manager that runs `command` in `cwd`, with `environ` as its whole environment.

    `changed` is called after each start and end; `fell` is set while the process has ended unexpectedly.
    """

    def __init__(
        self, command: Sequence[str], cwd: Path, environ: Mapping[str, str], changed: Callable[[], None]
    ) -> None:
        self._command, self._cwd, self._environ, self._changed = command, cwd, environ, changed
        self._process: Process | None = None
        self._stopping: Process | None = None
        self._watching: asyncio.Task[None] | None = None
        self._one_at_a_time = asyncio.Lock()
        self.fell = asyncio.Event()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """The last process's exit code; a negative one is the signal that ended it."""
        return self._process.returncode if self._process else None

    async def start(self) -> None:
        """Start the process, unless it runs."""
        async with self._one_at_a_time:
            if self.running:
                return
            self.fell.clear()
            self._process = await asyncio.create_subprocess_exec(
                *self._command, cwd=self._cwd, env=self._environ, stdin=asyncio.subprocess.DEVNULL,
                **_OWN_GROUP,
            )  # fmt: skip
            self._watching = asyncio.create_task(self._watch(self._process))
        self._changed()

    async def kill(self) -> None:
        """Kill the process with SIGKILL."""
        await self._end(asyncio.subprocess.Process.kill)

    async def stop(self) -> None:
        """End the process in order; kill it if that takes too long."""
        await self._end(lambda process: process.send_signal(_STOP))

    async def restart(self) -> None:
        """Stop the process and start it again."""
        await self.stop()
        await self.start()

    async def _end(self, how: Callable[[Process], None]) -> None:
        process, watching = self._process, self._watching
        if process is None or watching is None or not self.running:
            return
        self._stopping = process
        how(process)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.shield(watching)
        except TimeoutError:
            process.kill()
            await watching

    async def _watch(self, process: Process) -> None:
        await process.wait()
        if process is not self._stopping:
            self.fell.set()
        self._changed()
