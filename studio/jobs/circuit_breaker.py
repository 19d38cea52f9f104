"""The circuit breaker: while the service refuses everybody, requests are refused before they are written or charged.

It opens when the balance or the quota is used up, a bill is overdue, the key is rejected, the account is disabled, or
the address has no API: only the operator can change that. After a pause one job is sent as a probe; each time it fails,
the pause doubles. A rejected key is probed by `check_key`, which costs nothing, at a heartbeat; all else by a job.

Many requests are in flight at once. An outcome counts only if its request was sent after the last outcome was learned,
and while the circuit is open, only the probe's outcome makes the pause longer.

The circuit is one row of `shared_state`, read at every heartbeat and changed by compare-and-swap. So a single process
sends the probe, and the process whose change opened the circuit alerts the operator. `warned` is in the row and not a
lease, because a restart on SQLite drops leases, and operators would be alerted again.
Pure; the clock is passed in, seconds since the epoch.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - it is read when circuits are written down
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from studio.jobs.states import Reason

if TYPE_CHECKING:
    from studio.jobs.job import Job

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 600.0
PROBE_SECONDS = 120.0  # then another may probe: the first one's process may have died
WARN_SECONDS = 3600.0  # the operator is alerted about the same reason at most this often
MOST_DOUBLINGS = 16
AHEAD_SECONDS = 60.0  # anything dated further ahead was written by a clock that has jumped since

BLOCKING = frozenset(
    {
        Reason.USED_UP,
        Reason.OVERDUE,
        Reason.QUOTA_SPENT,
        Reason.BAD_KEY,
        Reason.DISABLED,
        Reason.WRONG_ADDRESS,
    }
)
"""Reasons that only the operator can resolve, and that affect every model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitBreaker:
    """Closed if there is no `reason`; otherwise open `until` that time, and then half-open: one job may probe.

    `since`: when it opened. `failures`: in a row. `known_at`: when an outcome was last learned. `probe`: the job or
    process that probes, until `probe_until`. `warned`: when the operator was last alerted, by reason.
    """

    reason: Reason | None = None
    since: float = 0.0
    failures: int = 0
    until: float = 0.0
    known_at: float = 0.0
    probe: str = ""
    probe_until: float = 0.0
    warned: Mapping[Reason, float] = field(default_factory=dict)


def refusal(circuit: CircuitBreaker, now: float) -> Reason | None:
    """Return why requests are refused now; None if they are accepted."""
    left = max(circuit.until, circuit.probe_until) - now
    return circuit.reason if 0 < left <= LONGEST_PAUSE_SECONDS + AHEAD_SECONDS else None


def enter(circuit: CircuitBreaker, who: str, now: float) -> CircuitBreaker | None:
    """Return the circuit after `who` sends a request, the same if nothing changes; None if `who` must not."""
    if circuit.reason is None or circuit.probe == who:
        return circuit
    if refusal(circuit, now):
        return None
    return replace(circuit, probe=who, probe_until=now + PROBE_SECONDS)


def _is_known(circuit: CircuitBreaker, sent_at: float, now: float) -> bool:
    """Whether a request was sent before the last outcome was learned."""
    return sent_at <= circuit.known_at <= now + AHEAD_SECONDS


def tripped(circuit: CircuitBreaker, reason: Reason, who: str, *, sent_at: float, now: float) -> CircuitBreaker:
    """Return the circuit after the request that `who` sent then failed for `reason`."""
    known = circuit.reason is not None and circuit.probe != who
    if known or _is_known(circuit, sent_at, now):
        return circuit
    pause = min(FIRST_PAUSE_SECONDS * 2 ** min(circuit.failures, MOST_DOUBLINGS), LONGEST_PAUSE_SECONDS)
    due = now - circuit.warned.get(reason, -WARN_SECONDS) >= WARN_SECONDS
    return replace(
        circuit,
        reason=reason,
        since=now if circuit.reason is None else circuit.since,
        failures=circuit.failures + 1,
        until=now + pause,
        known_at=now,
        probe="",
        probe_until=0.0,
        warned={**circuit.warned, reason: now} if due else circuit.warned,
    )


def succeeded(circuit: CircuitBreaker, *, sent_at: float, now: float) -> CircuitBreaker:
    """Return the circuit after a request that was sent then made a picture."""
    if circuit.failures == 0 or _is_known(circuit, sent_at, now):
        return circuit
    return CircuitBreaker(known_at=now, warned=circuit.warned)


def key_taken(circuit: CircuitBreaker, *, sent_at: float, now: float) -> CircuitBreaker:
    """Return the circuit after the service accepted the key, in a call that costs nothing.

    A picture, which costs money, may still fail: then the pause goes on growing.
    """
    if circuit.reason is not Reason.BAD_KEY or _is_known(circuit, sent_at, now):
        return circuit
    return CircuitBreaker(failures=circuit.failures, known_at=now, warned=circuit.warned)


def released(circuit: CircuitBreaker, who: str) -> CircuitBreaker:
    """Return the circuit after a probe without an outcome: the next job may probe."""
    return replace(circuit, probe="", probe_until=0.0) if who and circuit.probe == who else circuit


def hastened(circuit: CircuitBreaker) -> CircuitBreaker:
    """End the pause: the next job probes, and all others wait for its outcome."""
    return circuit if circuit.reason is None else replace(circuit, until=0.0, probe="", probe_until=0.0)


def learned(circuit: CircuitBreaker, job: Job, now: float) -> CircuitBreaker:
    """Return the circuit after what has happened to a job so far."""
    if job.started_at is not None:
        if any(image.made for image in job.own_images):
            circuit = succeeded(circuit, sent_at=job.started_at, now=now)
        elif job.state.final and (reason := _blocking(job)):
            circuit = tripped(circuit, reason, job.id, sent_at=job.started_at, now=now)
    return released(circuit, job.id) if job.state.final else circuit


def _blocking(job: Job) -> Reason | None:
    """Return why a job failed, if the reason affects all other jobs too."""
    reason = job.failure.reason if job.failure else None
    if reason is Reason.WRONG_ADDRESS and job.task_id is not None:
        return None  # the service accepted it: only look-ups are not offered at this address
    return reason if reason in BLOCKING else None
