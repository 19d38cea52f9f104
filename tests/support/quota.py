"""Requests against the quota of a real database, as the service makes them."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

from infra.stores.jobs import SqlJobStore
from infra.stores.quota import SqlQuotaStore
from studio.guilds.audit import Admin
from studio.quota.decide import Allowed, RequestCost, decide, reserve, usage_queries
from studio.quota.ledger import Charge
from studio.quota.limits import EVERYONE, Ceilings, Limit, LimitKind, Member
from tests.support.jobs import ORIGIN, a_job

SERVER_ID, ADMIN_ID = 2, 9
ADMIN = Admin(SERVER_ID, ADMIN_ID)
NOW = 1_800_000_000.0
ADA, BEN = (Member(user_id=user_id, server_id=SERVER_ID, role_ids=frozenset({21})) for user_id in (11, 12))


class Till:
    """A process that takes requests; `now` is its clock."""

    def __init__(self, engine, ceilings=None) -> None:
        self.now = NOW
        self.jobs = SqlJobStore(engine)
        self.quotas = SqlQuotaStore(engine, ceilings or Ceilings(), lambda: self.now)
        self._numbers = count()

    async def limit(self, amount, target=EVERYONE, kind=LimitKind.DAY):
        return await self.quotas.set_limit(ADMIN, Limit(target, kind, amount))

    async def usage(self, member):
        policy = await self.quotas.policy(member)
        return await self.quotas.usage(member, usage_queries(policy, member, self.now))

    async def decide(self, member=ADA, images=1, price=1):
        """What is decided, without anything being written."""
        asked = RequestCost(model="m", images=images, price=price, divisible=True)
        policy = await self.quotas.policy(member)
        usage = await self.quotas.usage(member, usage_queries(policy, member, self.now))
        return asked, decide(policy, usage, asked, member, self.now)

    async def write(self, asked, allowed, member=ADA):
        """The job that was inserted, or None where a check did not hold."""
        job = replace(
            a_job(origin=replace(ORIGIN, guild_id=member.server_id or None, user_id=member.user_id)),
            created_at=self.now,
            reserved=asked.credits,
        )
        charge = reserve(job.id, asked, member, allowed, self.now)
        return job if await self.jobs.insert(job, charge, self.quotas.shortened(allowed.checks)) else None

    async def ask(self, member=ADA, images=1, price=1):
        """The job, or why not."""
        while True:
            asked, decision = await self.decide(member, images, price)
            if not isinstance(decision, Allowed):
                return decision
            if job := await self.write(asked, decision, member):
                return job


def charge(number: int, **changes) -> Charge:
    usual = {"server_id": SERVER_ID, "user_id": 11, "at": NOW, "model": "m", "price": 1, "images": 1}
    return Charge(job_id=f"job-{number}", **usual | changes)
