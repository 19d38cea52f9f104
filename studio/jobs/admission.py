"""Whether jobs are taken at all: not while the operator drains the bot, nor while the circuit is open.

All processes know the same, from the database: they read it at every beat, and change it one at a time.
"""

from __future__ import annotations

import asyncio
import logging
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from seedream.errors import SeeDreamError
from studio.jobs.circuit_breaker import (
    BLOCKING,
    Circuit,
    enter,
    hastened,
    key_taken,
    learned,
    refusal,
    released,
    tripped,
)
from studio.jobs.errors import DrainingError, OutOfServiceError
from studio.jobs.failures import failure_of
from studio.jobs.job import Failure, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from studio.clock import Clock
    from studio.jobs.job import Job
    from studio.jobs.ports import Alerts, KeyCheck, SharedState

log = logging.getLogger(__name__)

CIRCUIT, DRAIN = "circuit", "drain"  # the names of what all processes know
MOST_TRIES = 10  # each fails only where another process changed the same meanwhile
_CIRCUIT = TypeAdapter(Circuit)


class Drain(StrEnum):
    """Who takes no more jobs: nobody, this process until it ends, or all of them until that is taken back."""

    OFF = "off"
    HERE = "here"
    ALL = "all"


class Admission:
    """`process`: the name of this process."""

    def __init__(self, shared: SharedState, api: KeyCheck, alerts: Alerts, clock: Clock, process: str) -> None:
        self._shared = shared
        self._api = api
        self._alerts = alerts
        self._clock = clock
        self._process = process
        self._known: dict[str, str] = {}
        self._circuit = Circuit()
        self._drained_here = False
        self._refreshed = False
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def circuit(self) -> Circuit:
        """As this process knows it."""
        return self._circuit

    @property
    def drain(self) -> Drain:
        if DRAIN in self._known:
            return Drain.ALL
        return Drain.HERE if self._drained_here else Drain.OFF

    def check(self) -> None:
        """Refuse who comes, before anything is written. Raises: DrainingError, OutOfServiceError."""
        if self.drain is not Drain.OFF:
            raise DrainingError
        if reason := refusal(self._circuit, self._clock()):
            raise OutOfServiceError(reason)

    async def refused(self, job: Job) -> Failure | None:
        """Why a job whose turn it is must not be sent; None if it may be, as any or as the one that tries."""
        if self._circuit.reason is None:
            return None
        try:
            entered = await self._change(lambda circuit: enter(circuit, job.id, self._clock()))
        except Exception:
            log.exception("job %s: nobody can tell whether it may be sent; the service will", job.id)
            return None
        return None if entered else Failure(reason=self._circuit.reason or Reason.SERVICE)

    async def learn(self, job: Job) -> None:
        """Take note of what has become of a job so far. It never fails: the job goes on."""
        try:
            await self._change(lambda circuit: learned(circuit, job, self._clock()))
        except Exception:
            log.exception("job %s: what it says of the service could not be kept", job.id)

    async def set_drain(self, drain: Drain) -> None:
        """Raises what the database raises."""
        while (known := DRAIN in self._known) is not (drain is Drain.ALL):
            before, after = (self._known.get(DRAIN), None) if known else (None, f"{self._clock():.0f}")
            if not await self._swap(DRAIN, before, after):
                await self._read()
        self._drained_here = drain is Drain.HERE
        log.warning("drain: %s", drain)

    async def try_now(self) -> None:
        """The operator has mended it: the next job tries. Raises what the database raises."""
        await self._change(hastened)

    async def refresh(self) -> None:
        """Look what the other processes have learned; and where it is about the key, ask the service about it."""
        await self._read()
        first, self._refreshed = not self._refreshed, True
        if self._circuit.reason is not Reason.BAD_KEY:
            return
        if not first:  # at a start the key may be a new one, so the pause is not waited for
            entered = await self._change(self._entered)
            if entered is None:
                return
        self._start(self._check_key(), "key-check")

    def _entered(self, circuit: Circuit) -> Circuit | None:
        """The circuit with this process as its probe; None where that is not needed, or may not be."""
        if circuit.reason is not Reason.BAD_KEY or circuit.probe == self._process:
            return None
        return enter(circuit, self._process, self._clock())

    async def close(self) -> None:
        """End what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _check_key(self) -> None:
        """It costs nothing, so no member's job has to find out."""
        sent_at = self._clock()
        try:
            await self._api.check_key()
        except SeeDreamError as error:
            reason = failure_of(error).reason
            await self._change(lambda circuit: self._not_taken(circuit, reason, sent_at))
        else:
            await self._change(lambda circuit: key_taken(circuit, sent_at=sent_at, now=self._clock()))

    def _not_taken(self, circuit: Circuit, reason: Reason, sent_at: float) -> Circuit:
        if reason in BLOCKING:
            circuit = tripped(circuit, reason, self._process, sent_at=sent_at, now=self._clock())
        return released(circuit, self._process)

    # --- what all processes know ----------------------------------------------------------------------------------

    async def _change(self, change: Callable[[Circuit], Circuit | None]) -> Circuit | None:
        """The circuit after the change; None where the change gives none. Whoever changes it tells the operator."""
        for _ in range(MOST_TRIES):
            before = self._circuit
            after = change(before)
            if after is None or after is before:
                return after
            if await self._swap(CIRCUIT, self._known.get(CIRCUIT), _CIRCUIT.dump_json(after).decode()):
                self._tell(before, after)
                return after
            await self._read()
        raise RuntimeError("the circuit changes faster than it can be written")

    async def _swap(self, name: str, before: str | None, after: str | None) -> bool:
        if not await self._shared.swap(name, before, after):
            return False
        self._known = {one: value for one, value in self._known.items() if one != name}
        if after is not None:
            self._known[name] = after
        if name == CIRCUIT:
            self._circuit = _circuit(after)
        return True

    async def _read(self) -> None:
        known = await self._shared.read()
        if known.get(CIRCUIT) != self._known.get(CIRCUIT):
            self._circuit = _circuit(known.get(CIRCUIT))
        self._known = known

    def _tell(self, before: Circuit, after: Circuit) -> None:
        if after.reason is not before.reason:
            log.warning("circuit: %s", f"open, {after.reason}" if after.reason else "closed")
        if after.reason and after.warned != before.warned:
            self._start(self._alerts.out_of_service(after.reason), "warning")

    def _start(self, doing: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(doing, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("%s failed", task.get_name(), exc_info=error)


def _circuit(value: str | None) -> Circuit:
    """What can't be read, of another version, counts for nothing: the service says it again."""
    try:
        return Circuit() if value is None else _CIRCUIT.validate_json(value)
    except ValidationError:
        log.warning("the circuit as it was kept can't be read; it is taken for closed")
        return Circuit()
