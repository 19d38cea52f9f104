"""How long a database is waited for, by who waits."""

from __future__ import annotations

import asyncio

import pytest

from studio.patience import WORK_SECONDS, answer_within, patience, waiting


async def test_work_in_the_background_waits_for_minutes():
    assert patience() == WORK_SECONDS


async def test_a_deadline_holds_for_the_task_that_has_it_and_for_what_it_starts():
    answer_within(5.0)
    assert 4.0 < patience() <= 5.0

    async def started():
        return patience()

    assert await asyncio.create_task(started()) <= 5.0


async def test_what_was_accepted_waits_as_work_does_whoever_asked_for_it():
    answer_within(0.0)
    assert patience() == 0.0
    with waiting():
        assert patience() == WORK_SECONDS
    with waiting(3.0):
        assert 2.0 < patience() <= 3.0
    assert patience() == 0.0


async def test_a_deadline_of_one_task_is_no_other_tasks():
    async def another():
        answer_within(1.0)

    await asyncio.create_task(another())
    assert patience() == pytest.approx(WORK_SECONDS)
