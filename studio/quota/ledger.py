"""The quota ledger: one charge a job, and what is summed over charges. Pure; the model of what the store does in SQL.

A charge is written when its job is accepted, for all that the job may cost: that reserves it. With the job's end it is
settled at the images that were made, once, in the same transaction. Usage is the ledger's sum, so no counter can drift:
a charge counts, reserved or settled, at the moment of its reservation, and one of no images counts nowhere.

A charge says how much of its `amount` was taken from its member's grants; the rest came from the allowance. Grants are
taken last and given back first: what is made counts against the allowance, and a grant is never lost to a failure.
What is left of a member's grants is the sum of what they were granted less the sum of `from_grants`.

A member who wants to be forgotten is erased from a charge only once no window reaches it: nobody gets a fresh allowance
that way. What they had of grants goes with them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

PERSONAL = 0
"""The server of what was asked in direct messages or by user install: none has this id, and SQL compares it plainly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What one job costs. `at`: seconds since the epoch. `price`: credits an image. `images`: reserved, then made."""

    job_id: str
    server_id: int
    user_id: int
    at: float
    model: str
    price: int
    images: int
    from_grants: int = 0
    settled: bool = False

    @property
    def amount(self) -> int:
        """Credits, wherever they came from."""
        return self.images * self.price


def settle(charge: Charge, made: int) -> Charge:
    """The charge of a job that has ended with `made` images: never more than was reserved.

    The same object comes back when it is settled already.
    """
    if charge.settled:
        return charge
    images = min(made, charge.images)
    from_allowance = charge.amount - charge.from_grants
    from_grants = max(0, images * charge.price - from_allowance)
    return replace(charge, images=images, from_grants=from_grants, settled=True)


def refund(charge: Charge) -> Charge:
    """The charge of a job that made nothing."""
    return settle(charge, 0)


class Measure(StrEnum):
    """What is summed over charges; over none of them it is 0."""

    CREDITS = "credits"  # the sum of `amount`
    ALLOWANCE = "allowance"  # the sum of `amount - from_grants`
    GRANTS = "grants"  # the sum of `from_grants`
    RUNNING = "running"  # how many are not settled
    NEWEST = "newest"  # the greatest `at` of those with images


class Scope(NamedTuple):
    """Whose charges: those with this server and this member, as far as they are named."""

    server_id: int | None = None
    user_id: int | None = None

    def covers(self, charge: Charge) -> bool:
        return self.server_id in {None, charge.server_id} and self.user_id in {None, charge.user_id}


class Meter(NamedTuple):
    """One figure that the ledger can tell: a measure over the charges of a scope with `at >= since`."""

    measure: Measure
    scope: Scope
    since: float = 0.0


def usage_of(charges: Iterable[Charge], meters: Iterable[Meter]) -> dict[Meter, float]:
    """What each meter shows."""
    rows = list(charges)
    return {
        meter: _measured(meter.measure, [row for row in rows if meter.scope.covers(row) and row.at >= meter.since])
        for meter in meters
    }


def _measured(measure: Measure, rows: list[Charge]) -> float:
    match measure:
        case Measure.CREDITS:
            return sum(row.amount for row in rows)
        case Measure.ALLOWANCE:
            return sum(row.amount - row.from_grants for row in rows)
        case Measure.GRANTS:
            return sum(row.from_grants for row in rows)
        case Measure.RUNNING:
            return sum(not row.settled for row in rows)
        case Measure.NEWEST:
            return max((row.at for row in rows if row.images), default=0)


class UsageTotals(NamedTuple):
    """What the ledger has counted, reserved or settled."""

    pictures: int = 0
    credits: int = 0


NO_USAGE = UsageTotals()
