"""The web server, over real sockets: health, metrics, and that nothing else is there."""

from __future__ import annotations

import asyncio
import json
import threading

import aiohttp
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_families
from prometheus_client.parser import text_string_to_metric_families

from infra.db.engine import open_engine
from infra.web.health import Sampled, database_takes_writes
from infra.web.server import MAX_HEADERS, MAX_LINE_BYTES, WebServer
from tests.infra.conftest import with_tables
from tests.infra.web.web_client import JOB, Line, serving

VERSIONS = ("aiohttp", "Python")


@pytest.fixture
async def web():
    async with serving() as web:
        yield web


# --- health ------------------------------------------------------------------------------------------------------


async def well() -> bool:
    return True


async def ill() -> bool:
    return False


async def broken() -> bool:
    raise RuntimeError("postgresql://bot:sesame@db/bot does not answer")


async def never() -> bool:
    return await asyncio.get_running_loop().create_future()


async def test_the_process_says_that_it_runs(web):
    answer = await web.ask("GET", "/healthz")
    assert (answer.status, answer.body) == (200, b"ok\n")


async def test_ready_names_every_part():
    async with serving(probes={"gateway": well, "database": well, "queue": well}) as web:
        answer = await web.ask("GET", "/readyz")
        assert (answer.status, json.loads(answer.body)) == (200, {"gateway": "ok", "database": "ok", "queue": "ok"})
        assert answer.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(("probe", "state"), [(ill, "failed"), (broken, "failed"), (never, "timed out")])
async def test_one_part_that_fails_is_named_within_a_time_and_says_nothing_secret(probe, state):
    async with serving(probes={"gateway": well, "database": probe, "queue": well}, probe_within=0.05) as web:
        answer = await web.ask("GET", "/readyz")
        assert answer.status == 503
        assert json.loads(answer.body) == {"gateway": "ok", "database": state, "queue": "ok"}


async def test_the_database_is_written_to(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr("infra.web.health.SAMPLE_SECONDS", 0.0)
    url = f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}"
    await with_tables(url)
    engine = open_engine(url)
    async with serving(probes={"database": database_takes_writes(engine)}) as web:
        assert (await web.ask("GET", "/readyz")).status == 200
        await engine.dispose()
        (tmp_path / "bot.db").unlink()
        (tmp_path / "bot.db").mkdir()
        assert (await web.ask("GET", "/readyz")).status == 503
    await engine.dispose()
    assert "unable to open database file" in caplog.text
    assert "SQL:" not in caplog.text
    async with asyncio.timeout(10):  # a connection that failed ends its thread after it was told of
        while any("connection_worker" in thread.name for thread in threading.enumerate()):  # noqa: ASYNC110 - a thread has no event
            await asyncio.sleep(0)


async def test_a_sampled_probe_is_carried_out_once_for_all_who_ask_within_its_time():
    asked = []

    async def probe():
        asked.append(1)
        return len(asked) == 1

    sampled = Sampled(probe, seconds=60.0)
    assert [await sampled() for _ in range(3)] == [True] * 3
    always = Sampled(probe, seconds=0.0)
    assert [await always() for _ in range(2)] == [False] * 2
    assert len(asked) == 3


# --- metrics -----------------------------------------------------------------------------------------------------


async def test_metrics_are_what_prometheus_reads(web):
    await web.post(b"{")
    plain = await web.ask("GET", "/metrics")
    families = {family.name: family for family in text_string_to_metric_families(plain.body.decode())}
    outcomes = {sample.labels["outcome"]: sample.value for sample in families["seedream_callbacks"].samples}
    assert outcomes["malformed"] == 1
    assert {outcome for outcome, value in outcomes.items() if not value} >= {"taken", "forged", "unknown"}
    assert "process_resident_memory_bytes" in families
    wanted = "application/openmetrics-text; version=1.0.0"
    openly = await web.ask("GET", "/metrics", accept=wanted)
    assert openly.headers["Content-Type"].startswith(wanted)
    assert {family.name for family in openmetrics_families(openly.body.decode())} >= {"seedream_callbacks"}


