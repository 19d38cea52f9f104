"""Every fault that the local SeeDream is told to have is seen on the wire, as often as it was asked for."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from tests.sandbox.seedream_client import callback_inbox, group, local_client, size_of


@pytest.fixture
async def client():
    async with local_client() as client:
        yield client


@pytest.fixture
async def inbox():
    async with callback_inbox() as inbox:
        yield inbox


def kinds(answer) -> list[str]:
    return [event["type"].removeprefix("image_generation.") for event in answer.events]


async def test_an_error_affects_its_number_of_requests(client):
    await client.fault("error", status=429, code="too_many_requests", retry_after=2, times=2)
    answers = [await client.ask() for _ in range(3)]
    assert [answer.status for answer in answers] == [429, 429, 200]
    assert (answers[0].code, answers[0].headers["Retry-After"]) == ("too_many_requests", "2")
    assert [entry["billed"] for entry in (await client.request_log())["requests"]] == [0, 0, 1]


async def test_an_error_without_a_number_lasts_until_it_is_cleared(client):
    await client.fault("error", times=None)
    assert {(await client.ask()).status for _ in range(3)} == {500}
    await client.call("DELETE", "/control/faults")
    assert (await client.ask()).status == 200


async def test_an_error_can_come_as_a_page_or_a_bare_string(client):
    await client.fault("error", status=502, body="html")
    await client.fault("error", status=500, body="string", message="busy")
    page, bare = await client.ask(), await client.ask()
    assert (page.status, page.headers["Content-Type"].partition(";")[0]) == (502, "text/html")
    assert (bare.status, bare.json["error"]) == (500, "busy")


async def test_a_look_up_can_also_fail(client):
    task_id = (await client.ask()).json["task_id"]
    await client.fault("error", on="tasks", status=503)
    await client.fault("bad_json", on="tasks", times=2)
    assert (await client.look_up(task_id)).status == 503
    with pytest.raises(json.JSONDecodeError):
        _ = (await client.look_up(task_id)).json
    assert (await client.look_up(task_id)).status == 200


@pytest.mark.parametrize("asked", [{}, {"stream": True}, {"async": True}])
async def test_an_answer_can_be_lost_after_the_work_was_done_and_billed(client, asked):
    await client.fault("answer_lost")
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.ask(**asked)
    entry = await client.settled(lambda entry: entry["billed"] > 0)
    assert (entry["status"], entry["images"], entry["billed"]) == (0, 1, 1)


@pytest.mark.parametrize("after", [0, 1, 2, 9])
async def test_a_stream_can_be_cut_after_a_number_of_images(client, after):
    await client.fault("stream_cut", after=after)
    headers = {"authorization": f"Bearer {client.key}"}
    body = {"model": "doubao-seedream-4-0-250828", "prompt": "a fox", "size": "1K", "stream": True} | group(3)
    with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ClientConnectionError)):
        async with client.session.post(f"{client.url}/seedream/images", json=body, headers=headers) as answer:
            await answer.read()
    entry = await client.entry()
    assert (entry["images"], entry["billed"]) == (min(after, 3), 0)


async def test_a_stream_can_end_with_an_error(client):
    await client.fault("stream_error", after=1)
    answer = await client.ask(stream=True, **group(3))
    assert kinds(answer) == ["partial_succeeded", "error"]
    assert (await client.entry())["billed"] == 0


async def test_moderation_can_refuse_a_single_image_of_a_group(client):
    await client.fault("item_refused", index=1, times=2)
    data = (await client.ask(**group(3))).json["data"]
    assert ["image_url" in item for item in data] == [True, False, True]
    assert data[1]["error"]["code"]
    streamed = await client.ask(stream=True, **group(3))
    assert kinds(streamed) == ["partial_succeeded", "partial_failed", "partial_succeeded", "completed"]
    assert streamed.events[-1]["usage"]["generated_images"] == 2
    assert (await client.request_log())["totals"]["billed"] == 4


async def test_an_internal_error_ends_the_rest_of_a_group(client):
    await client.fault("item_broken_rest", index=1, times=2)
    data = (await client.ask(**group(3))).json["data"]
    assert ["image_url" in item for item in data] == [True, False]
    assert kinds(await client.ask(stream=True, **group(3))) == ["partial_succeeded", "partial_failed", "completed"]


@pytest.mark.parametrize(("kind", "status"), [("item_refused", 403), ("item_broken_rest", 500)])
async def test_a_request_that_made_nothing_has_failed(client, kind, status):
    await client.fault(kind, times=2)
    assert (await client.ask()).status == status
    accepted = (await client.ask(**{"async": True})).json
    response = await client.ended(accepted["task_id"])
    assert (response["success"], bool(response["error"]["code"])) == (False, True)
    assert (await client.request_log())["totals"]["billed"] == 0


async def test_a_group_can_have_fewer_images_than_allowed(client):
    await client.fault("fewer", images=2)
    assert len((await client.ask(**group(5))).json["data"]) == 2


async def test_a_stuck_task_never_ends(client):
    await client.fault("stuck")
    task_id = (await client.ask(**{"async": True})).json["task_id"]
    later = (await client.ask(**{"async": True})).json["task_id"]
    await client.ended(later)
    assert (await client.look_up(task_id)).json["response"] == {}


async def test_an_answer_can_be_invalid_json(client):
    await client.fault("bad_json", times=2)
    for asked in ({}, {"stream": True}):
        answer = await client.ask(**asked)
        assert answer.status == 200
        with pytest.raises(json.JSONDecodeError):
            _ = answer.events


async def test_a_link_can_be_dead_and_a_file_cut_or_not_an_image(client):
    for kind in ("dead_link", "cut_image", "not_an_image"):
        await client.fault(kind)
        link = (await client.ask()).json["data"][0]["image_url"]
        if kind == "not_an_image":
            assert (await client.fetch(link)).startswith(b"<html>")
        else:
            problem = aiohttp.ClientResponseError if kind == "dead_link" else aiohttp.ClientPayloadError
            with pytest.raises(problem):
                await client.fetch(link)
    link = (await client.ask()).json["data"][0]["image_url"]
    assert size_of(await client.fetch(link)) == (1024, 1024)


async def test_a_request_can_hang_without_affecting_the_next_one(client):
    await client.fault("hang", seconds=60)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(client.ask(), 0.1)
    assert (await client.ask()).status == 200


async def test_a_callback_can_be_lost_while_the_task_can_be_looked_up(client, inbox):
    url, landed = inbox
    await client.fault("callback_lost")
    lost = (await client.ask(callback_url=url)).json["task_id"]
    kept = (await client.ask(callback_url=url)).json["task_id"]
    assert (await client.ended(lost))["success"] is True
    assert (await asyncio.wait_for(landed.get(), 5))["task_id"] == kept
    assert landed.empty()


async def test_a_callback_can_come_twice_and_both_are_logged(client, inbox):
    url, landed = inbox
    await client.fault("callback_twice")
    await client.ask(callback_url=url)
    first, second = [await asyncio.wait_for(landed.get(), 5) for _ in range(2)]
    assert first == second
    entry = await client.settled(lambda entry: len(entry["callbacks"]) == 2)
    assert [push["status"] for push in entry["callbacks"]] == [200, 200]


async def test_a_callback_can_come_before_the_answer(client, inbox):
    url, landed = inbox
    await client.fault("callback_early")
    task_id = (await client.ask(callback_url=url)).json["task_id"]
    assert landed.get_nowait()["task_id"] == task_id


async def test_a_callback_can_be_late(client, inbox):
    url, landed = inbox
    await client.fault("callback_late", seconds=0.2)
    task_id = (await client.ask(callback_url=url)).json["task_id"]
    await client.ended(task_id)
    assert landed.empty()
    assert (await asyncio.wait_for(landed.get(), 5))["task_id"] == task_id


async def test_a_refused_request_uses_up_no_fault(client):
    await client.fault("error")
    assert (await client.ask(size="9K")).status == 400
    assert (await client.ask()).status == 500


async def test_a_fault_waits_for_a_matching_request(client):
    await client.fault("stream_cut")
    await client.fault("item_refused", index=3)
    assert (await client.ask()).json["data"][0]["image_url"]
    waiting = (await client.call("GET", "/control/faults")).json["faults"]
    assert [fault["kind"] for fault in waiting] == ["stream_cut", "item_refused"]
