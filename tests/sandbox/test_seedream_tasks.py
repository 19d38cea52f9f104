"""The local SeeDream keeps, tells and withholds the records of tasks as the real service was seen to."""

from __future__ import annotations

import pytest

from tests.sandbox.seedream_client import callback_inbox, group, local_client


@pytest.fixture
async def client():
    async with local_client() as client:
        yield client


async def submitted(client, **asked) -> str:
    return (await client.ask(**{"async": True} | asked)).json["task_id"]


async def test_a_record_has_an_end_time_only_once_it_has_ended(client):
    await client.settings(delay=30)
    running = (await client.look_up(await submitted(client))).json
    assert set(running) == {"id", "created_at", "started_at", "request", "response"}
    await client.settings(delay=0)
    task_id = await submitted(client)
    await client.ended(task_id)
    record = (await client.look_up(task_id)).json
    assert set(record) == {"id", "created_at", "started_at", "finished_at", "elapsed", "request", "response"}
    assert record["created_at"] <= record["started_at"] <= record["finished_at"]
    assert record["elapsed"] == record["finished_at"] - record["started_at"]


async def test_a_failed_task_also_has_an_end_time(client):
    await client.fault("item_refused")
    task_id = await submitted(client)
    assert (await client.ended(task_id))["error"]["code"] == "content_policy_violation"
    assert "finished_at" in (await client.look_up(task_id)).json


async def test_the_guide_reports_only_the_first_time(client):
    await client.settings(profile="guide")
    task_id = await submitted(client)
    await client.ended(task_id)
    assert set((await client.look_up(task_id)).json) == {"id", "created_at", "request", "response"}


async def test_a_look_up_reports_a_tasks_status(client):
    await client.settings(task_answer="status", delay=30)
    task_id = await submitted(client)
    processing = {"success": True, "task_id": task_id, "data": {"status": "processing"}}
    assert (await client.look_up(task_id)).json == processing
    await client.settings(delay=0)
    done = await client.ask()
    data = (await client.look_up(done.json["task_id"])).json["data"]
    assert (data["status"], data["image_url"]) == ("succeeded", done.json["data"][0]["image_url"])
    await client.fault("item_refused")
    await client.settings(tell_task_ids=True)
    failed = await client.ask()
    told = (await client.look_up(failed.json["task_id"])).json
    assert (told["success"], told["data"], told["error"]) == (False, {"status": "failed"}, failed.json["error"])


@pytest.mark.parametrize("answer", ["plain", "record", "status"])
async def test_a_batch_look_up_has_the_same_form(client, answer):
    await client.settings(task_answer=answer)
    ids = [(await client.ask()).json["task_id"] for _ in range(2)]
    singles = [(await client.look_up(one)).json for one in ids]
    assert await client.look_up_all(*ids) == {"items": singles, "count": 2}


@pytest.mark.parametrize(("records", "kept"), [("all", [0, 1]), ("callback_only", [1]), ("none", [])])
async def test_records_are_kept_for_all_some_or_no_requests(client, records, kept):
    await client.settings(task_records=records)
    async with callback_inbox() as (url, landed):
        ids = [await submitted(client), await submitted(client, callback_url=url)]
        await landed.get()
    items = (await client.look_up_all(*ids))["items"]
    assert [item["id"] for item in items] == [ids[place] for place in kept]
    assert (await client.look_up(ids[0])).status == (200 if 0 in kept else 404)
    await client.settled(lambda entry: entry["billed"] == 1)


@pytest.mark.parametrize(
    ("unknown", "status", "body"),
    [("not_found", 404, "not_found"), ("bad_request", 400, "bad_request"), ("empty", 200, None)],
)
async def test_an_unknown_task_can_be_reported_in_three_ways(client, unknown, status, body):
    await client.settings(unknown_task=unknown)
    answer = await client.look_up("nobody")
    assert (answer.status, answer.json.get("error", {}).get("code")) == (status, body)


async def test_the_request_log_has_the_number_of_ids_and_the_time_of_each_look_up(client):
    await client.look_up("nobody")
    await client.look_up_all("a", "b", "c")
    await client.look_up_all()
    request_log = await client.request_log()
    assert (request_log["totals"]["lookups"], request_log["lookup_ids"]) == (3, [1, 3, 0])
    assert request_log["lookup_times"] == sorted(request_log["lookup_times"])
    newest = (await client.call("GET", "/control/requests?last=1")).json
    assert (newest["lookup_ids"], newest["totals"]["lookups"]) == ([0], 3)


async def test_a_look_up_with_another_key_is_not_in_the_request_log(client):
    await client.call("POST", "/seedream/tasks", {"ids": []}, authorization="Bearer wrong")
    assert (await client.request_log())["lookup_ids"] == []


@pytest.mark.parametrize(("limit", "allowed"), [(2, 2), (0.5, 1)])
async def test_too_frequent_look_ups_are_refused(client, limit, allowed):
    await client.settings(lookups_per_second=limit)
    answers = [await client.look_up_all() for _ in range(4)]
    assert ["items" in answer for answer in answers] == [place < allowed for place in range(4)]
    assert answers[-1]["error"]["code"] == "too_many_requests"
    assert (await client.request_log())["totals"]["lookups"] == 4


async def test_task_ids_can_be_included_in_streams_and_errors(client):
    assert "task_id" not in (await client.ask(stream=True)).events[0]
    await client.settings(tell_task_ids=True)
    events = (await client.ask(stream=True, **group(2))).events
    [task_id] = {event["task_id"] for event in events}
    record = (await client.look_up(task_id)).json
    assert [item["image_url"] for item in record["response"]["data"]] == [event["url"] for event in events[:-1]]
    await client.fault("error")
    assert (await client.ask()).json["task_id"]
    assert "task_id" not in (await client.ask(size="9K")).json


async def test_a_stream_that_was_cut_is_a_failed_task(client):
    await client.settings(tell_task_ids=True)
    await client.fault("stream_error", after=1)
    *_, last = (await client.ask(stream=True, **group(3))).events
    assert (last["type"], last["error"]["code"]) == ("error", "api_error")
    assert (await client.ended(last["task_id"]))["success"] is False
