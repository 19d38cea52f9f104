"""Nobody keeps the service's callbacks out by connections that they open, and leave, and don't read."""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import pytest

from infra.web.connections import ConnectionLimits
from infra.web.server import MAX_LINE_BYTES
from tests.infra.web.web_client import BODY, JOB, Line, serving

QUICK = {"keepalive": 0.2, "lingering": 0.1}
REQUEST = b"POST /callbacks/a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
CHUNKED = b"POST /callbacks/a/b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


def quick(**limits) -> ConnectionLimits:
    return ConnectionLimits(**{"unread": 0.2, "sweep": 0.05} | limits)


@asynccontextmanager
async def unread_connection(web):
    """A connection whose peer takes next to nothing from the kernel."""
    host, port = web.server.url.removeprefix("http://").rsplit(":", 1)
    with socket.socket() as plain:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        plain.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plain, (host, int(port)))
        yield plain


async def flood(plain: socket.socket, content: bytes) -> None:
    """Send until the connection is dropped."""
    with suppress(ConnectionError):
        async with asyncio.timeout(20):
            while True:
                await asyncio.get_running_loop().sock_sendall(plain, content)


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def connections_are(web, number: int) -> None:
    async with asyncio.timeout(20):
        while len(web.server.connections) != number:  # noqa: ASYNC110 - the kernel tells of no connection that ends
            await asyncio.sleep(0.01)


SLOW = {
    "nothing": b"",
    "half a head": b"POST /callbacks/a/b HTTP/1.1\r\nHost: x\r\nX-Slow: ",
    "half a head after a request": REQUEST + b"POST /callbacks/a/b HTTP/1.1\r\nHos",
    "a body that doesn't come": b"POST /callbacks/a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n1",
    "a body that is announced and waited for": (
        b"POST /callbacks/a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n"
    ),
    "a chunk that doesn't end": CHUNKED + b"ffffff\r\nxx",
    "an endless line of a chunk": CHUNKED + b"1;" + b"x" * 2 * MAX_LINE_BYTES,
    "endless trailers": CHUNKED + b"0\r\n" + b"X-Trailer: 1\r\n" * 1000,
    "another protocol": b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nxxxx",
    "a tunnel": b"CONNECT other.example:443 HTTP/1.1\r\nHost: other.example\r\n\r\nxxxx",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50,
    "HTTP/1.0": b"GET /healthz HTTP/1.0\r\n\r\n",
    "HTTP/1.0 that is kept": b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
async def test_a_connection_that_brings_nothing_whole_is_closed_in_time(sent):
    async with serving(limits=None, connections=quick(), **QUICK) as web, Line.to(web) as line:
        await line.send(sent)
        await line.ended()
        await connections_are(web, 0)


async def test_a_peer_that_closes_its_own_half_leaves_nothing_behind():
    async with serving(connections=quick(), keepalive=60.0) as web, Line.to(web) as line:
        await line.send(REQUEST + b"POST /callbacks/a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n1")
        line.half_close()
        await line.ended()
        await connections_are(web, 0)


async def test_peers_that_do_not_read_their_answers_are_dropped_and_take_no_memory():
    async with serving(connections=quick(), keepalive=60.0) as web, AsyncExitStack() as stack:
        plain = [await stack.enter_async_context(unread_connection(web)) for _ in range(5)]
        head = f"POST {web.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(BODY)}\r\n\r\n"
        whole = head.encode() + BODY  # signed, so that the connection is kept
        before = resident_bytes()
        await asyncio.gather(*(flood(one, whole * 100) for one in plain))
        assert resident_bytes() - before < 64 * 2**20
        await connections_are(web, 0)
        assert (await web.post()).status == 200


async def test_a_stranger_gets_one_answer_however_many_requests_they_send_at_once():
    async with serving() as web, Line.to(web) as line:
        await line.send(REQUEST * 1000)
        assert (await line.answer()).status == 404
        with suppress(ConnectionError):
            assert await line.ended() == b""
        await connections_are(web, 0)


async def test_a_connection_of_the_service_is_kept_for_its_next_callback():
    async with serving() as web, Line.to(web) as line:
        for _ in range(3):
            await line.post(web.path, BODY, Content_Length=len(BODY))
            assert (await line.answer()).status == 200


async def test_those_who_only_occupy_connections_do_not_keep_a_callback_out():
    limits = ConnectionLimits(total=20, unread=60.0)
    async with serving(connections=limits, keepalive=60.0) as web, AsyncExitStack() as stack:
        for _ in range(100):
            await stack.enter_async_context(Line.to(web))
        assert (await web.post()).status == 200
        assert len(web.server.connections) <= 20
        assert [job for job, *_ in web.door.kept] == [JOB]


async def test_a_callback_that_is_being_sent_is_not_dropped_for_those_who_come_later():
    async with serving(connections=ConnectionLimits(total=20), keepalive=60.0) as web, AsyncExitStack() as stack:
        slow = await stack.enter_async_context(Line.to(web))
        await slow.post(web.path, BODY[:10], Content_Length=len(BODY))
        await connections_are(web, 1)
        assert (await web.post(b"{")).status == 400  # by now, the slow one's signature was verified too
        for _ in range(100):
            await stack.enter_async_context(Line.to(web))
        await slow.send(BODY[10:])
        assert (await slow.answer()).status == 200


async def test_a_busy_bots_callbacks_are_all_taken_though_they_come_through_one_proxy():
    jobs = [f"job-{number}" for number in range(1000)]
    async with serving(*jobs) as web:
        answers = await asyncio.gather(*(web.post(job_id=job) for job in jobs))
        assert {answer.status for answer in answers} == {200}
        assert len(web.door.kept) == len(jobs)


async def test_one_public_address_takes_only_its_share_of_the_connections(monkeypatch):
    monkeypatch.setattr("infra.web.connections._public_address", lambda _: "203.0.113.1")
    limits = ConnectionLimits(total=100, per_address=10)
    async with serving(connections=limits, keepalive=60.0) as web, AsyncExitStack() as stack:
        for _ in range(50):
            await stack.enter_async_context(Line.to(web))
        assert (await web.post()).status == 200
        assert len(web.server.connections) <= 10


async def test_the_operator_reads_once_how_many_connections_were_dropped(caplog):
    async with serving(connections=quick(total=10), keepalive=60.0) as web, AsyncExitStack() as stack:
        for _ in range(50):
            await stack.enter_async_context(Line.to(web))
        async with asyncio.timeout(20):
            while "connections" not in caplog.text:  # noqa: ASYNC110 - a log tells nobody
                await asyncio.sleep(0.01)
    assert "they didn't read their answers" in caplog.text
