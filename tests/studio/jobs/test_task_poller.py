"""Tasks are looked up together, soon after they have ended, and seldom before."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from seedream import Result, TaskStatus
from seedream.errors import (
    AuthenticationFailed,
    InvalidRequest,
    RateLimited,
    ResponseLost,
    UnreadableAnswer,
    WrongAddress,
)
from seedream.polling import LONGEST_SECONDS, SHORTEST_SECONDS
from studio.jobs.task_poller import (
    MOST_AT_ONCE,
    MOST_LOOK_UPS,
    PATIENCE_SECONDS,
    REFUSED_SECONDS,
    NoRecordError,
    TaskPoller,
)


class Service:
    """Tasks that end at a time of this clock, which waiting moves on. `looks` has each look's time and ids."""

    def __init__(self, **ends: float) -> None:
        self.now = 0.0
        self.ends = ends
        self.looks: list[tuple[float, list[str]]] = []
        self.error: Exception | None = None

    def clock(self) -> float:
        return self.now

    async def wait(self, changed: asyncio.Event, seconds: float) -> None:
        await asyncio.sleep(0)
        if not changed.is_set():
            self.now += seconds

    async def tasks(self, ids: list[str]) -> dict[str, TaskStatus]:
        self.looks.append((self.now, ids))
        if self.error:
            raise self.error
        return {one: TaskStatus(id=one, state=self._state(one), result=Result()) for one in ids}

    def _state(self, one: str) -> str:
        ends = self.ends.get(one)
        return "unknown" if ends is None else "succeeded" if self.now >= ends else "running"

    def poller(self) -> TaskPoller:
        return TaskPoller(self, self.clock, wait=self.wait)

    @property
    def times(self) -> list[float]:
        return [time for time, _ in self.looks]


@pytest.mark.parametrize("seconds", [0.2, 5.0, 26.0, 43.0, 90.0, 1000.0])
async def test_a_picture_is_five_percent_late_at_most(seconds):
    service = Service(fox=seconds)
    ended = await service.poller().ended("fox", submitted_at=0.0, usual=None)
    assert ended.status.state == "succeeded"
    assert service.now <= max(seconds * 1.05 + 0.01, seconds + SHORTEST_SECONDS)


@pytest.mark.parametrize("seconds", [26.0, 43.0, 90.0])
async def test_looking_begins_at_the_usual_time(seconds):
    service = Service(fox=seconds)
    await service.poller().ended("fox", submitted_at=0.0, usual=seconds - 1)
    assert service.times[0] == seconds - 1
    assert len(service.looks) <= 3


async def test_the_pauses_are_five_percent_of_the_age_within_bounds():
    service = Service(fox=900.0)
    await service.poller().ended("fox", submitted_at=0.0, usual=None)
    for before, after in pairwise(service.times):
        assert after - before == pytest.approx(min(max(before * 0.05, SHORTEST_SECONDS), LONGEST_SECONDS))


async def test_many_tasks_share_their_look_ups():
    service = Service(**{f"task-{n}": 30.0 for n in range(120)})
    poller = service.poller()
    ended = await asyncio.gather(*(poller.ended(one, submitted_at=0.0, usual=29.5) for one in service.ends))
    assert len(ended) == 120
    assert max(len(ids) for _, ids in service.looks) == MOST_AT_ONCE
    assert len(service.looks) <= 3 * 3


async def test_a_task_that_comes_later_is_looked_up_in_its_own_time():
    service = Service(slow=100.0, quick=3.0)
    poller = service.poller()
    slow = asyncio.create_task(poller.ended("slow", submitted_at=0.0, usual=90.0))
    await asyncio.sleep(0)
    assert (await poller.ended("quick", submitted_at=0.0, usual=None)).seconds <= 4
    assert not slow.done()
    await slow


async def test_what_ended_before_the_first_look_makes_the_usual_time_shorter():
    service = Service(fox=5.0)
    assert (await service.poller().ended("fox", submitted_at=0.0, usual=40.0)).seconds == pytest.approx(38.0)


async def test_the_services_own_times_count_more_than_when_we_looked():
    service = Service(fox=5.0)

    async def timed(ids):
        return {one: TaskStatus(id=one, state="succeeded", result=Result(), seconds=4.5) for one in ids}

    service.tasks = timed
    assert (await service.poller().ended("fox", submitted_at=0.0, usual=40.0)).seconds == 4.5


async def test_a_look_up_that_fails_is_made_again():
    service = Service(fox=5.0)
    service.error = ResponseLost()
    waiting = asyncio.create_task(service.poller().ended("fox", submitted_at=0.0, usual=None))
    while service.now < 60:  # noqa: ASYNC110 - the clock moves on as long as others have their turn
        await asyncio.sleep(0)
    service.error = None
    assert (await waiting).status.state == "succeeded"


async def test_where_there_are_no_look_ups_nobody_waits_for_one():
    service = Service(fox=5.0)
    service.error = WrongAddress(404, "no_api")
    with pytest.raises(NoRecordError):
        await service.poller().ended("fox", submitted_at=0.0, usual=None)
    assert len(service.looks) == 1


