"""Streams, against a server that answers byte by byte as told."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing

import pytest

from seedream import GenerationCompleted, ImageReady, ImageRequest, Timeouts
from seedream.errors import AnswerTooLarge, BadRequest, ServiceError, StreamBroken, UnreadableAnswer
from seedream.responses import parse_event, parse_result
from tests.seedream.raw_server import RawServer, error, pieces, raw, reply
from tests.seedream.samples import sample

FOXES = ImageRequest(prompt="red foxes", group=3)
NDJSON = sample("stream.ndjson")
LINES = NDJSON.splitlines(keepends=True)
EVENTS = [event for line in LINES if (event := parse_event(json.loads(line)))]


async def everything(client, request: ImageRequest = FOXES) -> list:
    return [event async for event in client.stream(request)]


@pytest.mark.parametrize("body", [NDJSON, sample("stream.sse")], ids=["ndjson", "sse"])
@pytest.mark.parametrize("content_type", ["application/x-ndjson", "text/event-stream", "application/json"])
async def test_a_stream_is_understood_whatever_its_content_type_says(clients, body, content_type):
    async with RawServer(reply(200, body, content_type=content_type)) as server:
        assert await everything(clients(server.url)) == EVENTS
        assert server.received[0].headers["accept"] == "application/x-ndjson"
        assert server.received[0].json["stream"] is True


async def test_each_picture_comes_as_soon_as_it_is_there(clients):
    go_on = asyncio.Event()
    async with (
        RawServer(pieces(LINES[0], go_on, *LINES[1:])) as server,
        aclosing(clients(server.url).stream(FOXES)) as stream,
    ):
        assert await anext(stream) == EVENTS[0]
        go_on.set()
        assert [event async for event in stream] == EVENTS[1:]


async def test_the_stream_ends_with_completed_though_the_connection_stays(clients):
    async with RawServer(pieces(NDJSON, finish=False)) as server:
        assert (await everything(clients(server.url)))[-1] == EVENTS[-1]
        await server.closed_by_client.wait()


async def test_whoever_stops_listening_closes_the_connection(clients):
    async with RawServer(pieces(LINES[0], finish=False)) as server:
        async with aclosing(clients(server.url).stream(FOXES)) as stream:
            await anext(stream)
        await server.closed_by_client.wait()


async def test_whoever_is_cancelled_closes_the_connection(clients):
    async with RawServer(pieces(LINES[0], finish=False)) as server:
        listening = asyncio.create_task(everything(clients(server.url)))
        await server.wait_for_requests(1)
        listening.cancel()
        await server.closed_by_client.wait()
        with pytest.raises(asyncio.CancelledError):
            await listening


@pytest.mark.parametrize(
    "answer",
    [
        pieces(LINES[0]),
        raw(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(LINES[0]), LINES[0])),
        raw(b"HTTP/1.1 200 OK\r\n\r\n" + LINES[0]),
        pieces(LINES[0], finish=False),
    ],
    ids=["ended", "cut", "closed", "silent"],
)
async def test_a_stream_without_completed_is_broken_and_what_came_counts(clients, answer):
    async with RawServer(answer, reply(200, NDJSON)) as server:
        stream = clients(server.url, timeouts=Timeouts(chunk=0.15)).stream(FOXES)
        assert await anext(stream) == EVENTS[0]
        with pytest.raises(StreamBroken, match="Arrived: 1"):
            await anext(stream)
        assert len(server.received) == 1


@pytest.mark.parametrize("body", [LINES[0] + LINES[2][:40], LINES[0][:40]], ids=["the second", "the first"])
async def test_a_stream_that_ends_within_a_line_is_broken(clients, body):
    async with RawServer(pieces(body)) as server:
        with pytest.raises(StreamBroken, match="within a line"):
            await everything(clients(server.url))


async def test_a_line_that_is_no_json_loses_nothing_around_it(clients):
    async with RawServer(reply(200, b"hello\n" + LINES[0] + b"hello\n" + NDJSON), reply(200, NDJSON)) as server:
        assert await everything(clients(server.url)) == await everything(clients(server.url))


async def test_a_stream_without_an_end_names_the_line_that_is_no_json(clients):
    async with RawServer(reply(200, LINES[0] + b"hello\n" + LINES[1])) as server:
        with pytest.raises(UnreadableAnswer, match="hello"):
            await everything(clients(server.url))


@pytest.mark.parametrize("indent", [None, 2])
async def test_a_plain_answer_in_place_of_a_stream_is_understood(clients, indent):
    answer = json.loads(sample("plain_group.json"))
    async with RawServer(reply(200, json.dumps(answer, indent=indent).encode())) as server:
        assert await everything(clients(server.url)) == list(parse_result(answer).events())


async def test_a_web_page_in_place_of_a_stream_is_unreadable(clients):
    async with RawServer(reply(200, sample("gateway.html"))) as server:
        with pytest.raises(UnreadableAnswer, match="web page"):
            await everything(clients(server.url))


async def test_an_object_of_another_kind_in_place_of_a_stream_is_unreadable(clients):
    async with RawServer(reply(200, {"hello": "world"})) as server:
        with pytest.raises(UnreadableAnswer):
            await everything(clients(server.url))


async def test_an_error_within_the_stream_is_raised_and_is_not_safe_to_resend(clients):
    told = b'{"type": "error", "error": {"code": "too_many_requests", "message": "slow down"}}\n'
    async with RawServer(reply(200, LINES[0] + told), reply(200, NDJSON)) as server:
        with pytest.raises(ServiceError, match="slow down") as caught:
            await everything(clients(server.url))
        assert not caught.value.safe_to_resend
        assert len(server.received) == 1


async def test_a_refused_stream_is_an_error_like_any_other(clients):
    async with RawServer(error(400, "bad_request", "size is invalid.")) as server:
        with pytest.raises(BadRequest):
            await everything(clients(server.url))


async def test_a_picture_of_thirty_megabytes_comes_through_as_one_line(clients):
    event = {"type": "image_generation.partial_succeeded", "image_index": 0, "b64_json": "/9j/" + "A" * 30_000_000}
    async with RawServer(reply(200, json.dumps(event).encode() + b"\n" + LINES[-1])) as server:
        [image, completed] = await everything(clients(server.url))
        assert isinstance(image, ImageReady)
        assert len(image.data) == 22_500_003
        assert isinstance(completed, GenerationCompleted)


async def test_a_line_over_the_limit_is_refused(clients):
    async with RawServer(reply(200, b'{"a": "' + b"x" * 5000)) as server:
        with pytest.raises(AnswerTooLarge):
            await everything(clients(server.url, max_answer_bytes=2000))
