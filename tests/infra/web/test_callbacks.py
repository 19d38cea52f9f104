"""Callbacks, over real sockets: whose are taken, what is refused, and that nobody can fill the memory."""

from __future__ import annotations

import asyncio
import base64
import gzip
import io
import json
from http import HTTPStatus

import pytest

from infra.web.callbacks import MIN_RESERVED_BYTES, CallbackLimits, Outcome
from sandbox.seedream.server import LocalSeeDream
from seedream import ImageRequest, SeeDreamClient
from seedream.callbacks import parse_callback, sign
from seedream.errors import ContentRefused
from tests.infra.web.web_client import ANSWER, BODY, JOB, SECRET, Line, serving

FEW = CallbackLimits(body=200_000, total=1_000_000, reading=20.0)


@pytest.fixture
async def web():
    async with serving(limits=FEW) as web:
        yield web


async def pieces(*parts: bytes):
    """A body of no known length: it is sent in chunks."""
    for part in parts:
        yield part


# --- what is taken -----------------------------------------------------------------------------------------------


async def test_a_callback_is_kept_as_it_came_and_as_it_is_meant(web):
    answer = await web.post()
    assert (answer.status, answer.body) == (200, b"200 OK\n")
    assert web.door.kept == [(JOB, BODY, parse_callback(BODY))]
    assert await web.outcome() is Outcome.TAKEN


async def test_an_error_is_taken_like_a_result(web):
    refused = {"code": "OutputImageSensitiveContentDetected", "message": "no"}
    assert (await web.post(json.dumps({"success": False, "task_id": "1", "error": refused}))).status == 200
    ((_, _, callback),) = web.door.kept
    assert isinstance(callback.error, ContentRefused)


async def test_a_body_in_chunks_is_taken_whatever_type_it_claims_to_have(web):
    assert (await web.post(pieces(BODY[:10], BODY[10:]), content_type="text/html")).status == 200
    assert [body for _, body, _ in web.door.kept] == [BODY]


async def test_a_repeat_is_answered_like_the_first(web):
    first, second = await web.post(), await web.post()
    assert first.status == second.status == 200
    assert first.body == second.body


async def test_a_picture_may_come_within():
    picture = b"\xff\xd8\xff" + bytes(2_000_000)
    body = json.dumps({"task_id": "1", "data": [{"b64_json": base64.b64encode(picture).decode()}]}).encode()
    async with serving() as web:
        assert (await web.post(io.BytesIO(body))).status == 200
        ((_, _, callback),) = web.door.kept
        assert callback.result.images[0].data == picture


async def test_many_at_once_are_all_taken():
    async with serving() as web:
        answers = await asyncio.gather(*(web.post() for _ in range(200)))
        assert {answer.status for answer in answers} == {200}
        assert len(web.door.kept) == 200


@pytest.mark.parametrize(
    ("fault", "times"), [(None, 1), ("callback_twice", 2), ("callback_early", 1), ("item_refused", 1)]
)
async def test_the_local_service_s_callbacks_are_taken_also_twice_or_before_its_answer(fault, times):
    async with (
        serving() as web,
        LocalSeeDream(delay=0.01, image_interval=0.0) as service,
        SeeDreamClient(api_key=service.key, base_url=service.url) as api,
    ):
        if fault:
            set_up = await web.ask("POST", f"{service.url}/control/faults", json.dumps({"kind": fault}))
            assert set_up.status == 201, set_up.body
        request = ImageRequest(prompt="a red fox", model="4.0", size="1K", callback_url=web.address())
        submission = await api.submit(request)
        assert [await web.outcome() for _ in range(times)] == [Outcome.TAKEN] * times
        first, *others = web.door.kept
        assert others == [first] * (times - 1)
        _, _, callback = first
        assert callback.task_id == submission.task_id
        if fault == "item_refused":
            assert isinstance(callback.error, ContentRefused)
        else:
            assert len(callback.result.images) == 1


# --- whose it is not ---------------------------------------------------------------------------------------------


