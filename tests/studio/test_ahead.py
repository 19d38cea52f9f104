"""Working ahead of a loop."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from studio.ahead import ahead


async def numbers(upto, made, *, error=None):
    for number in range(upto):
        await asyncio.sleep(0)
        made.append(number)
        yield number
    if error:
        raise error


async def test_every_item_comes_once_and_in_order():
    assert [number async for number in ahead(numbers(5, []))] == [0, 1, 2, 3, 4]
    assert [number async for number in ahead(numbers(0, []))] == []


async def test_the_next_item_is_made_while_one_is_used_and_no_more():
    made = []
    async with aclosing(ahead(numbers(5, made))) as items:
        async for number in items:
            for _ in range(10):
                await asyncio.sleep(0)
            assert len(made) == min(number + 2, 5)


async def use(items, used):
    async for item in items:
        used.append(item)


async def test_what_goes_wrong_comes_after_the_items_before_it():
    used = []
    with pytest.raises(OSError, match="gone"):
        await use(ahead(numbers(2, [], error=OSError("gone"))), used)
    assert used == [0, 1]


async def test_a_loop_that_is_left_leaves_no_task_behind():
    before = asyncio.all_tasks()
    async with aclosing(ahead(numbers(5, []))) as items:
        async for _ in items:
            break
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
