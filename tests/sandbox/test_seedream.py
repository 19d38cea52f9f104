"""The local SeeDream answers in every mode as the provider's guide says."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import signal
import sys

import aiohttp
import pytest
from PIL import Image, ImageChops

from tests.sandbox.seedream_client import (
    EDIT,
    LITE,
    PRO,
    T2I,
    V4,
    Client,
    callback_inbox,
    data_url,
    group,
    local_client,
    size_of,
)


@pytest.fixture
async def client():
    async with local_client() as client:
        yield client


@pytest.fixture
async def guide():
    async with local_client(profile="guide") as client:
        yield client


@pytest.fixture
async def inbox():
    async with callback_inbox() as inbox:
        yield inbox


async def test_a_plain_request_is_answered_with_links_to_the_images(client):
    answer = (await client.ask(**group(2))).json
    assert answer["success"] is True
    assert [item["size"] for item in answer["data"]] == ["1024x1024", "1024x1024"]
    assert answer["usage"]["generated_images"] == 2
    files = [await client.fetch(item["image_url"]) for item in answer["data"]]
    assert [size_of(file) for file in files] == [(1024, 1024), (1024, 1024)]
    assert files[0] != files[1]


async def test_a_link_can_expire_as_soon_as_it_was_fetched(client):
    await client.settings(links_once=True)
    (item,) = (await client.ask()).json["data"]
    assert size_of(await client.fetch(item["image_url"])) == (1024, 1024)
    async with client.session.get(item["image_url"]) as answer:
        assert answer.status == 404


async def test_images_come_inside_the_answer_if_requested(client):
    item = (await client.ask(response_format="b64_json")).json["data"][0]
    assert "image_url" not in item
    assert size_of(base64.b64decode(item["b64_json"])) == (1024, 1024)


async def test_the_same_request_gives_the_same_picture(client):
    asked = [await client.ask(response_format="b64_json", prompt=prompt) for prompt in ("a", "a", "b")]
    first, again, other = (answer.json["data"][0]["b64_json"] for answer in asked)
    assert first == again != other


@pytest.mark.parametrize("accept", ["application/x-ndjson", "application/json", "*/*"])
async def test_a_stream_has_one_event_per_image_and_ends_with_completed(client, accept):
    answer = await client.ask(stream=True, accept=accept, **group(3))
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    *events, last = answer.events
    assert [(event["type"], event["image_index"]) for event in events] == [
        ("image_generation.partial_succeeded", index) for index in range(3)
    ]
    assert (last["type"], last["usage"]["generated_images"]) == ("image_generation.completed", 3)
    assert size_of(await client.fetch(events[2]["url"])) == (1024, 1024)


async def test_a_stream_comes_as_server_sent_events_if_requested(client):
    answer = await client.ask(stream=True, accept="text/event-stream", **group(2))
    assert answer.headers["Content-Type"] == "text/event-stream"
    *blocks, done, _ = answer.text.split("\n\n")
    assert done == "data: [DONE]"
    named = [block.split("\ndata: ") for block in blocks]
    assert [name.removeprefix("event: ") for name, _ in named] == [json.loads(data)["type"] for _, data in named]


async def test_a_stream_sends_each_image_when_it_is_ready(client):
    await client.settings(image_interval=30)
    body = {"model": V4, "prompt": "a fox", "size": "1K", "stream": True} | group(2)
    headers = {"authorization": f"Bearer {client.key}"}
    async with client.session.post(f"{client.url}/seedream/images", json=body, headers=headers) as answer:
        assert json.loads(await answer.content.readline())["image_index"] == 0


async def test_an_asynchronous_request_is_looked_up_until_it_has_ended(client):
    accepted = (await client.ask(**{"async": True})).json
    assert "data" not in accepted
    response = await client.ended(accepted["task_id"])
    assert response["task_id"] == accepted["task_id"]
    assert size_of(await client.fetch(response["data"][0]["image_url"])) == (1024, 1024)


async def test_a_running_task_has_no_response_yet(client):
    await client.settings(delay=30)
    accepted = (await client.ask(**{"async": True})).json
    record = (await client.look_up(accepted["task_id"])).json
    assert (record["id"], record["request"]["prompt"]) == (accepted["task_id"], "a red fox in snow")
    assert record["response"] == {}


async def test_tasks_can_also_answer_in_the_plain_form(client):
    await client.settings(task_answer="plain")
    plain = (await client.ask()).json
    assert (await client.look_up(plain["task_id"])).json == plain


async def test_many_tasks_can_be_looked_up_at_once_and_an_unknown_one_is_404(client):
    known = [(await client.ask()).json["task_id"] for _ in range(2)]
    batch = await client.call("POST", "/seedream/tasks", {"ids": [*known, "nobody"], "action": "retrieve_batch"})
    assert [item["id"] for item in batch.json["items"]] == known
    assert batch.json["count"] == 2
    unknown = await client.look_up("nobody")
    assert (unknown.status, unknown.code) == (404, "not_found")
    assert (await client.request_log())["totals"]["lookups"] == 2


async def test_a_callback_brings_the_plain_answer(client, inbox):
    url, landed = inbox
    accepted = (await client.ask(callback_url=url)).json
    arrived = await asyncio.wait_for(landed.get(), 5)
    assert (arrived["task_id"], arrived["success"], len(arrived["data"])) == (accepted["task_id"], True, 1)


async def test_a_key_is_required(client):
    wrong = await client.call("POST", "/seedream/images", {}, authorization="Bearer wrong")
    missing = await client.call("POST", "/seedream/images", {}, authorization="")
    tasks = await client.call("POST", "/seedream/tasks", {"id": "x"}, authorization="Bearer wrong")
    assert [(answer.status, answer.code) for answer in (wrong, missing, tasks)] == [
        (401, "invalid_token"),
        (400, "no_token"),
        (401, "invalid_token"),
    ]


async def test_an_unknown_path_is_refused_in_the_same_form(client):
    answer = await client.call("GET", "/seedream/videos")
    assert (answer.status, answer.code) == (404, "no_api")


@pytest.mark.parametrize(
    ("policy", "taken", "refused"),
    [("dated", V4, "doubao-seedream-4.0"), ("short", "doubao-seedream-4.0", V4)],
)
async def test_a_service_accepts_either_dated_or_short_ids(guide, policy, taken, refused):
    await guide.settings(accepted_ids=policy)
    assert (await guide.ask(taken, size="1K")).status == 200
    answer = await guide.ask(refused, size="1K")
    assert (answer.status, answer.code, answer.message) == (400, "bad_request", "model is invalid.")


@pytest.mark.parametrize(
    ("model", "asked", "size"),
    [
        (LITE, {}, (2048, 2048)),
        ("doubao-seedream-5-0-lite-260128", {"size": "3K", "prompt": "a fox, 16:9"}, (4096, 2304)),
        ("doubao-seedream-4-5-251128", {"size": "4K"}, (4096, 4096)),
        (V4, {"size": "1512x648"}, (1512, 648)),
        (T2I, {}, (1024, 1024)),
        (T2I, {"size": "512x2048", "seed": 7}, (512, 2048)),
        (EDIT, {"size": "adaptive", "image": data_url(900, 600)}, (900, 600)),
        (EDIT, {"size": "adaptive", "image": data_url(100, 50)}, (1024, 512)),
        (PRO, {"size": "1.5K", "output_format": "png"}, (1536, 1536)),
    ],
)
async def test_an_image_has_exactly_the_requested_size(guide, model, asked, size):
    item = (await guide.ask(model, **asked)).json["data"][0]
    assert item["size"] == f"{size[0]}x{size[1]}"
    assert size_of(await guide.fetch(item["image_url"])) == size


async def test_reference_images_are_kept_as_they_were_received(client):
    link = (await client.ask()).json["data"][0]["image_url"]
    fetched, sent = await client.fetch(link), data_url(colour="#00f")
    answer = await client.ask(image=[link, sent])
    assert answer.json["usage"]["input_images"] == 2
    given = [fetched, base64.b64decode(sent.partition(",")[2])]
    listed = (await client.entry())["references"]
    assert [(one["kind"], one["bytes"]) for one in listed] == [("url", len(given[0])), ("data", len(given[1]))]
    assert [one["sha256"] for one in listed] == [hashlib.sha256(data).hexdigest() for data in given]
    assert await client.fetch(f"{client.url}/control/inputs/{listed[1]['sha256']}") == given[1]


async def test_an_edit_shows_its_reference_and_a_watermark_only_if_requested(client):
    async def picture(**asked) -> Image.Image:
        data = (await client.ask(response_format="b64_json", **asked)).json["data"][0]["b64_json"]
        return Image.open(io.BytesIO(base64.b64decode(data)))

    marked, clean = await picture(), await picture(watermark=False)
    difference = ImageChops.difference(marked, clean).point(lambda value: 255 if value > 40 else 0)
    left, _, _, bottom = difference.getbbox()
    assert (left > 512, bottom < 200) == (True, True)
    edit = await picture(image=data_url(colour="#0f0"))
    red, green, blue = edit.getpixel((512, 720))
    assert (red < 40, green > 200, blue < 40) == (True, True, True)


async def test_a_port_in_use_is_reported(client):
    command = (sys.executable, "-m", "sandbox.seedream", "--port", client.url.rpartition(":")[2])
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, told = await process.communicate()
    assert process.returncode == 2
    assert b"can't listen" in told.splitlines()[-1]


async def test_layers_come_as_items_in_order_of_depth(guide):
    data = (await guide.ask(PRO, size="1K", image=data_url(), layer_decomposition=True, prompt="")).json["data"]
    assert [(item["z_index"], item["name"]) for item in data] == [(0, "background"), (1, "subject"), (2, "text")]


async def test_the_request_log_has_requests_answers_and_charges(client):
    await client.ask(watermark=False, **group(2))
    await client.ask("nobody")
    request_log = await client.request_log()
    good, bad = request_log["requests"]
    assert (good["model"], good["mode"], good["prompt"]) == (V4, "plain", "a red fox in snow")
    assert good["parameters"] == {"watermark": False, "size": "1K"} | group(2)
    assert (good["status"], good["images"], good["billed"]) == (200, 2, 2)
    assert (bad["status"], bad["code"], bad["billed"]) == (400, "bad_request", 0)
    assert request_log["totals"] == {"requests": 2, "images": 2, "billed": 2, "lookups": 0}


async def test_a_reset_restores_the_initial_state(client):
    link = (await client.ask()).json["data"][0]["image_url"]
    await client.settings(delay=30)
    await client.fault("error", times=None)
    assert (await client.call("POST", "/control/reset")).status == 204
    assert (await client.request_log()) == {
        "requests": [],
        "totals": {"requests": 0, "images": 0, "billed": 0, "lookups": 0},
        "lookup_ids": [],
        "lookup_times": [],
    }
    with pytest.raises(aiohttp.ClientResponseError):
        await client.fetch(link)
    assert (await client.ask()).status == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "named"),
    [
        ("PATCH", "/control/settings", {"delay": -1}, "delay"),
        ("PATCH", "/control/settings", {"dealy": 1}, "dealy"),
        ("PATCH", "/control/settings", {"accepted_ids": "none"}, "accepted_ids"),
        ("POST", "/control/faults", {"kind": "rain"}, "kind"),
        ("POST", "/control/faults", {"kind": "error", "when": 1}, "when"),
        ("POST", "/control/faults", {"kind": "stuck", "on": "tasks"}, "tasks"),
        ("POST", "/control/faults", {"kind": "error", "status": -1}, "negative"),
    ],
)
async def test_an_invalid_field_of_a_control_call_is_named(client, method, path, body, named):
    answer = await client.call(method, path, body)
    assert answer.status == 400
    assert named in answer.message


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_command_prints_its_address_and_ends_on_a_signal(number):
    command = (sys.executable, "-m", "sandbox.seedream", "--port", "0", "--delay", "0")
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    first = json.loads(await process.stdout.readline())
    async with aiohttp.ClientSession() as session:
        client = Client(session, first["seedream"], first["key"])
        assert (await client.ask()).status == 200
    process.send_signal(number)
    assert await asyncio.wait_for(process.wait(), 5) == 0
