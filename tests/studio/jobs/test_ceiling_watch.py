"""Who tells the operator, and when, that the day's credits are being used up; on ports in memory."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from studio.jobs.ceiling_watch import LAST_ALERT, CeilingWatch
from studio.quota.ledger import Charge
from studio.quota.limits import Ceilings, Policy
from tests.support.memory import MemoryAlerts, MemoryQuotas, MemorySharedState, MemoryStore

DAY = 86_400.0
NOON = 20_000.5 * DAY


@dataclass
class Bot:
    """All processes: one ledger, one shared state, one clock. `limit`: of those that start from now on."""

    limit: int | None = 10
    now: float = NOON

    def __post_init__(self) -> None:
        self.store = MemoryStore({}, lambda: self.now)
        self.shared = MemorySharedState()
        self.operator = MemoryAlerts()

    def process(self):
        quotas = MemoryQuotas(self.store)
        quotas.set = Policy(ceilings=Ceilings(daily=self.limit))
        return CeilingWatch(quotas, self.shared, self.operator, lambda: self.now)

    async def spend(self, amount, *processes, needs=1):
        """Somebody spends so much, and these processes look."""
        job_id = f"{len(self.store.charges)}"
        self.store.charges[job_id] = Charge(
            job_id=job_id, server_id=0, user_id=1, at=self.now, model="m", price=1, images=amount
        )
        for process in processes:
            process.look(needs)
        await asyncio.gather(*(process.close() for process in processes))

    @property
    def told(self):
        return [(use.used, use.limit) for use in self.operator.ceilings]


async def test_the_operator_is_told_at_each_level_once():
    bot = Bot()
    process = bot.process()
    for _ in range(12):
        await bot.spend(1, process)
    assert bot.told == [(5, 10), (8, 10), (10, 10)]
    assert {use.ends for use in bot.operator.ceilings} == {20_001 * DAY}


async def test_of_all_processes_one_tells_them():
    bot = Bot()
    processes = [bot.process() for _ in range(5)]
    for _ in range(12):
        await bot.spend(1, *processes)
    assert bot.told == [(5, 10), (8, 10), (10, 10)]


async def test_a_process_that_starts_again_repeats_nothing_and_catches_up():
    bot = Bot()
    await bot.spend(5, bot.process())
    await bot.spend(0, bot.process())
    assert bot.told == [(5, 10)]
    await bot.spend(3)
    await bot.spend(0, bot.process())
    assert bot.told == [(5, 10), (8, 10)]


async def test_the_day_rolls_over_at_midnight_utc_and_the_next_is_told_anew():
    bot = Bot()
    process = bot.process()
    bot.now = 20_001 * DAY - 0.5
    await bot.spend(10, process)
    bot.now = 20_001 * DAY
    await bot.spend(4, process)
    assert bot.told == [(10, 10)]
    await bot.spend(1, process)
    assert bot.told == [(10, 10), (5, 10)]
    assert [use.ends for use in bot.operator.ceilings] == [20_001 * DAY, 20_002 * DAY]


async def test_of_a_limit_that_is_raised_during_the_day_the_higher_levels_are_told():
    bot = Bot()
    await bot.spend(10, bot.process())
    bot.limit = 20
    raised = bot.process()
    await bot.spend(0, raised)
    await bot.spend(6, raised)
    assert bot.told == [(10, 10), (16, 20)]
    await bot.spend(4, raised)
    assert bot.told == [(10, 10), (16, 20), (20, 20)]


async def test_a_limit_of_one_is_told_once():
    bot = Bot(limit=1)
    process = bot.process()
    await bot.spend(0, process)
    for _ in range(3):
        await bot.spend(1, process)
    assert bot.told == [(1, 1)]


async def test_a_rest_that_is_too_small_for_a_picture_is_told_as_the_end():
    bot = Bot(limit=7)
    process = bot.process()
    await bot.spend(6, process)
    await bot.spend(0, process, needs=2)
    await bot.spend(0, process, needs=2)
    assert [use.is_used_up for use in bot.operator.ceilings] == [False, True]


@pytest.mark.parametrize("limit", [None, 0])
async def test_without_a_limit_or_with_none_at_all_nobody_is_told(limit):
    bot = Bot(limit=limit)
    await bot.spend(1_000, bot.process())
    assert bot.told == []


async def test_a_database_that_fails_costs_one_look_and_no_alert(caplog):
    bot = Bot()
    process = bot.process()
    read, bot.shared.read = bot.shared.read, None
    await bot.spend(5, process)
    assert "could not be looked up" in caplog.text
    bot.shared.read = read
    await bot.spend(0, process)
    assert bot.told == [(5, 10)]


async def test_what_another_version_has_written_is_no_obstacle():
    bot = Bot()
    bot.shared.values[LAST_ALERT] = '{"since": "ever"}'
    await bot.spend(5, bot.process())
    assert bot.told == [(5, 10)]
