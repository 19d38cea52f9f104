"""The quota ledger: one charge per job, and what is summed over charges. `infra.stores.charges` keeps it in SQL.

A charge is written when its job is accepted, for the most that the job may cost: that reserves it. When the job ends,
the charge is settled once, in the same transaction, at the images that were made. Usage is a sum over the ledger, so no
counter can drift. A charge counts, reserved or settled, from its reservation on; one of no images counts nowhere.

A charge says how much of its `amount` came from its member's grants; the rest came from the allowance. Grants are used
last and given back first, so that a failure never costs a grant. What is left of a member's grants is the sum granted
minus the sum of `from_grants`.

A member who asks for deletion is removed from a charge only once no limit's window reaches it: deletion must not reset
an allowance. Their grants go with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

PERSONAL = 0
"""The server id of requests in direct messages or by user install: no server has it, and SQL compares it plainly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What one job costs. `at`: seconds since the epoch. `price`: credits per image. `images`: reserved, then made."""

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
        """Credits, from the allowance and from grants."""
        return self.images * self.price


class Measure(StrEnum):
    """What is measured over charges. Without charges it is 0."""

    CREDITS = "credits"  # the sum of `amount`
    ALLOWANCE = "allowance"  # the sum of `amount - from_grants`
    GRANTS = "grants"  # the sum of `from_grants`
    RUNNING = "running"  # how many are not settled
    NEWEST = "newest"  # the greatest `at` of those with images


class Scope(NamedTuple):
    """Whose charges: those of this server and this member. None stands for any."""

    server_id: int | None = None
    user_id: int | None = None


class UsageQuery(NamedTuple):
    """One figure from the ledger: a measure over a scope's charges with `at >= since`."""

    measure: Measure
    scope: Scope
    since: float = 0.0


class UsageTotals(NamedTuple):
    """Pictures and credits in the ledger, reserved or settled."""

    pictures: int = 0
    credits: int = 0


NO_USAGE = UsageTotals()
