"""Answers of the local SeeDream that a healthy service never gives: silence, pages, wrong shapes, unlikely numbers."""

from __future__ import annotations

import asyncio
import base64
import json
import time
import zlib

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.seedream.faults import Fault
from sandbox.seedream.hostile import spoilt
from sandbox.seedream.response_patching import merged
from tests.sandbox.seedream_client import V4, callback_inbox, data_url, group, local_client, size_of

TASKS = {"async": True}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=2), part, max_size=3),
    max_leaves=10,
)
OBJECTS = st.dictionaries(st.text(max_size=2), JSON, max_size=4)


@pytest.fixture
async def client():
    async with local_client(tell_task_ids=True) as client:
        yield client


async def streamed(client, **asked) -> list[dict]:
    """The events of a stream until the connection is lost; it has to be."""
    body = {"model": V4, "prompt": "a fox", "size": "1K", "stream": True} | asked
    headers = {"authorization": f"Bearer {client.key}"}
    events: list[dict] = []

    async def read() -> None:
        async with client.session.post(f"{client.url}/seedream/images", json=body, headers=headers) as answer:
            async for line in answer.content:
                events.append(json.loads(line))  # noqa: PERF401  (what came before the loss is kept)

    with pytest.raises(aiohttp.ClientError):
        await read()
    return events


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (400, "bad_request", "The request failed because the input text may contain sensitive information."),
        (403, "forbidden", "The content was refused by moderation."),
        (500, "OutputImageRiskDetection", "The output image is a risk."),
        (500, "ContentSecurityDetectionError", "The check failed."),
        (418, "teapot", "Something nobody has heard of."),
    ],
)
async def test_an_error_has_the_requested_status_code_and_message(client, status, code, message):
    await client.fault("error", status=status, code=code, message=message)
    answer = await client.ask()
    assert (answer.status, answer.json["error"]) == (status, {"code": code, "message": message})


@pytest.mark.parametrize(
    ("code", "status"), [("used_up", 403), ("too_many_requests", 429), ("busy", 500), ("new", 500)]
)
async def test_a_code_alone_implies_its_status(client, code, status):
    await client.fault("error", code=code)
    answer = await client.ask()
    assert (answer.status, answer.code, bool(answer.message)) == (status, code, True)
    assert "Retry-After" not in answer.headers


async def test_a_single_item_can_be_refused_for_its_content_or_its_reference(client):
    await client.fault("item_refused", index=0, code="OutputImageSensitiveContentDetected")
    await client.fault("item_refused", index=1, code="InvalidParameter", message="image could not be decoded")
    refused = [(await client.ask(**group(2))).json["data"] for _ in range(2)]
    assert refused[0][0]["error"]["message"].endswith("the output image may contain sensitive information.")
    assert refused[1][1]["error"] == {"code": "InvalidParameter", "message": "image could not be decoded"}


@pytest.mark.parametrize("status", [200, 502, 524])
async def test_an_html_page_can_replace_the_answer_even_if_the_work_was_done(client, status):
    await client.fault("error", status=status, body="html")
    await client.fault("error", status=status, body="html", billed=True)
    pages = [await client.ask(**asked) for asked in ({}, TASKS)]
    assert [(page.status, page.text.startswith("<html>")) for page in pages] == [(status, True)] * 2
    entry = await client.settled(lambda entry: entry["billed"] == 1)
    assert len((await client.ended(entry["task_id"]))["data"]) == 1
    assert (await client.request_log())["totals"]["billed"] == 1


async def test_a_billed_error_may_be_followed_by_its_callback(client):
    await client.fault("error", status=524, body="html", billed=True)
    async with callback_inbox() as (url, landed):
        assert (await client.ask(callback_url=url)).status == 524
        assert (await asyncio.wait_for(landed.get(), 5))["success"] is True


async def test_the_task_of_a_billed_error_can_be_looked_up(client):
    await client.fault("error", billed=True)
    task_id = (await client.ask()).json["task_id"]
    assert (await client.ended(task_id))["success"] is True


@pytest.mark.parametrize("billed", [True, False])
async def test_a_plain_request_can_stall_and_be_cut(client, billed):
    await client.fault("idle_cut", seconds=0.05, billed=billed)
    began = time.monotonic()
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await client.ask()
    assert time.monotonic() - began >= 0.05
    entry = await client.entry()
    response = await client.ended(entry["task_id"])
    assert (response["success"], (await client.entry())["billed"]) == (billed, int(billed))


@pytest.mark.parametrize(("billed", "images"), [(True, 3), (False, 1)])
async def test_a_stream_can_stall_after_its_first_image_and_the_rest_can_be_looked_up(client, billed, images):
    await client.fault("idle_cut", after=1, seconds=0.05, billed=billed)
    [event] = await streamed(client, **group(3))
    response = await client.ended(event["task_id"])
    assert (response["success"], len(response.get("data", [event]))) == (billed, images)
    entry = await client.entry()
    assert (entry["images"], entry["billed"]) == (images, 3 if billed else 0)


async def test_a_stream_can_stall_before_its_first_byte(client):
    await client.fault("idle_cut", after=0, seconds=0.05)
    assert await streamed(client) == []


async def test_the_headers_of_a_stream_can_be_late(client):
    await client.fault("hang", seconds=0.05)
    began = time.monotonic()
    headers = {"authorization": f"Bearer {client.key}"}
    body = {"model": V4, "prompt": "a fox", "size": "1K", "stream": True}
    async with client.session.post(f"{client.url}/seedream/images", json=body, headers=headers) as answer:
        assert time.monotonic() - began >= 0.05
        assert len((await answer.text()).splitlines()) == 2


