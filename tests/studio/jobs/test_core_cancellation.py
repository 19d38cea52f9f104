"""A shutdown may come at any await of a job's life. Nothing is lost, and nothing is paid for twice."""

from __future__ import annotations

import asyncio
import logging

import pytest

from studio.jobs.states import JobState, Path
from tests.support.core import HOUR, a_world
from tests.support.memory_api import Plan
from tests.support.memory_presenter import View
from tests.support.virtual_time import in_virtual_time

REQUESTS = {"one picture": {}, "a set": {"group": 3}, "an edit": {"images": ("https://cdn.example/fox.png",)}}


@pytest.fixture(autouse=True)
def _quiet():
    """Every shutdown interrupts something on purpose."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def at_call(process, number, act):
    """Count the calls of a process; at the one with this number, `act`."""
    calls, step = [0], process.step

    def counting():
        calls[0] += 1
        if calls[0] == number:
            act()
        step()

    process.step = counting
    return calls


async def a_life(path, request, *, shut_down_at=0, grace=0.0):
    """Let a job live, with a shutdown at one of its process's calls, and judge what became of it.

    Returns how many calls its process made until the job was settled.
    """
    async with a_world() as world:
        world.api.plans.append(Plan(seconds=2))
        process = await world.start(path)
        closing = []

        def shut_down():
            closing.append(asyncio.ensure_future(process.do(process.service.close(grace=grace))))

        calls = at_call(process, shut_down_at, shut_down)
        job = await world.ask(process, **request)
        carrying = asyncio.ensure_future(carry_callbacks(world))
        await world.until(lambda: closing or world.row(job).settled, within=HOUR)
        until_settled = calls[0]
        if closing:
            await closing[0]
            process.die()
            other = await world.start(path)
            await world.settled(within=HOUR)
            assert_nothing_is_held(other.service)
        carrying.cancel()
        await asyncio.sleep(61)  # a round of recovery, which sweeps up
        judge(world, world.row(job))
        return until_settled


async def carry_callbacks(world):
    """Deliver what the service posts to whichever process is alive, once a second."""
    while True:
        await asyncio.sleep(1)
        for process in world.alive[-1:]:
            await world.carry_callbacks(process)


def judge(world, job):
    prompt, charge = job.request.prompt, world.store.charges[job.id]
    assert job.settled
    assert world.api.begun[prompt] <= 1
    assert (charge.settled, charge.images) == (True, job.spent)
    assert job.spent <= world.api.made[prompt]
    assert job.state is not JobState.CANCELLED or not world.api.begun[prompt]
    assert job.id not in world.pictures.files
    assert world.shown(job) == View.of(job)


def assert_nothing_is_held(service):
    assert (service.running, service.waiting) == (0, 0)
    assert not service._callback_inbox.waiting


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("path", Path)
@in_virtual_time
async def test_a_shutdown_at_any_call_loses_nothing_and_sends_nothing_twice(path, request_):
    calls = await a_life(path, request_)
    assert calls > 10
    for number in range(1, calls + 1):
        await a_life(path, request_, shut_down_at=number)


@pytest.mark.parametrize("path", Path)
@in_virtual_time
async def test_a_shutdown_with_some_grace_lets_what_runs_end(path):
    calls = await a_life(path, {})
    for number in range(1, calls + 1):
        await a_life(path, {}, shut_down_at=number, grace=10.0)
