"""What may have started is never sent twice; what certainly did not start is."""

from __future__ import annotations

import asyncio
import ssl

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import ImageRequest, SeeDreamClient, Timeouts
from seedream.errors import (
    ConnectionNotMade,
    ContentRefused,
    QuotaSpent,
    RateLimited,
    ResponseLost,
    SeeDreamError,
    ServiceError,
    StreamBroken,
)
from seedream.retry import MAX_DELAY_SECONDS, backoff, parse_retry_after, retry_delay
from tests.seedream.conftest import KEY
from tests.seedream.raw_server import RawServer, drop, error, hang, raw, reply, reset
from tests.seedream.samples import sample

FOX = ImageRequest(prompt="a red fox")
OK = reply(200, sample("plain.json"))
HURRIED = Timeouts(answer=0.15, chunk=0.15, lookup=0.15)
HALF_AN_ANSWER = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{")
LOST = {
    "dropped": drop,
    "reset": reset,
    "no answer in time": hang,
    "half an answer": HALF_AN_ANSWER,
    "half a header": raw(b"HTTP/1.1 200"),
    "no HTTP": raw(b"hello\r\n\r\n"),
}


async def everything(client: SeeDreamClient, request: ImageRequest = FOX) -> list:
    return [event async for event in client.stream(request)]


@pytest.mark.parametrize("answer", LOST.values(), ids=LOST)
@pytest.mark.parametrize("way", ["generate", "submit"])
async def test_a_paid_request_whose_answer_is_lost_is_sent_once(clients, answer, way):
    async with RawServer(answer, OK, OK) as server:
        with pytest.raises(ResponseLost) as caught:
            await getattr(clients(server.url, timeouts=HURRIED), way)(FOX)
        assert not caught.value.safe_to_resend
        assert len(server.received) == 1
    assert clients.slept == []


@pytest.mark.parametrize("answer", LOST.values(), ids=LOST)
async def test_a_stream_whose_answer_is_lost_is_sent_once(clients, answer):
    async with RawServer(answer, OK) as server:
        with pytest.raises((ResponseLost, StreamBroken)) as caught:
            await everything(clients(server.url, timeouts=HURRIED))
        assert not caught.value.safe_to_resend
        assert len(server.received) == 1


async def test_a_paid_request_on_a_kept_connection_that_dies_is_sent_once():
    # With a session of the caller's the connection may be an old one; aiohttp must not repeat the POST on a new one.
    async with RawServer(OK, drop, OK) as server, aiohttp.ClientSession() as session:
        client = SeeDreamClient(api_key=KEY, base_url=server.url, session=session)
        await client.generate(FOX)
        with pytest.raises(ResponseLost):
            await client.generate(FOX)
        assert [received.connection for received in server.received] == [0, 0]


async def test_aiohttp_does_repeat_what_is_idempotent_which_is_why_the_test_above_can_fail():
    async with RawServer(OK, drop, OK) as server, aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.get(server.url) as response:
                await response.read()
        assert [received.connection for received in server.received] == [0, 0, 1]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_gateway_page_does_not_say_that_nothing_started(clients, status):
    async with RawServer(reply(status, sample("gateway.html")), OK) as server:
        with pytest.raises(ServiceError):
            await clients(server.url).generate(FOX)
        assert len(server.received) == 1


async def test_an_error_page_that_breaks_off_is_not_resent(clients):
    async with RawServer(raw(b'HTTP/1.1 500 No\r\ncontent-length: 500\r\n\r\n{"error": {'), OK) as server:
        with pytest.raises(ServiceError):
            await clients(server.url).generate(FOX)
        assert len(server.received) == 1


@pytest.mark.parametrize("answer", [error(500, "api_error"), error(503, "busy"), error(429, "too_many_requests")])
async def test_what_the_service_says_has_failed_is_sent_again(clients, answer):
    async with RawServer(answer, answer, OK) as server:
        assert (await clients(server.url).generate(FOX)).images
        assert len(server.received) == 3
    assert len(clients.slept) == 2
    assert 0.5 <= clients.slept[0] <= 1 <= clients.slept[1] <= 2


@pytest.mark.parametrize("code", ["SetLimitExceeded", "QuotaExceeded"])
async def test_a_spent_quota_is_no_rate_limit_and_is_not_asked_again(clients, code):
    async with RawServer(error(429, code), OK) as server:
        with pytest.raises(QuotaSpent):
            await clients(server.url).generate(FOX)
        assert len(server.received) == 1
    assert clients.slept == []


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, sample("gateway.html")),
        reply(200, b""),
        reply(524, sample("gateway.html")),
        reply(502, {"error": {"code": 502, "message": "Bad gateway"}}),
        reply(408, b""),
    ],
    ids=["a page with 200", "an empty body", "524", "a gateway that repeats its status", "408"],
)
@pytest.mark.parametrize("way", ["generate", "submit"])
async def test_what_says_nothing_of_the_request_is_not_sent_again(clients, answer, way):
    async with RawServer(answer, OK) as server:
        with pytest.raises(SeeDreamError) as caught:
            await getattr(clients(server.url), way)(FOX)
        assert len(server.received) == 1
    assert (caught.value.may_be_running, caught.value.safe_to_resend) == (True, False)


