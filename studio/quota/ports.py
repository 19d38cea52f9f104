"""What quotas need from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.quota.decide import Check, Usage
    from studio.quota.ledger import Meter
    from studio.quota.limits import Member, Policy


class QuotaStore(Protocol):
    """What admins have set, and what the ledger tells of it."""

    async def policy(self, member: Member) -> Policy:
        """All that holds for a member. It may be a moment old."""
        ...

    async def usage(self, member: Member, meters: Sequence[Meter]) -> Usage:
        """What the meters show and what the member was granted."""
        ...

    def shortened(self, checks: Sequence[Check]) -> tuple[Check, ...]:
        """Checks that hold where these do, and read less of the ledger."""
        ...