# --- nothing else ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/", "/callbacks", "/callbacks/", f"/callbacks/{JOB}", f"/callbacks/{JOB}/", "/metrics/", "/healthz/x", "/.env"],
)
async def test_nothing_else_is_there(web, path):
    for method in ("GET", "POST"):
        answer = await web.ask(method, path)
        assert (answer.status, answer.body) == (404, b"404 Not Found\n")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_what_may_be_read_may_not_be_written(web, path):
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        answer = await web.ask(method, path)
        assert (answer.status, answer.body) == (405, b"405 Method Not Allowed\n")
        assert answer.headers["Allow"] == "GET,HEAD"
    assert (await web.ask("HEAD", path)).status == 200


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_a_callback_is_posted_and_nothing_else(web, method):
    answer = await web.ask(method, web.address())
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert web.door.kept == []


async def test_without_callbacks_their_addresses_are_unknown():
    async with serving(callbacks=False) as web:
        answer = await web.post()
        assert (answer.status, answer.body) == (404, b"404 Not Found\n")
        assert (await web.ask("GET", "/healthz")).status == 200


@pytest.mark.parametrize(
    "target",
    [
        "/callbacks/../metrics",
        "/callbacks/x/../../metrics",
        "/callbacks/..%2fmetrics",
        "/callbacks/%2e%2e/metrics",
        "//metrics",
        "/./metrics",
        "/metrics%00",
        "/METRICS",
    ],
)
async def test_metrics_are_at_one_address_alone(web, target):
    async with Line.to(web) as line:
        await line.send(f"GET {target} HTTP/1.1\r\nHost: bot.example\r\n\r\n".encode())
        assert (await line.answer()).status in {404, 405}


# --- what is no HTTP ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50,
        b"GET / HTTP/9.9\r\n\r\n",
        b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /" + b"a" * (MAX_LINE_BYTES + 1) + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * (MAX_LINE_BYTES + 1) + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + b"X-One: 1\r\n" * (MAX_HEADERS + 1) + b"\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\nBad\0: y\r\n\r\n",
    ],
    ids=[
        "words",
        "TLS",
        "version",
        "method",
        "long address",
        "long field",
        "many fields",
        "two lengths",
        "below 0",
        "field",
    ],
)
async def test_what_is_no_http_gets_400_and_the_line_is_closed_without_a_word_in_the_log(web, sent, caplog):
    async with Line.to(web) as line:
        await line.send(sent)
        answer = await line.answer()
        await line.ended()
    assert answer.status == 400
    assert len(answer.body) < 500
    assert not any(version in f"{answer.headers}{answer.body}" for version in (*VERSIONS, "Traceback"))
    assert caplog.text == ""
    assert (await web.ask("GET", "/healthz")).status == 200


async def test_no_answer_names_what_it_runs_on(web):
    for method, path in (("GET", "/healthz"), ("GET", "/nowhere"), ("PUT", "/metrics"), ("POST", web.address())):
        answer = await web.ask(method, path)
        assert not any(version in str(answer.headers) for version in VERSIONS)


async def test_who_says_nothing_is_cut_off():
    async with serving(keepalive=0.05) as web, Line.to(web) as silent, Line.to(web) as slow:
        await slow.send(b"GET /healthz HTTP/1.1\r\nHost:")
        assert await silent.ended() == await slow.ended() == b""


async def test_a_line_that_is_kept_is_closed_when_nothing_more_comes():
    async with serving(keepalive=0.05) as web, Line.to(web) as line:
        await line.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert (await line.answer()).status == 200
        assert await line.ended() == b""


# --- life --------------------------------------------------------------------------------------------------------


async def test_a_port_that_is_taken_is_an_error_and_leaves_nothing_open(web):
    taken = int(web.server.url.rsplit(":", 1)[1])
    with pytest.raises(OSError, match="address already in use"):
        async with WebServer("127.0.0.1", taken, metrics=web.metrics, probes={}):
            pass


async def test_closing_answers_what_is_being_kept_and_takes_no_more():
    async with serving() as web:
        web.door.open.clear()
        posting = asyncio.create_task(web.post())
        await web.door.knocked.wait()
        closing = asyncio.create_task(web.server.__aexit__())
        refused = False
        while not refused:
            try:
                async with aiohttp.ClientSession() as another, another.get(f"{web.server.url}/healthz"):
                    pass
            except aiohttp.ClientConnectionError:
                refused = True
        web.door.open.set()
        assert (await posting).status == 200
        await closing
        assert [job for job, *_ in web.door.kept] == [JOB]


async def test_it_listens_on_ipv6_too():
    try:
        async with serving() as web, WebServer("::1", 0, metrics=web.metrics, probes={}) as server:
            assert server.url.startswith("http://[::1]:")
            assert (await web.ask("GET", f"{server.url}/healthz")).status == 200
    except OSError:
        pytest.skip("there is no IPv6 here")
