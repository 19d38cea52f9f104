"""What the API answers is bounded like what strangers send: values, depth, bytes, lines, images, and the texts."""

from __future__ import annotations

import asyncio
import json
import logging
import resource

import pytest
from sqlalchemy import select

from infra.db.tables import CHARGES
from infra.images.spool_files import SpoolLimits
from sandbox.seedream.faults import Fault
from sandbox.seedream.hostile import UNPACKED_MIB, spoilt
from seedream import ImageReady, ImageRequest, SeeDreamClient, SeeDreamError
from seedream.callbacks import parse_callback
from seedream.errors import AnswerTooLarge, UnreadableAnswer
from seedream.json_parsing import MAX_DEPTH, MAX_VALUES, parse_json
from seedream.responses import parse_error
from seedream.streaming import MAX_LINES, StreamDecoder
from studio.jobs.events import ImageMade
from studio.jobs.pictures import Picture, PictureUnavailable
from studio.jobs.requested_images import EXTRA_IMAGES, RequestedImages
from tests.infra.images.files import file_server, noise, picture
from tests.infra.images.test_spool import a_store
from tests.seedream.raw_server import RawServer, pieces, reply
from tests.support.jobs import a_job

KEY = "sk-secret-4711"
MIB = 2**20
REQUEST = ImageRequest(prompt="a fox")
LISTS = b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)
OBJECTS = b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1)
HOSTILE = {
    "values": b'{"data": [' + b"0," * MAX_VALUES + b"0]}",
    "objects": b'{"data": [' + b"{}," * MAX_VALUES + b"{}]}",
    "names": b"{" + b",".join(b'"%d":0' % number for number in range(MAX_VALUES + 2)) + b"}",
    "lists in each other": b'{"data": ' + LISTS + b"}",
    "objects in each other": b'{"data": ' + OBJECTS + b"}",
    "lists without end": b"[" * 90_000,
}


def streamed(body: bytes) -> list[object]:
    decoder = StreamDecoder()
    return decoder.feed(body + b"\n") + decoder.close()


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


# --- values and depth -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_no_answer_of_any_kind_is_read_with_more_values_or_levels_than_an_answer_has(body):
    for parse in (parse_json, parse_callback, streamed):
        with pytest.raises((UnreadableAnswer, AnswerTooLarge)) as caught:
            parse(body)
        assert str(caught.value).isprintable()
    assert parse_error(400, body).message.isprintable()


def test_an_answer_as_deep_and_as_full_as_answers_may_be_is_read():
    deep = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    full = b"[" + b"0," * (MAX_VALUES - 1) + b"0]"
    assert parse_json(deep)
    assert len(parse_json(full)) == MAX_VALUES


@pytest.mark.parametrize("body", [HOSTILE["values"], HOSTILE["lists in each other"]], ids=["values", "levels"])
@pytest.mark.parametrize("kind", ["answer", "look-up", "batch", "error", "submission"])
async def test_every_call_of_the_client_ends_in_an_error_of_its_own(kind, body):
    answer = reply(400 if kind == "error" else 200, body)
    async with RawServer(answer) as server, SeeDreamClient(api_key=KEY, base_url=server.url, retries=0) as client:
        calls = {"look-up": lambda: client.task("t"), "batch": lambda: client.tasks(["t"])}
        calls["submission"] = lambda: client.submit(REQUEST)
        with pytest.raises(SeeDreamError):
            await calls.get(kind, lambda: client.generate(REQUEST))()


# --- bytes and lines --------------------------------------------------------------------------------------------------


async def events_of(client) -> list[object]:
    return [event async for event in client.stream(REQUEST)]


@pytest.mark.parametrize("kind", ["answer", "stream", "look-up", "error", "download"])
async def test_an_answer_that_explodes_when_it_is_unpacked_is_refused_before_it_fills_the_memory(kind):
    bomb = spoilt({"bomb": Fault(kind="bomb")}).body
    async with RawServer(reply(500 if kind == "error" else 200, bomb, content_encoding="gzip")) as server:
        before = peak_bytes()
        async with SeeDreamClient(api_key=KEY, base_url=server.url, retries=0, max_answer_bytes=4 * MIB) as client:
            calls = {"stream": lambda: events_of(client), "look-up": lambda: client.task("t")}
            calls["download"] = lambda: downloaded(client, f"{server.url}/1.png")
            with pytest.raises(SeeDreamError):
                await calls.get(kind, lambda: client.generate(REQUEST))()
        assert peak_bytes() - before < UNPACKED_MIB * MIB / 2


async def downloaded(client, url: str) -> int:
    return sum([len(chunk) async for chunk in client.download(url)])


SIGNS_OF_LIFE = {"comments": b": still here\n\n", "empty lines": b"\n", "events": b'{"type": "keep_alive"}\n'}