@pytest.mark.parametrize("answer", [{"success": False}, {"data": {"status": "failed"}}, {"success": True, "data": []}])
async def test_a_replaced_answer_is_also_what_look_ups_return(client, answer):
    await client.fault("rewrite", times=2, replace=True, patch=answer)
    assert (await client.ask()).json == answer
    assert await client.ended((await client.ask(**TASKS)).json["task_id"]) == answer


async def test_a_part_of_the_answer_can_be_rewritten(client):
    await client.fault("rewrite", patch={"data": [], "usage": {"generated_images": None, "new": 1}, "trace_id": None})
    answer = (await client.ask()).json
    assert set(answer) == {"success", "task_id", "data", "usage"}
    assert (answer["data"], answer["usage"]) == ([], {"output_tokens": 4096, "total_tokens": 4096, "new": 1})


async def test_a_callback_brings_the_rewritten_answer(client):
    await client.fault("rewrite", patch={"success": False}, replace=True)
    async with callback_inbox() as (url, landed):
        await client.ask(callback_url=url)
        assert await asyncio.wait_for(landed.get(), 5) == {"success": False}


async def test_a_task_can_end_with_neither_result_nor_error(client):
    await client.fault("rewrite", patch={}, replace=True)
    task_id = (await client.ask(**TASKS)).json["task_id"]
    async with asyncio.timeout(5):
        while "finished_at" not in (record := (await client.look_up(task_id)).json):  # noqa: ASYNC110  (it is polled)
            await asyncio.sleep(0.005)
    assert record["response"] == {}


@pytest.mark.parametrize("state", ["failed", "error", "cancelled"])
async def test_a_look_up_can_report_any_state(client, state):
    await client.settings(delay=30)
    task_id = (await client.ask(**TASKS)).json["task_id"]
    await client.fault("rewrite", on="tasks", patch={"state": state, "response": None}, times=2)
    single, batch = (await client.look_up(task_id)).json, await client.look_up_all(task_id)
    assert [(one["state"], "response" in one) for one in (single, batch["items"][0])] == [(state, False)] * 2
    assert "state" not in (await client.look_up(task_id)).json


async def test_data_can_be_one_object_instead_of_a_list(client):
    await client.fault("object_data", times=2)
    plain = (await client.ask()).json
    assert plain["data"]["image_url"]
    assert (await client.ended((await client.ask(**TASKS)).json["task_id"]))["data"]["size"] == "1024x1024"


async def test_more_images_than_requested_can_come(client):
    await client.fault("more", images=100, times=2)
    answer = (await client.ask()).json
    assert (len(answer["data"]), answer["usage"]["generated_images"]) == (100, 100)
    assert [event.get("image_index") for event in (await client.ask(stream=True)).events] == [*range(100), None]


async def test_every_image_of_a_stream_can_say_that_it_is_the_first(client):
    await client.fault("more", images=5)
    await client.fault("one_index")
    events = (await client.ask(stream=True)).events
    assert [event.get("image_index") for event in events] == [0] * 5 + [None]
    assert len({event["url"] for event in events[:-1]}) == 5


@pytest.mark.parametrize("kind", ["swollen", "deep", "bomb"])
def test_an_answer_can_be_far_more_than_it_seems(kind):
    answer = spoilt({kind: Fault(kind=kind)})
    body = zlib.decompressobj(wbits=31).decompress(answer.body, 2**27) if kind == "bomb" else answer.body
    values, levels = body.count(b",") + 1, body.count(b"[")
    assert {"swollen": values > 900_000, "deep": levels > 10_000, "bomb": len(body) == 2**27}[kind]
    assert len(answer.body) < 4_000_000


async def test_images_can_come_out_of_order(client):
    straight = (await client.ask(**group(3), response_format="b64_json")).json["data"]
    await client.fault("out_of_order", times=2)
    turned = (await client.ask(**group(3), response_format="b64_json")).json["data"]
    assert [item["b64_json"] for item in turned] == [item["b64_json"] for item in straight[::-1]]
    assert [event.get("image_index") for event in (await client.ask(stream=True, **group(3))).events] == [2, 1, 0, None]


@pytest.mark.parametrize(("told", "size"), [(True, "300x200"), (False, "1024x1024")])
async def test_an_image_can_have_another_size_than_requested_whether_or_not_the_answer_says_so(client, told, size):
    await client.fault("other_size", width=300, height=200, told=told)
    item = (await client.ask(response_format="b64_json", image=data_url())).json["data"][0]
    assert (size_of(base64.b64decode(item["b64_json"])), item["size"]) == ((300, 200), size)


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "more", "images": 201},
        {"kind": "other_size", "width": 0},
        {"kind": "other_size", "height": 100_000},
        {"kind": "rewrite", "patch": []},
        {"kind": "rewrite", "patch": "x"},
        {"kind": "idle_cut", "seconds": float("inf")},
        {"kind": "idle_cut", "on": "tasks"},
        {"kind": "error", "billed": 1},
        {"kind": "error", "code": 7},
        {"kind": "error", "status": 0},
        {"kind": "error", "status": 600},
    ],
)
async def test_an_invalid_fault_is_refused(client, wrong):
    answer = await client.call("POST", "/control/faults", wrong)
    assert (answer.status, answer.code) == (400, "bad_request")
    assert (await client.call("GET", "/control/faults")).json == {"faults": []}


@given(JSON, OBJECTS)
def test_a_patch_follows_rfc_7396(target, patch):
    result = merged(target, patch)
    kept = target if isinstance(target, dict) else {}
    assert result.keys() == (kept.keys() | patch.keys()) - {name for name, value in patch.items() if value is None}
    assert all(result[name] == kept[name] for name in result.keys() - patch.keys())
    assert merged(result, patch) == result