@pytest.mark.parametrize("code", ["OutputImageSensitiveContentDetected", "InputTextRiskDetection"])
async def test_a_refusal_that_is_told_as_a_fault_is_not_sent_again(clients, code):
    async with RawServer(error(500, code), OK) as server:
        with pytest.raises(ContentRefused):
            await clients(server.url).generate(FOX)
        assert len(server.received) == 1


async def test_it_is_given_up_after_the_retries(clients):
    async with RawServer(*[error(500, "busy")] * 4) as server:
        with pytest.raises(ServiceError):
            await clients(server.url, retries=3).generate(FOX)
        assert len(server.received) == 4


async def test_retry_after_is_honoured(clients):
    async with RawServer(error(429, "too_many_requests", retry_after="7"), OK) as server:
        await clients(server.url).generate(FOX)
    assert clients.slept == [7.0]


async def test_a_long_retry_after_is_left_to_the_caller(clients):
    async with RawServer(error(429, "too_many_requests", retry_after="120"), OK) as server:
        with pytest.raises(RateLimited) as caught:
            await clients(server.url).generate(FOX)
    assert caught.value.retry_after == 120.0
    assert clients.slept == []


async def test_a_refused_connection_is_tried_again_and_then_told(clients):
    async with RawServer() as server:
        url = server.url
    with pytest.raises(ConnectionNotMade) as caught:
        await clients(url).generate(FOX)
    assert caught.value.safe_to_resend
    assert len(clients.slept) == 2


async def test_a_connection_that_is_not_made_in_time_has_sent_nothing(clients):
    async with RawServer() as server:  # it speaks no TLS, so the handshake hangs
        with pytest.raises(ConnectionNotMade):
            await clients(server.url.replace("http", "https"), timeouts=Timeouts(connect=0.1), retries=0).generate(FOX)
        assert server.received == []


async def test_a_failed_tls_handshake_has_sent_nothing(clients):
    async def no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(no_tls, "127.0.0.1", 0)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(ConnectionNotMade) as caught:
            await clients(url, retries=0).generate(FOX)
    assert isinstance(caught.value.__cause__, ssl.SSLError | aiohttp.ClientConnectorError)


@pytest.mark.parametrize("answer", LOST.values(), ids=LOST)
async def test_a_look_up_costs_nothing_and_is_repeated(clients, answer):
    async with RawServer(answer, reply(502, sample("gateway.html")), reply(200, sample("task_running.json"))) as server:
        status = await clients(server.url, timeouts=HURRIED).task("task-3")
        assert status.state == "running"
        assert len(server.received) == 3


@given(st.integers(0, 20), st.integers(0, 20), st.booleans())
def test_a_wait_is_jittered_and_bounded(attempt, retries, paid):
    delay = retry_delay(ConnectionNotMade(), attempt=attempt, retries=retries, paid=paid)
    if attempt >= retries:
        assert delay is None
    else:
        assert 0.5 <= delay <= MAX_DELAY_SECONDS


@given(st.integers(0, 10**9), st.sampled_from([1.0, 30.0, 60.0]))
def test_each_wait_is_twice_as_long_up_to_the_longest(attempt, longest):
    ceiling = min(2.0 ** min(attempt, 10), longest)
    assert ceiling / 2 <= backoff(attempt, longest=longest) <= ceiling


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("5", 5.0),
        ("0.5", 0.5),
        ("-5", 0.0),
        ("1e999", None),
        ("nan", None),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:01:00 GMT", 50.0),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0.0),
        ("99999999999", 86400.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(header, seconds):
    assert parse_retry_after(header, now=10.0) == seconds


def test_a_date_is_compared_with_the_answers_own_clock():
    until, date = "Thu, 01 Jan 1970 00:01:40 GMT", "Thu, 01 Jan 1970 00:01:10 GMT"
    assert parse_retry_after(until, now=1e9, date=date) == 30
    assert parse_retry_after(until, now=70.0, date="yesterday") == 30
