"""What holds for every job, whatever happens: a model of their lives in which processes die between any two writes."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from seedream.errors import ConnectionNotMade, ContentRefused, RateLimited
from studio.errors import StudioError
from studio.jobs.errors import DeliveryDelayedError, UndeliverableError
from studio.jobs.states import JobState, Path
from tests.support.core import HOUR, World
from tests.support.memory_api import Plan
from tests.support.memory_presenter import View
from tests.support.virtual_time import VirtualLoop, virtual_time

PLANS = (
    Plan(),
    Plan(seconds=70),
    Plan(failed=True),
    Plan(lost=True),
    Plan(lost=True, named=False),
    Plan(refused=ContentRefused(400, "content_policy", "no")),
    Plan(refused=ConnectionNotMade()),
    Plan(refused=RateLimited(retry_after=5)),
)
ANY = st.integers(0, 99)


class Lives(RuleBasedStateMachine):
    """Members, SeeDream, Discord and death act in turn; at the end all is well again, and is looked at."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        self.time = virtual_time()
        self.world = World(self.loop)
        self.unposted = []
        self.faulty = False  # a process died, or an answer was lost: what was made may not be known

    def run(self, coroutine):
        """Do it, and let the next moment pass."""

        async def now():
            await coroutine
            await asyncio.sleep(0.1)

        self.loop.run_until_complete(now())
        for process in self.world.processes:
            if not process.alive:
                self.faulty = True
                process.die()

    def process(self, number):
        return self.world.alive[number % len(self.world.alive)]

    def job(self, number):
        """One with a message, for the buttons are there."""
        jobs = list(self.world.presenter.placeholders)
        return self.world.store.jobs[jobs[number % len(jobs)]]

    def alive(self):
        return bool(self.world.alive)

    def alive_with_jobs(self):
        return bool(self.world.alive and self.world.presenter.placeholders)

    @initialize(path=st.sampled_from(list(Path)))
    def begin(self, path):
        self.path = path
        self.run(self.world.start(path, most=2))

    # --- members ------------------------------------------------------------------------------------------------------

    @precondition(alive)
    @rule(number=ANY, group=st.sampled_from([None, 3]), user=st.integers(1, 2), private=st.booleans(), post=ANY)
    def somebody_asks(self, number, group, user, private, post):
        process = self.process(number)

        async def ask():
            job = await self.world.submit(process, user_id=user, private=private, group=group)
            if job and post % 5:
                await self.world.post(process, job)
            elif job:
                self.unposted.append((process, job))

        self.run(ask())

    @precondition(lambda self: self.unposted)
    @rule(noted=st.booleans())
    def a_placeholder_is_posted(self, noted):
        process, job = self.unposted.pop()
        if noted:
            self.run(self.world.post(process, job))
        else:  # the process dies before it hears of it
            self.world.presenter.post(job)
            process.alive = False
            self.run(asyncio.sleep(0))

    @precondition(lambda self: self.unposted)
    @rule()
    def a_placeholder_cannot_be_posted(self):
        process, job = self.unposted.pop()
        self.run(process.do(process.service.abandon(job.id)))

    @precondition(alive_with_jobs)
    @rule(number=ANY, of=ANY)
    def somebody_cancels(self, number, of):
        process, job = self.process(number), self.job(of)

        async def cancel():
            with suppress(StudioError):
                await process.do(process.service.cancel(job.id, by=job.origin.user_id, may_manage=False))

        self.run(cancel())

    @precondition(alive_with_jobs)
    @rule(number=ANY, of=ANY)
    def somebody_stops(self, number, of):
        process, job = self.process(number), self.job(of)

        async def stop():
            with suppress(StudioError):
                await process.do(process.service.drop(job.id, by=job.origin.user_id, may_manage=False))

        self.run(stop())

    @precondition(alive_with_jobs)
    @rule(number=ANY, of=ANY)
    def somebody_deletes(self, number, of):
        process = self.process(number)
        self.run(process.do(process.service.delete(self.job(of))))

    # --- SeeDream and Discord -----------------------------------------------------------------------------------------

    @rule(plan=st.sampled_from(PLANS))
    def the_service_has_a_plan(self, plan):
        self.world.api.plans.append(plan)
        self.faulty = self.faulty or plan.lost

    @precondition(lambda self: self.world.alive and self.world.api.posts)
    @rule(number=ANY, of=ANY)
    def a_callback_comes(self, number, of):
        post = self.world.api.posts[of % len(self.world.api.posts)]
        if post.due <= self.world.clock():
            self.run(self.world.call_back(self.process(number), post))

    @rule(refusal=st.sampled_from([None, DeliveryDelayedError("down"), UndeliverableError("locked")]))
    def discord_changes_its_mind(self, refusal):
        self.world.presenter.refusal = refusal

    # --- time and death -----------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.3, 2, 5, 11, 30, 70, 300]))
    def time_passes(self, seconds):
        self.run(asyncio.sleep(seconds))

    @precondition(lambda self: len(self.world.alive) < 3)
    @rule()
    def a_process_starts(self):
        self.run(self.world.start(self.path, most=2))

    @precondition(alive)
    @rule(number=ANY, calls=st.integers(1, 40))
    def a_process_is_about_to_die(self, number, calls):
        self.process(number).calls_left = calls

    @precondition(alive)
    @rule(number=ANY, grace=st.sampled_from([0, 5, 30]))
    def a_process_is_shut_down(self, number, grace):
        process = self.process(number)

        async def close():
            await process.do(process.service.close(grace=grace))
            process.alive = False

        self.run(close())

    @rule()
    def the_files_are_lost(self):
        self.world.pictures.files.clear()

    # --- the end ------------------------------------------------------------------------------------------------------

    def teardown(self):
        try:
            self.loop.run_until_complete(self.all_is_well_again())
            for job in self.world.jobs:
                self.judge(job)
            for process in self.world.alive:
                self.holds_nothing(process.service)
        finally:
            self.loop.run_until_complete(self.world.end())
            self.loop.close()
            self.time.undo()

    async def all_is_well_again(self):
        world = self.world
        world.presenter.refusal = None
        world.api.plans.clear()
        for process in world.alive:
            process.calls_left = None
        await world.start(self.path)
        await world.settled(within=4 * HOUR)
        await world.until(lambda: not any(job.retry_at for job in world.jobs), within=4 * HOUR)
        await asyncio.sleep(61)  # a round, which sweeps up

    def judge(self, job):
        world, charge, prompt = self.world, self.world.store.charges[job.id], job.request.prompt
        assert job.settled
        assert (charge.settled, charge.images) == (True, job.spent)
        assert world.api.begun[prompt] <= 1
        assert job.spent <= world.api.made[prompt]
        assert self.faulty or job.spent == world.api.made[prompt]
        assert job.state is not JobState.CANCELLED or not world.api.begun[prompt]
        assert job.id not in world.pictures.files
        assert job.id not in world.store.posts
        if job.deleted_at is None and job.messages:
            assert not job.undelivered
            assert world.presenter.messages[job.messages[0].id] == View.of(job)
        elif job.deleted_at is None and job.dropped_at is None:  # the member never saw it accepted
            assert (job.state, world.api.begun[prompt]) == (JobState.CANCELLED, 0)

    def holds_nothing(self, service):
        workers, rows = service._workers, service._rows
        assert (service.running, service.waiting, workers._held, workers._failures) == (0, 0, set(), {})
        assert (rows._live, rows._locks, rows.unposted, rows._message_sync._running) == ({}, {}, 0, {})
        assert not service._callback_inbox.waiting


@pytest.fixture(autouse=True)
def _quiet():
    """What goes wrong is on purpose."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


TestLives = Lives.TestCase
TestLives.settings = settings(max_examples=40, stateful_step_count=30, deadline=None, print_blob=True)