async def test_what_is_forged_and_what_belongs_to_no_job_get_the_same_answer(web):
    forged = await web.ask("POST", f"/callbacks/{JOB}/{sign(JOB, SECRET + '!')}", BODY)
    unknown = await web.post(job_id="nobody")
    nowhere = await web.ask("POST", "/nowhere", BODY)
    assert [await web.outcome(), await web.outcome()] == [Outcome.FORGED, Outcome.UNKNOWN]
    for answer in (forged, unknown, nowhere):
        answer.headers.pop("Date")
    assert forged == unknown == nowhere
    assert (forged.status, forged.body) == (404, b"404 Not Found\n")
    assert web.door.kept == []


async def test_another_job_s_signature_is_forged(web):
    web.door.jobs.add("other")
    assert (await web.ask("POST", f"/callbacks/other/{sign(JOB, SECRET)}", BODY)).status == 404


async def test_nothing_is_read_of_what_is_forged(web):
    async with Line.to(web) as line:
        await line.post(f"/callbacks/{JOB}/{'A' * 43}", Content_Length=100_000)
        assert (await line.answer()).status == 404


@pytest.mark.parametrize(
    "job",
    [
        "..",
        ".",
        "%2e%2e",
        "..%2f..%2fetc%2fpasswd",
        "a%00b",
        "a%0d%0aSet-Cookie:%20x=1",
        "%ff%fe",
        "%",
        "%zz",
        "%C3%A9",
        "a" * 65,
        "a" * 3000,
        "a;b",
        "a'--",
        "{job}",
        "a%20b",
    ],
)
async def test_what_can_be_no_job_is_unknown(web, job):
    async with Line.to(web) as line:
        await line.post(f"/callbacks/{job}/{sign(JOB, SECRET)}", BODY, Content_Length=len(BODY))
        answer = await line.answer()
    assert (answer.status, answer.body) == (404, b"404 Not Found\n")
    assert "Set-Cookie" not in answer.headers
    assert web.door.kept == []


@pytest.mark.parametrize("tail", ["=", "/", "/x", "A", "%20", "%00", ";", "%3D"])
async def test_a_signature_with_something_after_it_is_none(web, tail):
    async with Line.to(web) as line:
        await line.post(web.path + tail, BODY, Content_Length=len(BODY))
        assert (await line.answer()).status == 404
    assert web.door.kept == []


# --- what can't be read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        BODY[:-1],
        b"<html></html>",
        b"[]",
        b"null",
        b'{"data": "\xff"}',
        b'{"data": [{"url": "https://x.example/1"}], "n": NaN}',
        b"[" * 50_000,
        gzip.compress(BODY),
        b'{"task_id": "task-1"}',
    ],
)
async def test_what_can_not_be_read_is_refused(web, body):
    answer = await web.post(body)
    assert (answer.status, answer.body) == (400, b"400 Bad Request\n")
    assert await web.outcome() is Outcome.MALFORMED
    assert web.door.kept == []


async def test_a_packed_body_is_not_unpacked(web):
    assert (await web.post(gzip.compress(b" " * 10_000_000 + BODY), content_encoding="gzip")).status == 400


async def test_broken_chunks_are_refused(web):
    async with Line.to(web) as line:
        await line.post(web.path, b'5\r\n{"dat\r\nthis is no length\r\n', Transfer_Encoding="chunked")
        assert (await line.answer()).status == 400
    assert web.door.kept == []


@pytest.mark.parametrize("headers", [{"Content_Length": len(BODY)}, {"Transfer_Encoding": "chunked"}])
async def test_a_body_that_breaks_off_is_never_kept(web, headers):
    async with Line.to(web) as line:
        await line.post(web.path, b"10\r\n" + BODY[:16] + b"\r\n", **headers)
        await line.hang_up()
        assert await web.outcome() is Outcome.CUT
    assert web.door.kept == []


# --- what is too much --------------------------------------------------------------------------------------------


