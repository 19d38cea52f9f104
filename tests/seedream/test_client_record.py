"""Answers that are kept as they come, and questions that are not documented."""

from __future__ import annotations

import json
from contextlib import aclosing

import pytest

from seedream import ImageRequest
from seedream.errors import BadRequest, ConnectionNotMade
from seedream.providers import PROVIDERS
from seedream.wire_ids import KnownIds, WireIds
from tests.seedream.raw_server import RawServer, error, pieces, reply
from tests.seedream.samples import sample

FOX = ImageRequest(prompt="a red fox", model="4.5")
LITE = "doubao-seedream-5.0-lite"
XHUOAPI = PROVIDERS["xhuoapi"]


class Kept:
    """The answers that were recorded, as (status, body), in their order."""

    def __init__(self) -> None:
        self._answers: dict[object, list] = {}

    def __call__(self, response, piece) -> None:
        self._answers.setdefault(response, [response.status, b""])[1] += piece

    @property
    def answers(self):
        return [tuple(answer) for answer in self._answers.values()]


async def test_every_answer_is_recorded_byte_by_byte(clients):
    kept, plain, stream = Kept(), sample("plain.json"), sample("stream.ndjson")
    refused = {"error": {"code": "bad_request", "message": "no"}, "trace_id": "trace-1"}
    async with RawServer(
        pieces(plain[:9], plain[9:]), pieces(stream[:99], stream[99:]), error(400, "bad_request", "no")
    ) as server:
        client = clients(server.url, record=kept)
        await client.generate(FOX)
        async with aclosing(client.stream(FOX)) as events:
            assert len([event async for event in events]) == 4
        with pytest.raises(BadRequest):
            await client.generate(FOX)
    assert kept.answers == [(200, plain), (200, stream), (400, json.dumps(refused).encode())]


async def test_an_answer_without_a_body_is_recorded_too(clients):
    kept = Kept()
    async with RawServer(reply(200)) as server:
        await clients(server.url, record=kept).check_key()
    assert kept.answers == [(200, b"")]


async def test_a_probe_sends_what_it_is_given_once_and_gives_back_what_came(clients):
    async with RawServer(reply(200, {"items": []}), reply(200), error(500, "busy")) as server:
        client = clients(server.url, provider=XHUOAPI)
        assert await client.probe("/seedream/tasks", {"ids": []}) == {"items": []}
        assert await client.probe("/seedream/tasks", {"ids": []}) == {}
        with pytest.raises(Exception, match="busy"):
            await client.probe("/seedream/images", {"model": "none"})
        assert [(one.line.split()[1], one.json) for one in server.received] == [
            ("/seedream/tasks", {"ids": []}),
            ("/seedream/tasks", {"ids": []}),
            ("/seedream/images", {"model": "none"}),
        ]
    with pytest.raises(ConnectionNotMade):
        await client.probe("/seedream/tasks", {})


def test_what_another_client_has_learned_is_taken_over_and_told_on():
    changes, mine = [], WireIds(XHUOAPI, lambda: 10.0)
    mine.learned = changes.append
    mine.learn(KnownIds().with_accepted(LITE, "an-id", 9.0))
    assert mine.known.accepted[LITE].wire_id == "an-id"
    assert changes == [KnownIds()]