async def test_where_the_provider_has_no_tasks_nobody_waits_for_one():
    service = Service(fox=5.0)
    service.error = InvalidRequest()
    with pytest.raises(NoRecordError):
        await service.poller().ended("fox", submitted_at=0.0, usual=None)


async def test_a_slow_look_up_holds_up_nobody_elses():
    service, stuck = Service(slow=1.0, quick=30.0), asyncio.Event()
    tasks = service.tasks

    async def sometimes_stuck(ids):
        if "slow" in ids:
            await stuck.wait()
        return await tasks(ids)

    service.tasks = sometimes_stuck
    poller = service.poller()
    slow = asyncio.create_task(poller.ended("slow", submitted_at=0.0, usual=None))
    quick = asyncio.create_task(poller.ended("quick", submitted_at=0.0, usual=29.0))
    await asyncio.wait_for(quick, 5)
    assert service.now <= 31.5
    assert not slow.done()
    stuck.set()
    await slow


async def test_so_many_look_ups_are_under_way_at_once_at_most():
    service, stuck, under_way = Service(), asyncio.Event(), []

    async def hanging(ids):
        under_way.append(ids)
        await stuck.wait()
        return {one: TaskStatus(id=one, state="succeeded", result=Result()) for one in ids}

    service.tasks = hanging
    poller = service.poller()
    waiting = [asyncio.create_task(poller.ended(f"task-{n}", submitted_at=0.0, usual=1.0)) for n in range(1000)]
    while len(under_way) < MOST_LOOK_UPS:  # noqa: ASYNC110 - the clock moves on as long as others have their turn
        await asyncio.sleep(0)
    for _ in range(100):
        await asyncio.sleep(0)
    assert [len(ids) for ids in under_way] == [MOST_AT_ONCE] * MOST_LOOK_UPS
    stuck.set()
    await asyncio.gather(*waiting)
    assert len(under_way) == 1000 / MOST_AT_ONCE


@pytest.mark.parametrize(("retry_after", "pauses"), [(20.0, (20.0, 20.0)), (None, (0.5, 60.0))])
async def test_a_rate_limit_holds_up_all_look_ups(retry_after, pauses):
    service = Service(one=1.0, other=1.0)
    service.error = RateLimited(retry_after=retry_after)
    poller = service.poller()
    waiting = [asyncio.create_task(poller.ended(one, submitted_at=0.0, usual=None)) for one in service.ends]
    while len(service.looks) < 8:  # noqa: ASYNC110 - likewise
        await asyncio.sleep(0)
    service.error = None
    await asyncio.gather(*waiting)
    gaps = [after - before for before, after in pairwise(service.times)]
    assert all(pauses[0] <= gap <= pauses[1] for gap in gaps[:7])
    assert max(gaps) >= 15


async def test_a_usual_time_of_years_does_not_keep_a_task_from_being_looked_up():
    service = Service(fox=5.0)
    assert (await service.poller().ended("fox", submitted_at=0.0, usual=1e9)).status.state == "succeeded"
    assert service.now == PATIENCE_SECONDS


@pytest.mark.parametrize("error", [None, AuthenticationFailed(401, "invalid_token")])
async def test_a_refusal_is_believed_once_it_has_lasted(error):
    service = Service()
    service.error = error
    with pytest.raises(AuthenticationFailed if error else NoRecordError):
        await service.poller().ended("gone", submitted_at=0.0, usual=None)
    assert REFUSED_SECONDS <= service.now <= REFUSED_SECONDS + 2 * LONGEST_SECONDS


async def test_a_task_that_never_ends_is_given_up():
    service = Service(stuck=float("inf"))
    with pytest.raises(UnreadableAnswer, match="30 minutes"):
        await service.poller().ended("stuck", submitted_at=0.0, usual=None)
    assert PATIENCE_SECONDS <= service.now <= PATIENCE_SECONDS + LONGEST_SECONDS


async def test_what_nobody_waits_for_any_more_is_not_looked_up():
    service = Service(fox=1e9)
    poller = service.poller()
    waiting = asyncio.create_task(poller.ended("fox", submitted_at=0.0, usual=None))
    while not service.looks:  # noqa: ASYNC110 - likewise
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await asyncio.wait_for(poller._looking, 5)


async def test_a_fault_of_ours_reaches_who_waits():
    service = Service(fox=1.0)
    service.error = RuntimeError("a bug")
    with pytest.raises(RuntimeError, match="a bug"):
        await service.poller().ended("fox", submitted_at=0.0, usual=None)


async def test_an_answer_that_leaves_a_task_out_reaches_who_waits_and_is_not_asked_for_again_at_once():
    service = Service(fox=1.0)

    async def forgetful(ids):
        service.looks.append((service.now, ids))
        return {}

    service.tasks = forgetful
    with pytest.raises(KeyError):
        await asyncio.wait_for(service.poller().ended("fox", submitted_at=0.0, usual=None), 5)
    assert len(service.looks) == 1