async def test_a_body_that_says_it_is_too_large_is_refused_before_it_comes(web):
    async with Line.to(web) as line:
        await line.post(web.path, Content_Length=FEW.body + 1)
        assert (await line.answer()).status == 413
    assert await web.outcome() is Outcome.TOO_LARGE


async def test_a_body_that_does_not_say_so_is_refused_while_it_comes(web):
    async with Line.to(web) as line:
        await line.post(web.path, Transfer_Encoding="chunked")
        sent = 0
        while sent <= FEW.body:
            await line.send(b"8000\r\n" + b" " * 0x8000 + b"\r\n")
            sent += 0x8000
        answer = await line.answer()  # the body has no end
    assert (answer.status, answer.body) == (
        413,
        f"413 {HTTPStatus(413).phrase}\n".encode(),
    )  # whose words changed with Python 3.13
    assert await web.outcome() is Outcome.TOO_LARGE


async def test_a_body_of_just_the_limit_is_taken(web):
    assert (await web.post(BODY + b" " * (FEW.body - len(BODY)))).status == 200
    assert (await web.post(pieces(BODY, b" " * (FEW.body - len(BODY))))).status == 200
    assert (await web.post(pieces(BODY, b" " * (FEW.body - len(BODY) + 1)))).status == 413


async def test_a_slow_body_is_given_up():
    async with serving(limits=CallbackLimits(reading=0.05), lingering=0.05) as web, Line.to(web) as line:
        await line.post(web.path, BODY[:5], Content_Length=len(BODY))
        assert (await line.answer()).status == 408
        assert await web.outcome() is Outcome.SLOW
        assert web.door.kept == []


async def test_when_all_room_is_taken_others_are_told_to_come_again_and_do():
    limits = CallbackLimits(total=MIN_RESERVED_BYTES, reading=20)
    async with serving(limits=limits) as web, Line.to(web) as slow:
        await slow.post(web.path, BODY[:5], Content_Length=len(BODY))
        answer = await web.post()
        while answer.status == 200:  # the slow one has not come in yet
            answer = await web.post()
        assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
        await slow.send(BODY[5:])
        assert (await slow.answer()).status == 200
        assert (await web.post()).status == 200


async def test_a_body_that_outgrows_the_room_gives_all_of_it_back():
    limits = CallbackLimits(body=1_000_000, total=MIN_RESERVED_BYTES * 2)
    async with serving(limits=limits) as web:
        for _ in range(3):
            assert (await web.post(b" " * (limits.total + 1))).status == 503
        assert (await web.post()).status == 200


# --- when it can't be kept ---------------------------------------------------------------------------------------


async def test_while_the_database_is_away_the_service_is_told_to_come_again(web, caplog):
    web.door.away = OSError("the database is away: postgresql://bot:sesame@db/bot")
    answer = await web.post()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    assert answer.body == b"503 Service Unavailable\n"
    assert await web.outcome() is Outcome.UNAVAILABLE
    assert "could not be stored" in caplog.text
    web.door.away = None
    assert (await web.post()).status == 200
    assert len(web.door.kept) == 1


async def test_a_database_that_hangs_is_not_waited_for():
    async with serving(limits=CallbackLimits(storing=0.05)) as web:
        web.door.open.clear()
        assert (await web.post()).status == 503


async def test_who_does_not_wait_for_the_answer_is_kept_all_the_same(web):
    web.door.open.clear()
    async with Line.to(web) as line:
        await line.post(web.path, BODY, Content_Length=len(BODY))
        await web.door.knocked.wait()
        await line.hang_up()
    web.door.open.set()
    assert await web.outcome() is Outcome.TAKEN
    assert [body for _, body, _ in web.door.kept] == [BODY]


async def test_no_log_holds_a_signature(web, caplog):
    caplog.set_level("DEBUG")
    for body in (BODY, b"{", json.dumps(ANSWER | {"data": 1})):
        await web.post(body)
    web.door.away = RuntimeError("away")
    await web.post()
    assert sign(JOB, SECRET) not in caplog.text
    assert JOB in {getattr(record, "job", "") for record in caplog.records}
