"""Services that refuse a model in ways that no document tells of."""

from __future__ import annotations

from contextlib import aclosing

import pytest

from seedream import ImageRequest
from seedream.errors import ModelRefused, UnreadableAnswer
from tests.seedream.raw_server import RawServer, error, reply

FOX = ImageRequest(prompt="a red fox")
FOXES = ImageRequest(prompt="red foxes", group=2, stream=True)
FIRST, SECOND, *_ = FOX.capabilities.wire_ids
NO_MODEL = {"success": False, "error": {"code": "bad_request", "message": "model is invalid."}}
PLAIN = {"success": True, "task_id": "task-1", "data": [{"image_url": "https://files.example/1.png"}]}


async def all_of(client, request: ImageRequest = FOXES) -> list:
    async with aclosing(client.stream(request)) as events:
        return [event async for event in events]


def sent(server: RawServer) -> list[str]:
    return [received.json["model"] for received in server.received]


async def test_a_service_that_names_another_id_each_time_is_not_asked_for_ever(clients):
    refusals = [
        error(400, "bad_request", f"model must be one of doubao-seedream-4-5-{n}") for n in range(261000, 261100)
    ]
    async with RawServer(*refusals) as server:
        with pytest.raises(ModelRefused):
            await clients(server.url).generate(ImageRequest(prompt="x", model="4.5"))
        assert len(server.received) <= 5


async def test_a_refusal_within_a_good_answer_leads_to_the_next_id(clients):
    async with RawServer(reply(200, NO_MODEL), reply(200, PLAIN)) as server:
        client = clients(server.url)
        assert (await client.generate(FOX)).task_id == "task-1"
        assert sent(server) == [FIRST, SECOND]
        assert client.wire_ids.known.accepted[FOX.model].wire_id == SECOND


async def test_a_refusal_within_a_submission_leads_to_the_next_id(clients):
    async with RawServer(reply(200, NO_MODEL), reply(200, {"task_id": "task-1"})) as server:
        assert (await clients(server.url).submit(FOX)).task_id == "task-1"
        assert sent(server) == [FIRST, SECOND]


async def test_a_refusal_within_a_stream_leads_to_the_next_id(clients):
    refusal = reply(200, NO_MODEL | {"type": "error", "trace_id": "trace-1"})
    async with RawServer(refusal, reply(200, PLAIN)) as server:
        client = clients(server.url)
        *_, image, completed = await all_of(client)
        assert (image.url, completed.images) == ("https://files.example/1.png", None)
        assert sent(server) == [FIRST, SECOND]
        assert client.wire_ids.known.accepted[FOX.model].wire_id == SECOND


async def test_a_refusal_of_a_task_that_was_begun_is_the_end_and_is_remembered(clients):
    async with RawServer(reply(200, NO_MODEL | {"task_id": "task-1"}), reply(200, PLAIN)) as server:
        client = clients(server.url)
        with pytest.raises(ModelRefused):
            await client.submit(FOX)
        assert len(server.received) == 1
        await client.generate(FOX)
        assert sent(server) == [FIRST, SECOND]


async def test_a_web_page_does_not_say_that_a_model_is_taken(clients):
    page = reply(200, b"<html><title>Welcome</title></html>", content_type="text/html")
    async with RawServer(page, page, page) as server:
        client = clients(server.url)
        for ask in (client.generate(FOX), client.submit(FOX), all_of(client)):
            with pytest.raises(UnreadableAnswer):
                await ask
        assert client.wire_ids.known.accepted == {}
        assert len(server.received) == 3


async def test_a_list_in_capitals_still_means_the_ids_as_they_are_written(clients):
    async with RawServer(
        error(400, "bad_request", f"MODEL MUST BE ONE OF {SECOND.upper()}"), reply(200, PLAIN)
    ) as server:
        await clients(server.url).generate(FOX)
        assert sent(server) == [FIRST, SECOND]


async def test_what_a_task_says_of_its_model_is_remembered(clients):
    async with RawServer(reply(200, {"task_id": "task-1"}), reply(200, {"task_id": "task-2"})) as server:
        client = clients(server.url)
        await client.submit(FOX)
        client.wire_ids.refuse_accepted(FOX.capabilities, ModelRefused(200, "bad_request", "model is invalid."))
        await client.submit(FOX)
        assert sent(server) == [FIRST, SECOND]
