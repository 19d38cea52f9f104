"""What quotas need from infra, as a Protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.quota.decide import Check, QuotaUsage
    from studio.quota.ledger import UsageQuery
    from studio.quota.limits import Member, Policy


class QuotaStore(Protocol):
    """What admins have set, and the usage in the ledger."""

    async def policy(self, member: Member) -> Policy:
        """The policy for a member. It may be a moment old."""
        ...

    async def usage(self, member: Member, queries: Sequence[UsageQuery]) -> QuotaUsage:
        """Answers the queries and reads the member's grants."""
        ...

    def shortened(self, checks: Sequence[Check]) -> tuple[Check, ...]:
        """Equivalent checks that read less of the ledger."""
        ...
