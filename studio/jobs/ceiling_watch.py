"""Watches how much of the whole bot's daily limit is used, and alerts the operator in time.

Every process looks after each request that it accepts. The last alert is a row of `shared_state`, changed by
compare-and-swap, so that only one process sends each alert. `studio.quota.ceiling` decides which is due.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from studio.members.privacy import NOBODY
from studio.quota.ceiling import CeilingUse, SentAlert, next_alert
from studio.quota.limits import Member, Who, rules

if TYPE_CHECKING:
    from studio.clock import Clock
    from studio.jobs.ports import Alerts, SharedState
    from studio.quota.limits import LimitRule
    from studio.quota.ports import QuotaStore

log = logging.getLogger(__name__)

CLOSING_SECONDS = 5.0
LAST_ALERT = "ceiling"  # its name in the shared state
_SENT = TypeAdapter(SentAlert)
_ANYBODY = Member(user_id=NOBODY)  # the limit is everybody's


class CeilingWatch:
    def __init__(self, quotas: QuotaStore, shared: SharedState, alerts: Alerts, clock: Clock) -> None:
        self._quotas = quotas
        self._shared = shared
        self._alerts = alerts
        self._clock = clock
        self._last: SentAlert | None = None
        self._needs = 0
        self._task: asyncio.Task[None] | None = None

    def look(self, needs: int = 1) -> None:
        """Look soon how much is used. `needs`: credits that a picture costs, which the limit may not have left."""
        self._needs = max(self._needs, needs, 1)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look(), name="ceiling")

    async def close(self) -> None:
        """Finish what is under way, within CLOSING_SECONDS."""
        if self._task:
            _, late = await asyncio.wait([self._task], timeout=CLOSING_SECONDS)
            for task in late:
                task.cancel()

    async def _look(self) -> None:
        while self._needs:  # also for what was accepted meanwhile
            needs, self._needs = self._needs, 0
            try:
                await self._check(needs)
            except Exception:
                log.exception("the use of the daily limit could not be looked up; the next request tries again")

    async def _check(self, needs: int) -> None:
        rule = await self._rule()
        if rule is None or rule.usage_query is None or not rule.amount:  # 0 is the operator's own wish
            return
        day = rule.usage_query.since
        if self._last and self._last.is_last(day, rule.amount):
            return
        usage = await self._quotas.usage(_ANYBODY, [rule.usage_query])
        used = int(usage.counts[rule.usage_query])
        await self._tell(CeilingUse(limit=rule.amount, used=used, day=day, ends=rule.ends or day, needs=needs))

    async def _rule(self) -> LimitRule | None:
        policy = await self._quotas.policy(_ANYBODY)
        return next((rule for rule in rules(policy, _ANYBODY, self._clock()) if rule.by.who is Who.BOT), None)

    async def _tell(self, use: CeilingUse) -> None:
        """Alert the operator, unless this or another process already has."""
        while alert := next_alert(use, self._last):
            before = (await self._shared.read()).get(LAST_ALERT)
            self._last = _parsed(before)
            if next_alert(use, self._last) is None:
                return
            if await self._shared.swap(LAST_ALERT, before, _SENT.dump_json(alert).decode()):
                self._last = alert
                await self._alerts.ceiling(use)


def _parsed(value: str | None) -> SentAlert | None:
    """Parse what was stored. What another version has written is ignored: at worst, an alert is repeated."""
    try:
        return None if value is None else _SENT.validate_json(value)
    except ValidationError:
        log.warning("the last alert about the daily limit can't be read")
        return None
