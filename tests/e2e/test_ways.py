"""How requests are sent: by what the provider offers, what was seen to work, and what the operator chose."""

from __future__ import annotations

import asyncio

import pytest

from tests.e2e.conftest import a_world, public_address
from tests.support.world import TIMEOUT

PRO = "doubao-seedream-5.0-pro"


async def modes(world):
    return [one["mode"] for one in await world.requests()]


async def make_three(world):
    """One picture, several, and one of a model that can't stream."""
    await world.ada.imagine_to_end(prompt="one fox")
    await world.ada.imagine_to_end(prompt="two foxes", images=2)
    await world.ada.imagine_to_end(prompt="a pro fox", model=PRO)
    return await modes(world)


WAYS = {
    "xhuoapi": ({}, ["stream", "stream", "plain"]),
    "acedata": ({"SEEDREAM_PROVIDER": "acedata"}, ["async", "stream", "async"]),
    "with a public address": (public_address, ["callback", "stream", "callback"]),
    "plain by choice": ({"DELIVERY": "plain"}, ["plain", "plain", "plain"]),
    "polled by choice": ({"DELIVERY": "poll"}, ["async", "async", "async"]),
    "streamed by choice": ({"DELIVERY": "stream", "SEEDREAM_PROVIDER": "acedata"}, ["stream", "stream", "async"]),
}


@pytest.mark.parametrize(("settings", "expected"), WAYS.values(), ids=WAYS)
async def test_a_request_goes_the_way_that_is_known_to_work(tmp_path, settings, expected):
    async with a_world(tmp_path, **(settings() if callable(settings) else settings)) as world:
        assert await make_three(world) == expected


async def test_a_provider_that_keeps_no_records_is_not_polled_again(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.jobs.task_poller.REFUSED_SECONDS", 0.6)
    async with a_world(tmp_path, api={"task_records": "callback_only"}, SEEDREAM_PROVIDER="acedata") as world:
        lost = await (await world.ada.imagine(prompt="a fox")).result(pictures=0)
        assert "may still have charged" in lost.text
        await world.ada.imagine_to_end(prompt="a fox")
        assert await modes(world) == ["async", "stream"]


async def test_looking_begins_at_the_usual_time_and_many_tasks_share_a_look(tmp_path):
    async with a_world(tmp_path, SEEDREAM_PROVIDER="acedata") as world:
        await world.set_api(delay=1.5)
        await world.ada.imagine_to_end(prompt="a first fox")
        before = await world.lookups()
        assert len(before) >= 2
        asked = [await world.ada.imagine(prompt=f"fox {number}") for number in range(6)]
        for one in asked:
            await one.result(pictures=1)
        looks = (await world.lookups())[len(before) :]
        assert len(looks) <= 6
        assert max(looks) > 1


async def test_a_stream_that_breaks_off_is_looked_up_where_its_task_is_named(tmp_path):
    async with a_world(tmp_path, api={"tell_task_ids": True}, SEEDREAM_PROVIDER="acedata") as world:
        await world.api_fault("stream_cut", after=1, billed=True)
        result = await (await world.ada.imagine(prompt="three foxes", images=3)).result(pictures=3)
        assert "3 of 3" not in result.text
        [entry] = await world.requests()
        assert (entry["mode"], entry["billed"]) == ("stream", 3)


async def test_a_callback_that_is_late_is_looked_up(tmp_path, monkeypatch):
    monkeypatch.setattr("studio.jobs.task_results.CALLBACK_LATE_SECONDS", 0.3)
    async with a_world(tmp_path, **public_address()) as world:
        await world.api_fault("callback_lost")
        await world.ada.imagine_to_end(prompt="a fox")
        assert await modes(world) == ["callback"]
        assert await world.lookups()


@pytest.mark.parametrize("answer", ["record", "plain", "status"])
async def test_every_form_of_a_tasks_record_is_understood(tmp_path, answer):
    async with a_world(tmp_path, api={"task_answer": answer}, SEEDREAM_PROVIDER="acedata") as world:
        await world.ada.imagine_to_end(prompt="a fox")


ENDS = {
    "it failed and says nothing": {"patch": {"success": False}, "replace": True},
    "it was cancelled": {"on": "tasks", "patch": {"state": "cancelled", "response": None}, "times": None},
    "it made nothing": {"patch": {"data": []}},
}


@pytest.mark.parametrize("fault", ENDS.values(), ids=ENDS)
async def test_a_task_that_has_failed_is_not_waited_for(tmp_path, fault):
    async with a_world(tmp_path, SEEDREAM_PROVIDER="acedata") as world:
        await world.api_fault("rewrite", **fault)
        async with asyncio.timeout(TIMEOUT / 3):
            end = await (await world.ada.imagine(prompt="a fox")).result(pictures=0)
        assert "Retry" in end.labels
