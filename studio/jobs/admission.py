"""Decides whether jobs are accepted at all: not while the bot is draining, nor while the circuit breaker is open.

Both are rows of `shared_state`, read by all processes at every heartbeat and changed by compare-and-swap. Draining a
single process is in its memory only.
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
    CircuitBreaker,
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
from studio.jobs.states import Failure, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from studio.clock import Clock
    from studio.jobs.job import Job
    from studio.jobs.ports import Alerts, KeyCheck, SharedState

log = logging.getLogger(__name__)

CIRCUIT, DRAIN = "circuit", "drain"  # names in the shared state
MOST_TRIES = 10  # each fails only if another process changed the same value meanwhile
_CIRCUIT = TypeAdapter(CircuitBreaker)


class Drain(StrEnum):
    """What accepts no jobs: nothing, this process until it ends, or all processes until that is undone."""

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
        self._circuit = CircuitBreaker()
        self._drained_here = False
        self._refreshed = False
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def circuit(self) -> CircuitBreaker:
        """The circuit as this process last saw it."""
        return self._circuit

    @property
    def drain(self) -> Drain:
        if DRAIN in self._known:
            return Drain.ALL
        return Drain.HERE if self._drained_here else Drain.OFF

    def check(self) -> None:
        """Refuse new requests before anything is written. Raises: DrainingError, OutOfServiceError."""
        if self.drain is not Drain.OFF:
            raise DrainingError
        if reason := refusal(self._circuit, self._clock()):
            raise OutOfServiceError(reason)

    async def refused(self, job: Job) -> Failure | None:
        """Return why a job whose turn it is must not be sent; None if it may be, if only as the probe."""
        if self._circuit.reason is None:
            return None
        try:
            entered = await self._change(lambda circuit: enter(circuit, job.id, self._clock()))
        except Exception:
            log.exception("job %s: sent without checking the circuit breaker, which could not be read", job.id)
            return None
        return None if entered else Failure(reason=self._circuit.reason or Reason.SERVICE)

    async def learn(self, job: Job) -> None:
        """Update the circuit from what has happened to a job so far. Never raises, so that the job goes on."""
        try:
            await self._change(lambda circuit: learned(circuit, job, self._clock()))
        except Exception:
            log.exception("job %s: its outcome could not be written to the circuit breaker", job.id)

    async def set_drain(self, drain: Drain) -> None:
        """Change what accepts no jobs. Raises what the database raises."""
        while (known := DRAIN in self._known) is not (drain is Drain.ALL):
            before, after = (self._known.get(DRAIN), None) if known else (None, f"{self._clock():.0f}")
            if not await self._swap(DRAIN, before, after):
                await self._read()
        self._drained_here = drain is Drain.HERE
        log.warning("drain: %s", drain)

    async def try_now(self) -> None:
        """End the pause, as the operator has fixed the cause: the next job probes. Raises what the database raises."""
        await self._change(hastened)

    async def refresh(self) -> None:
        """Read what other processes have learned, and probe a rejected key."""
        await self._read()
        first, self._refreshed = not self._refreshed, True
        if self._circuit.reason is not Reason.BAD_KEY:
            return
        if not first:  # after a start the key may be a new one, so the pause doesn't apply
            entered = await self._change(self._entered)
            if entered is None:
                return
        self._start(self._check_key(), "key-check")

    def _entered(self, circuit: CircuitBreaker) -> CircuitBreaker | None:
        """Return the circuit with this process as its probe; None if it needn't or mustn't probe."""
        if circuit.reason is not Reason.BAD_KEY or circuit.probe == self._process:
            return None
        return enter(circuit, self._process, self._clock())

    async def close(self) -> None:
        """Cancel what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _check_key(self) -> None:
        """Ask the service whether it accepts the key; free, unlike a member's job."""
        sent_at = self._clock()
        try:
            await self._api.check_key()
        except SeeDreamError as error:
            reason = failure_of(error).reason
            await self._change(lambda circuit: self._not_taken(circuit, reason, sent_at))
        else:
            await self._change(lambda circuit: key_taken(circuit, sent_at=sent_at, now=self._clock()))

    def _not_taken(self, circuit: CircuitBreaker, reason: Reason, sent_at: float) -> CircuitBreaker:
        if reason in BLOCKING:
            circuit = tripped(circuit, reason, self._process, sent_at=sent_at, now=self._clock())
        return released(circuit, self._process)

    # --- shared state ---------------------------------------------------------------------------------------------

    async def _change(self, change: Callable[[CircuitBreaker], CircuitBreaker | None]) -> CircuitBreaker | None:
        """Return the changed circuit; None if `change` returns None. Whoever changes it alerts the operator."""
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
        self._known = {key: value for key, value in self._known.items() if key != name}
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

    def _tell(self, before: CircuitBreaker, after: CircuitBreaker) -> None:
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


def _circuit(value: str | None) -> CircuitBreaker:
    """Parse a stored circuit. One of another version is ignored: the next outcomes rebuild it."""
    try:
        return CircuitBreaker() if value is None else _CIRCUIT.validate_json(value)
    except ValidationError:
        log.warning("the stored circuit breaker can't be read and counts as closed")
        return CircuitBreaker()
