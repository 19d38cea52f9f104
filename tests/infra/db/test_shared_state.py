"""What all processes know together, in a real database; and admission, which is known by it."""

from __future__ import annotations

import asyncio

import pytest

from infra.db.shared_state import SqlSharedState
from seedream.errors import AuthenticationFailed, BalanceUsedUp, ConnectionNotMade
from studio.jobs import circuit_breaker
from studio.jobs.admission import CIRCUIT, Admission, Drain
from studio.jobs.advance import advance
from studio.jobs.errors import DrainingError, OutOfServiceError
from studio.jobs.events import Broke, Started
from studio.jobs.failures import failure_of
from studio.jobs.states import Path, Reason
from tests.support.jobs import a_job, arrived


class Operator:
    """Keeps what is told."""

    def __init__(self):
        self.told = []

    async def out_of_service(self, reason):
        self.told.append(reason)


class Service:
    """Takes the key, or answers with an error."""

    def __init__(self):
        self.error = None
        self.asked = 0

    async def check_key(self):
        self.asked += 1
        if self.error:
            raise self.error


class Time:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Processes:
    """As many as are wanted, with one database, one service, one clock and one operator."""

    def __init__(self, engine):
        self.operator, self.service, self.time = Operator(), Service(), Time()
        self._engine = engine
        self._started = []

    async def start(self):
        name = f"process:{len(self._started)}"
        one = Admission(SqlSharedState(self._engine), self.service, self.operator, self.time, name)
        self._started.append(one)
        await one.refresh()
        return one

    def failed(self, error):
        """A job that was sent just now and came to this."""
        self.time.now += 1
        job = advance(a_job(), Started(Path.STREAM, self.time.now))
        return advance(job, Broke(failure_of(error), self.time.now))


@pytest.fixture
def processes(engine):
    return Processes(engine)


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - a task of its own brings it about
            await asyncio.sleep(0)


def is_open(admission):
    try:
        admission.check()
    except OutOfServiceError:
        return True
    return False


async def test_a_value_is_changed_only_by_who_knows_it(engine):
    shared = SqlSharedState(engine)
    assert await shared.read() == {}
    assert await shared.swap("a", None, "1")
    assert not await shared.swap("a", None, "2")
    assert not await shared.swap("a", "2", "3")
    assert await shared.swap("a", "1", "2")
    assert await shared.read() == {"a": "2"}
    assert not await shared.swap("a", "1", None)
    assert await shared.swap("a", "2", None)
    assert not await shared.swap("a", "2", "3")
    assert await shared.read() == {}


async def test_of_many_who_change_a_value_at_once_one_does(engine):
    many = [SqlSharedState(engine) for _ in range(20)]
    for before, after in ((None, "1"), ("1", "2"), ("2", None)):
        assert sum(await asyncio.gather(*(one.swap("a", before, after) for one in many))) == 1


async def test_what_one_process_learns_all_know_and_the_operator_is_told_once(processes):
    first, second = await processes.start(), await processes.start()
    failed = processes.failed(BalanceUsedUp(403, "used_up"))
    await asyncio.gather(first.learn(failed), second.learn(failed))
    await second.refresh()
    assert is_open(first)
    assert is_open(second)
    await until(lambda: processes.operator.told)
    assert processes.operator.told == [Reason.USED_UP]
    assert is_open(await processes.start())


async def test_of_all_processes_one_job_tries_after_the_pause(processes):
    all_of_them = [await processes.start() for _ in range(5)]
    await all_of_them[0].learn(processes.failed(BalanceUsedUp(403, "used_up")))
    processes.time.now += circuit_breaker.FIRST_PAUSE_SECONDS
    for one in all_of_them:
        await one.refresh()
        one.check()
    jobs = [a_job() for _ in all_of_them]
    refused = await asyncio.gather(*(one.refused(job) for one, job in zip(all_of_them, jobs, strict=True)))
    assert [failure.reason for failure in refused if failure] == [Reason.USED_UP] * 4
    probe = refused.index(None)
    made = advance(advance(jobs[probe], Started(Path.STREAM, processes.time.now)), arrived())
    await all_of_them[probe].learn(made)
    for one in all_of_them:
        await one.refresh()
        one.check()


