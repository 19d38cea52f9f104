"""What the quota needs from the outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.quota.decide import Check, QuotaUsage
    from studio.quota.ledger import UsageQuery
    from studio.quota.limits import Member, Policy


class QuotaStore(Protocol):
    """Reads limits and usage."""

    async def policy(self, member: Member) -> Policy:
        """Return the limits that may apply to a member. They may be a few seconds old."""
        ...

    async def usage(self, member: Member, queries: Sequence[UsageQuery]) -> QuotaUsage:
        """Return the usage for these queries, and what the member was granted."""
        ...

    def shortened(self, checks: Sequence[Check]) -> tuple[Check, ...]:
        """Return equivalent checks that read less of the ledger."""
        ...
