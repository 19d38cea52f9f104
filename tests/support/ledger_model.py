"""A pure model of the ledger that `infra.stores.charges` keeps in SQL: tests compare the two."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from studio.quota.ledger import Charge, Measure, Scope, UsageQuery

if TYPE_CHECKING:
    from collections.abc import Iterable


def settle(charge: Charge, made: int) -> Charge:
    """The charge of a job that ended with `made` images: never more than was reserved.

    A settled charge comes back as it is.
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


def usage_of(charges: Iterable[Charge], queries: Iterable[UsageQuery]) -> dict[UsageQuery, float]:
    """The answer to each query."""
    rows = list(charges)
    return {
        query: _measured(query.measure, [row for row in rows if _covers(query.scope, row) and row.at >= query.since])
        for query in queries
    }


def _covers(scope: Scope, charge: Charge) -> bool:
    return scope.server_id in {None, charge.server_id} and scope.user_id in {None, charge.user_id}


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
