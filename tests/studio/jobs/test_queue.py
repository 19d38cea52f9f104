"""Whose turn it is."""

from __future__ import annotations

import asyncio
import time
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from studio.jobs.queue import FairQueue


async def drained(queue: FairQueue) -> list[str]:
    return [await queue.get() for _ in range(len(queue))]


async def test_servers_take_turns_and_then_members_do():
    queue = FairQueue(time.monotonic)
    for number in range(3):
        queue.put(f"greedy-{number}", place=1, member=1)
    queue.put("patient", place=1, member=2)
    queue.put("elsewhere", place=2, member=3)
    assert await drained(queue) == ["greedy-0", "elsewhere", "patient", "greedy-1", "greedy-2"]


async def test_a_job_that_had_its_turn_and_could_not_use_it_is_next():
    queue = FairQueue(time.monotonic)
    queue.put("first", place=1, member=1)
    queue.put("second", place=1, member=1)
    taken = await queue.get()
    queue.put_first(taken, member=1)
    assert await drained(queue) == ["first", "second"]


async def test_a_pause_holds_everybody_until_it_is_over():
    queue = FairQueue(time.monotonic)
    queue.put("job", place=1, member=1)
    queue.pause(0.05)
    queue.pause(0.01)  # a shorter pause never cuts a longer one
    begun = time.monotonic()
    assert await queue.get() == "job"
    assert time.monotonic() - begun >= 0.05


async def test_no_more_are_out_at_once_than_may_be_and_one_that_comes_back_makes_room():
    queue = FairQueue(time.monotonic, 2)
    for number in range(3):
        queue.put(f"job-{number}", place=1, member=number)
    assert [await queue.get(), await queue.get()] == ["job-0", "job-1"]
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    assert not waiting.done()
    queue.done("job-0")
    assert await waiting == "job-2"


async def test_a_larger_share_wakes_whoever_waits_for_room():
    queue = FairQueue(time.monotonic, 1)
    for number in range(2):
        queue.put(f"job-{number}", place=1, member=number)
    await queue.get()
    waiting = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.share(2)
    assert await waiting == "job-1"


async def test_a_new_job_is_told_how_many_are_ahead():
    queue = FairQueue(time.monotonic, 2)
    assert (queue.place(9), queue.place(9, besides=3)) == (0, 2)
    for number in range(3):
        queue.put(f"job-{number}", place=1, member=number)
    await queue.get()
    assert queue.place(9) == 2


async def test_a_member_in_many_servers_leaves_a_quarter_of_all_places_to_others():
    queue = FairQueue(time.monotonic, 8)
    for number in range(20):
        queue.put(f"greedy-{number}", place=number, member=1)
    assert [queue.take() for _ in range(7)] == [*(f"greedy-{number}" for number in range(6)), None]
    queue.put("patient", place=1, member=2)
    assert queue.take() == "patient"
    queue.done("greedy-0")
    assert queue.take() == "greedy-6"


async def test_a_member_who_has_their_share_is_told_how_many_of_their_own_jobs_are_ahead():
    queue = FairQueue(time.monotonic, 4)
    for number in range(5):
        queue.put(f"job-{number}", place=1, member=1)
    while queue.take():
        pass
    assert (queue.place(1), queue.place(2)) == (3, 0)
    queue.remove("job-3")
    queue.remove("job-4")
    assert (queue.place(1), queue.place(2)) == (1, 0)


async def test_what_is_taken_out_of_the_queue_is_told_from_what_did_not_wait():
    queue = FairQueue(time.monotonic)
    queue.put("job", place=1, member=1)
    assert queue.remove("job")
    assert not queue.remove("job")


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 4)), max_size=40))
def test_every_job_has_its_turn_once_and_nobody_is_passed_twice(asked):
    async def run():
        queue = FairQueue(time.monotonic)
        for number, (place, member) in enumerate(asked):
            queue.put(f"{place}/{member}/{number}", place=place, member=member)
        return await drained(queue)

    order = asyncio.run(run())
    assert sorted(order) == sorted(f"{place}/{member}/{n}" for n, (place, member) in enumerate(asked))
    places = [job.split("/")[0] for job in order]
    left = Counter(places)
    since: Counter[str] = Counter()
    for place in places:
        left[place] -= 1
        for other in left:
            if other != place and left[other] > 0:
                since[other] += 1
        since[place] = 0
        assert all(count <= len(left) for count in since.values())


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 4)), max_size=30), st.data())
def test_the_order_that_is_told_is_the_order_in_which_they_come_whoever_leaves(asked, data):
    async def run():
        queue = FairQueue(time.monotonic)
        for number, (place, member) in enumerate(asked):
            queue.put(str(number), place=place, member=member)
        if asked:
            queue.put_first("again", member=1)
        gone = data.draw(st.sets(st.sampled_from([*map(str, range(len(asked))), "unknown"])))
        for job_id in gone:
            queue.remove(job_id)
        told = queue.order()
        assert await drained(queue) == told
        assert set(told) == {*map(str, range(len(asked))), *(["again"] if asked else [])} - gone
        assert len(queue) == 0

    asyncio.run(run())
