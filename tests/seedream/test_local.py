"""The four ways, whole, against the local SeeDream."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest
from aiohttp import web

from sandbox.seedream.server import LocalSeeDream
from seedream import GenerationCompleted, ImageFailed, ImageReady, ImageRequest, Size, TaskStatus
from seedream.cli.main import main
from seedream.errors import (
    AuthenticationFailed,
    ContentRefused,
    ModelRefused,
    RateLimited,
    ResponseLost,
    ServiceError,
    StreamBroken,
    UnreadableAnswer,
)
from seedream.images import format_of
from seedream.references import data_url
from seedream.responses import parse_result

FOX = ImageRequest(prompt="a red fox", model="4.0", size="1K", ratio="4:3")
FOXES = ImageRequest(prompt="red foxes", model="4.0", size="1K", group=3)


@pytest.fixture
async def api():
    async with LocalSeeDream(delay=0.0, image_interval=0.0) as server:
        yield server


@pytest.fixture
def client(api, clients):
    return clients(api.url, api_key=api.key)


async def befall(api: LocalSeeDream, **fault) -> None:
    async with aiohttp.ClientSession() as session, session.post(f"{api.url}/control/faults", json=fault) as answer:
        assert answer.status < 300, await answer.text()


async def totals(api: LocalSeeDream) -> dict:
    async with aiohttp.ClientSession() as session, session.get(f"{api.url}/control/requests") as answer:
        return (await answer.json())["totals"]


async def content_of(client, image: ImageReady) -> bytes:
    return b"".join([piece async for piece in client.download(image.url)])


async def ended(client, task_id: str) -> TaskStatus:
    while (status := (await client.tasks([task_id]))[task_id]).state == "running":  # noqa: ASYNC110 - a poll is the way
        await asyncio.sleep(0.01)
    return status


# --- the ways -----------------------------------------------------------------------------------------------------


async def test_a_plain_request_brings_a_picture_that_can_be_fetched(client):
    result = await client.generate(FOX)
    [image] = result.images
    assert image.size == Size(1152, 864)
    assert result.usage.generated_images == 1
    assert result.task_id
    assert result.trace_id
    assert format_of((await content_of(client, image))[:12]) == "jpeg"


async def test_base64_brings_the_bytes(client):
    result = await client.generate(ImageRequest(prompt="a fox", output_format="png", response_format="b64_json"))
    assert format_of(result.images[0].data[:12]) == "png"


async def test_a_group_is_streamed_in_order_and_ends_with_completed(client):
    events = [event async for event in client.stream(FOXES)]
    assert [event.index for event in events[:-1]] == [0, 1, 2]
    assert all(isinstance(event, ImageReady) for event in events[:-1])
    assert events[-1].images == 3


async def test_a_task_is_polled_until_it_is_done(client):
    submission = await client.submit(FOXES)
    status = await ended(client, submission.task_id)
    assert (status.state, len(status.result.images)) == ("succeeded", 3)
    assert await client.task(submission.task_id) == status
    assert (await client.tasks(["unknown"]))["unknown"].state == "unknown"


async def test_a_callback_brings_what_the_task_holds(client):
    arrived: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    async def receive(request: web.Request) -> web.Response:
        arrived.set_result(await request.read())
        return web.Response()

    app = web.Application()
    app.router.add_post("/callbacks/1", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/callbacks/1"
        submission = await client.submit(ImageRequest(prompt="a fox", callback_url=url))
        result = parse_result(json.loads(await arrived))
    finally:
        await runner.cleanup()
    assert result.task_id == submission.task_id
    assert (await ended(client, submission.task_id)).result == result


async def test_a_picture_is_edited_by_the_guides_own_model(clients):
    async with LocalSeeDream(profile="guide", delay=0, image_interval=0) as api:
        client = clients(api.url, api_key=api.key)
        source = await content_of(client, (await client.generate(FOX)).images[0])
        request = ImageRequest(prompt="make it night", model="seededit", images=(data_url(source),))
        [image] = (await client.generate(request)).images
        assert image.size == Size(1152, 864)


async def test_layers_come_with_their_places(client):
    source = await content_of(client, (await client.generate(FOX)).images[0])
    result = await client.generate(
        ImageRequest(prompt="", model="pro", images=(data_url(source),), layer_decomposition=True)
    )
    assert [image.layer.z_index for image in result.images] == list(range(len(result.images)))


@pytest.mark.parametrize("settings", [{"accepted_ids": "dated"}, {"accepted_ids": "short"}, {"task_answer": "plain"}])
async def test_every_habit_of_the_service_is_lived_with(clients, settings):
    async with LocalSeeDream(delay=0.0, image_interval=0.0, **settings) as api:
        client = clients(api.url, api_key=api.key)
        assert (await client.generate(FOX)).images
        submission = await client.submit(FOX)
        assert (await ended(client, submission.task_id)).state == "succeeded"


async def test_a_key_is_checked_and_costs_nothing(api, client, clients):
    await client.check_key()
    with pytest.raises(AuthenticationFailed):
        await clients(api.url, api_key="another").check_key()


# --- when it goes wrong -------------------------------------------------------------------------------------------


async def test_a_rate_limit_is_waited_out(api, client, clients):
    await befall(api, kind="error", status=429, code="too_many_requests", retry_after=3)
    assert (await client.generate(FOX)).images
    assert clients.slept == [3.0]


async def test_a_rate_limit_that_does_not_end_is_told(api, client):
    await befall(api, kind="error", status=429, code="too_many_requests", times=None)
    with pytest.raises(RateLimited):
        await client.generate(FOX)


async def test_a_gateway_page_ends_it_at_once(api, client, clients):
    await befall(api, kind="error", status=502, body="html")
    with pytest.raises(ServiceError):
        await client.generate(FOX)
    assert clients.slept == []


@pytest.mark.parametrize(("kind", "error"), [("answer_lost", ResponseLost), ("bad_json", UnreadableAnswer)])
async def test_an_answer_that_is_lost_or_spoilt_is_not_asked_for_again(api, client, clients, kind, error):
    await befall(api, kind=kind)
    with pytest.raises(error):
        await client.generate(FOX)
    assert clients.slept == []
    assert (await totals(api))["requests"] == 1


async def test_a_stream_that_is_cut_is_broken_after_what_came(api, client):
    await befall(api, kind="stream_cut", after=2)
    stream = client.stream(FOXES)
    assert [(await anext(stream)).index, (await anext(stream)).index] == [0, 1]
    with pytest.raises(StreamBroken):
        await anext(stream)


async def test_a_stream_that_tells_an_error_raises_it(api, client):
    await befall(api, kind="stream_error", after=1)
    stream = client.stream(FOXES)
    await anext(stream)
    with pytest.raises(ServiceError):
        await anext(stream)


@pytest.mark.parametrize("way", ["generate", "stream", "submit"])
async def test_one_refused_picture_does_not_spoil_the_others(api, client, way):
    await befall(api, kind="item_refused", index=1)
    if way == "stream":
        events = [event async for event in client.stream(FOXES)]
    elif way == "generate":
        events = list((await client.generate(FOXES)).events())
    else:
        events = list((await ended(client, (await client.submit(FOXES)).task_id)).result.events())
    assert [type(event) for event in events] == [ImageReady, ImageFailed, ImageReady, GenerationCompleted]


async def test_a_refused_single_picture_is_the_members_to_change_by_every_way(api, client):
    await befall(api, kind="item_refused", times=2)
    with pytest.raises(ContentRefused):
        await client.generate(FOX)
    status = await ended(client, (await client.submit(FOX)).task_id)
    assert (status.state, type(status.error), status.error.who) == ("failed", ContentRefused, "member")


async def test_a_model_that_the_service_does_not_know_is_told(api, client):
    await befall(api, kind="error", status=400, code="bad_request", message="model is invalid.", times=None)
    with pytest.raises(ModelRefused):
        await client.generate(FOX)


# --- the command line ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [[], ["--stream"], ["--async"], ["--response-format", "b64_json"]])
async def test_the_command_saves_pictures_by_every_way(api, tmp_path, capsys, monkeypatch, way):
    monkeypatch.setattr("seedream.polling.SHORTEST_SECONDS", 0.01)
    service = ["--key", api.key, "--base-url", api.url, "-o", str(tmp_path)]
    words = ["a red fox", "--model", "4.0", "--size", "1K", "--group", "2", *way]
    assert await asyncio.to_thread(main, [*words, *service]) == 0
    saved = sorted(tmp_path.iterdir())
    assert [path.name for path in saved] == ["a-red-fox-1.jpeg", "a-red-fox-2.jpeg"]
    assert capsys.readouterr().out.split() == list(map(str, saved))