@pytest.mark.parametrize("sign", SIGNS_OF_LIFE.values(), ids=SIGNS_OF_LIFE)
def test_a_stream_of_nothing_but_signs_of_life_ends(sign):
    decoder = StreamDecoder()
    decoder.feed(b'{"type": "x"}\n' if sign[:1] != b":" else b"data: {}\n\n")
    with pytest.raises(AnswerTooLarge):
        feed(decoder, sign * 1000, MAX_LINES // 1000 + 1)


def feed(decoder: StreamDecoder, chunk: bytes, times: int) -> None:
    for _ in range(times):
        decoder.feed(chunk)


def test_a_stream_for_an_hour_with_a_sign_of_life_each_second_is_read_to_its_end():
    decoder = StreamDecoder()
    events = [event for _ in range(3600) for event in decoder.feed(b': x\n\ndata: {"type": "keep_alive", "n": 1}\n\n')]
    assert len(events) == 3600


def test_a_stream_of_large_objects_is_bounded_as_a_whole():
    decoder = StreamDecoder(max_line_bytes=1000)
    line = json.dumps({"type": "image_generation.partial_succeeded", "b64_json": "A" * 900}).encode() + b"\n"
    with pytest.raises(AnswerTooLarge):
        feed(decoder, line, 20)


async def test_a_stream_that_is_too_large_is_no_reason_to_lose_what_came_before():
    first = b'{"type": "image_generation.partial_succeeded", "image_index": 0, "url": "https://x.example/1"}\n'
    answer = pieces(first, *[b"\n" * 50_000] * 10, finish=False)
    async with RawServer(answer) as server, SeeDreamClient(api_key=KEY, base_url=server.url, retries=0) as client:
        events = client.stream(REQUEST)
        assert isinstance(await anext(events), ImageReady)
        with pytest.raises(AnswerTooLarge):
            await anext(events)


# --- images -----------------------------------------------------------------------------------------------------------


def kept(job, *indexes: int) -> list[int]:
    images = RequestedImages(job)
    events = [images.kept(ImageReady(index, f"https://x.example/{index}")) for index in indexes]
    return [event.index for event in events if event]


def test_a_job_has_each_image_once_and_only_a_few_more_than_it_asked_for():
    assert kept(a_job(), *[0] * 1000) == [0]
    assert kept(a_job(), *range(1000)) == list(range(1 + EXTRA_IMAGES))


def test_the_only_image_is_kept_whatever_index_it_has():
    assert kept(a_job(), 2**40) == [0]
    assert kept(a_job(), 99, 0, 99, 98) == [0, 1, 2]


def test_the_link_of_an_image_is_noted_under_the_same_index_as_its_file():
    images = RequestedImages(a_job())
    noted = [images.kept(ImageMade(index, "https://x.example/1")) for index in (50, 60)]
    came = [images.kept(ImageReady(index, "https://x.example/1")) for index in (60, 50)]
    assert [event.index for event in (*noted, *came)] == [0, 1, 1, 0]


@pytest.mark.parametrize("fault", ["more", "more of one index"])
@pytest.mark.parametrize("images", [1, 4])
async def test_images_that_were_not_asked_for_are_neither_fetched_nor_charged_and_the_operator_reads_of_them(
    world, caplog, fault, images
):
    await world.api_fault("more", images=100)
    if fault != "more":
        await world.api_fault("one_index")
    asked = await world.ada.imagine(prompt="foxes", images=images)
    shown = len((await asked.result()).pictures)
    assert shown == images + EXTRA_IMAGES
    assert [row.images for row in await world.read(select(CHARGES))] == [images]
    [told] = [record for record in caplog.records if "left out" in record.getMessage()]
    assert told.levelno == logging.WARNING


@pytest.mark.parametrize("kind", ["swollen", "deep", "bomb"])
@pytest.mark.parametrize("on", ["images", "tasks"])
async def test_a_hostile_answer_ends_one_job_in_words_and_the_next_is_made(polling_world, kind, on):
    world = polling_world
    await world.api_fault(kind, on=on, times=1)
    asked = await world.ada.imagine(prompt="a fox")
    answer = await asked.answer()
    await world.ada.wait_for_message(id=answer.id, button="Details" if on == "tasks" else "Retry")
    await world.ada.imagine_to_end(prompt="another fox")


async def test_a_stream_without_end_ends_with_the_pictures_that_had_come(world):
    await world.api_fault("unending", after=2)
    result = await (await world.ada.imagine(prompt="foxes", images=4)).result(pictures=2)
    assert "2 of 4 made" in result.text


# --- the spool --------------------------------------------------------------------------------------------------------


async def test_the_files_of_one_job_have_a_limit_together_and_its_other_pictures_are_left_to_their_links(tmp_path):
    limits = SpoolLimits(result=9_000_000, job=100_000)
    async with file_server() as server, a_store(tmp_path, limits) as store:
        large = noise((200, 150))
        await store.fetch("job", 0, server.put("a", large))
        assert len(large) > 80_000
        with pytest.raises(PictureUnavailable) as refused:
            await store.fetch("job", 1, server.put("b", noise((200, 150))))
        assert not refused.value.again
        await store.fetch("job", 0, server.put("a", large))  # the same again, as after a crash
        await store.fetch("other", 0, server.put("c", large))


async def test_results_that_are_written_at_once_do_not_exceed_the_limits_together(tmp_path):
    large = [noise((120, 120)) for _ in range(6)]
    size = max(map(len, large))
    async with a_store(tmp_path, SpoolLimits(result=9_000_000, job=2 * size, spool=3 * size)) as store:
        results = await asyncio.gather(
            *(store.fetch("job", index, large[index]) for index in range(3)),
            *(store.fetch("other", index, large[3 + index]) for index in range(3)),
            return_exceptions=True,
        )
        assert sum(len(store.path(one).read_bytes()) for one in results if isinstance(one, Picture)) <= 3 * size
        assert {type(one) for one in results} == {Picture, PictureUnavailable}
        assert sum(isinstance(one, Picture) for one in results) == 3


async def test_the_whole_spool_has_a_limit_and_what_does_not_fit_now_is_fetched_later(tmp_path):
    large = noise((120, 120))
    async with a_store(tmp_path, SpoolLimits(result=9_000_000, spool=len(large))) as store:
        await store.fetch("job", 0, large)
        with pytest.raises(PictureUnavailable) as refused:
            await store.fetch("other", 0, picture())
        assert refused.value.again
        await store.discard("job")
        await store.fetch("other", 0, picture())
