"""The circuit: once the service says that no request can succeed, none is sent for a while, and then one.

A balance or a quota that is used up, a bill that is overdue, a key that is not taken, an account that is disabled, an
address with no API behind it: nobody's request changes that, so each is refused before it is written down or charged.
After a pause one job, the probe, finds out whether it is over; each time that it is not, the pause is twice as long.
Pure; the clock is passed in, seconds since the epoch.

Many requests are under way at once. What one comes to counts only if it was sent after what was learned last, and while
the circuit is not closed, only the probe makes the pause longer: the others say nothing new.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - it is read when circuits are written down
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from studio.jobs.job import Reason

if TYPE_CHECKING:
    from studio.jobs.job import Job

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 600.0
PROBE_SECONDS = 120.0  # after which another may try: the process of the first may have died
WARN_SECONDS = 3600.0  # at most so often is the operator told of the same reason
MOST_DOUBLINGS = 16
AHEAD_SECONDS = 60.0  # what is dated later than this from now was written by a clock that has jumped since

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
"""What the operator alone can change, and what stops every model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """Closed without a `reason`; else open `until` then, and after that half-open: one may try.

    `since`: when it opened. `failures`: in a row. `known_at`: when something was learned last. `probe`: who tries,
    until `probe_until`. `warned`: when the operator was told last, by reason.
    """

    reason: Reason | None = None
    since: float = 0.0
    failures: int = 0
    until: float = 0.0
    known_at: float = 0.0
    probe: str = ""
    probe_until: float = 0.0
    warned: Mapping[Reason, float] = field(default_factory=dict)


def refusal(circuit: Circuit, now: float) -> Reason | None:
    """Why whoever comes now is refused; None if they may come."""
    left = max(circuit.until, circuit.probe_until) - now
    return circuit.reason if 0 < left <= LONGEST_PAUSE_SECONDS + AHEAD_SECONDS else None


def enter(circuit: Circuit, who: str, now: float) -> Circuit | None:
    """The circuit once `who` sends a request; None if they may not. The same object comes back if nothing changes."""
    if circuit.reason is None or circuit.probe == who:
        return circuit
    if refusal(circuit, now):
        return None
    return replace(circuit, probe=who, probe_until=now + PROBE_SECONDS)


def _is_known(circuit: Circuit, sent_at: float, now: float) -> bool:
    """Whether a request was sent before what was learned last."""
    return sent_at <= circuit.known_at <= now + AHEAD_SECONDS


def tripped(circuit: Circuit, reason: Reason, who: str, *, sent_at: float, now: float) -> Circuit:
    """The request that `who` sent then came to this."""
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


def succeeded(circuit: Circuit, *, sent_at: float, now: float) -> Circuit:
    """A request that was sent then made a picture."""
    if circuit.failures == 0 or _is_known(circuit, sent_at, now):
        return circuit
    return Circuit(known_at=now, warned=circuit.warned)


def key_taken(circuit: Circuit, *, sent_at: float, now: float) -> Circuit:
    """The service took the key, then, in a call that costs nothing. What a picture costs is another matter: should the
    next one fail, the pause goes on growing.
    """
    if circuit.reason is not Reason.BAD_KEY or _is_known(circuit, sent_at, now):
        return circuit
    return Circuit(failures=circuit.failures, known_at=now, warned=circuit.warned)


def released(circuit: Circuit, who: str) -> Circuit:
    """What `who` tried says nothing either way: the next one may try."""
    return replace(circuit, probe="", probe_until=0.0) if who and circuit.probe == who else circuit


def hastened(circuit: Circuit) -> Circuit:
    """The pause is over: the next one may try, and nobody else until that is decided."""
    return circuit if circuit.reason is None else replace(circuit, until=0.0, probe="", probe_until=0.0)


def learned(circuit: Circuit, job: Job, now: float) -> Circuit:
    """The circuit after what has become of a job so far."""
    if job.started_at is not None:
        if any(image.made for image in job.images):
            circuit = succeeded(circuit, sent_at=job.started_at, now=now)
        elif job.state.final and (reason := _blocking(job)):
            circuit = tripped(circuit, reason, job.id, sent_at=job.started_at, now=now)
    return released(circuit, job.id) if job.state.final else circuit


def _blocking(job: Job) -> Reason | None:
    """Why a job failed, if that stops all others too."""
    reason = job.failure.reason if job.failure else None
    if reason is Reason.WRONG_ADDRESS and job.task_id is not None:
        return None  # the service took it: only look-ups are not offered at this address
    return reason if reason in BLOCKING else None