async def test_a_key_is_asked_about_again_by_one_process_without_any_job(processes):
    first, second = await processes.start(), await processes.start()
    error = processes.service.error = AuthenticationFailed(401, "invalid_token")
    await first.learn(processes.failed(error))
    for times in (1, 2):
        processes.time.now += circuit_breaker.LONGEST_PAUSE_SECONDS
        await asyncio.gather(first.refresh(), second.refresh())
        await until(lambda times=times: first.circuit.failures + second.circuit.failures >= 2 + times)
        await asyncio.gather(first.refresh(), second.refresh())
        assert processes.service.asked == times
        assert is_open(second)
    processes.service.error = None
    processes.time.now += circuit_breaker.LONGEST_PAUSE_SECONDS
    await first.refresh()
    await until(lambda: not is_open(first) and first.circuit.reason is None)
    await second.refresh()
    second.check()


async def test_a_key_that_can_not_be_asked_about_just_now_is_asked_about_at_the_next_beat(processes):
    process = await processes.start()
    await process.learn(processes.failed(AuthenticationFailed(401, "invalid_token")))
    processes.service.error = ConnectionNotMade()
    processes.time.now += circuit_breaker.FIRST_PAUSE_SECONDS
    await process.refresh()
    await until(lambda: processes.service.asked == 1 and not process.circuit.probe)
    processes.service.error = None
    await process.refresh()
    await until(lambda: process.circuit.reason is None)


async def test_a_new_key_is_seen_at_the_start_without_waiting_for_the_pause(processes):
    old = await processes.start()
    await old.learn(processes.failed(AuthenticationFailed(401, "invalid_token")))
    assert is_open(old)
    processes.time.now += 1
    new = await processes.start()
    await until(lambda: new.circuit.reason is None)
    new.check()


async def test_the_operator_has_it_tried_at_once(processes):
    process = await processes.start()
    await process.learn(processes.failed(BalanceUsedUp(403, "used_up")))
    assert is_open(process)
    await process.try_now()
    process.check()


async def test_what_another_version_has_written_counts_for_nothing(engine, processes):
    await SqlSharedState(engine).swap(CIRCUIT, None, '{"reason": "no such reason"}')
    process = await processes.start()
    process.check()
    await process.learn(processes.failed(BalanceUsedUp(403, "used_up")))
    assert is_open(process)


async def test_where_the_database_is_away_a_job_goes_on(engine, processes):
    process = await processes.start()
    await process.learn(processes.failed(BalanceUsedUp(403, "used_up")))
    processes.time.now += circuit_breaker.FIRST_PAUSE_SECONDS

    class Away:
        async def swap(self, *_):
            raise OSError("away")

    process._shared = Away()
    assert await process.refused(a_job()) is None
    await process.learn(processes.failed(BalanceUsedUp(403, "used_up")))


@pytest.mark.parametrize("times", [1, 2])
async def test_a_drain_of_all_is_known_to_all_until_it_is_taken_back(processes, times):
    first, second = await processes.start(), await processes.start()
    for _ in range(times):
        await first.set_drain(Drain.ALL)
    await second.refresh()
    for one in (first, second, await processes.start()):
        assert one.drain is Drain.ALL
        with pytest.raises(DrainingError):
            one.check()
    for _ in range(times):
        await second.set_drain(Drain.OFF)
    await first.refresh()
    first.check()
    second.check()


async def test_a_drain_of_one_process_is_its_own(processes):
    first, second = await processes.start(), await processes.start()
    await first.set_drain(Drain.ALL)
    await first.set_drain(Drain.HERE)
    await second.refresh()
    second.check()
    with pytest.raises(DrainingError):
        first.check()
    await first.set_drain(Drain.OFF)
    first.check()
