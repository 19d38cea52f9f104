"""Tasks are looked up together, soon after they have ended, and seldom before."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from seedream import Result, TaskStatus
from seedream.errors import AuthenticationFailed, ResponseLost, UnreadableAnswer, WrongAddress
from seedream.polling import LONGEST_SECONDS, SHORTEST_SECONDS
from studio.task_poller import MOST_AT_ONCE, PATIENCE_SECONDS, REFUSED_SECONDS, NoRecordError, TaskPoller


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
