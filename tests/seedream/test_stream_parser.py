"""What the objects of one stream say together: each task once, and no picture lost or doubled."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import GenerationCompleted, ImageFailed, ImageReady, SeeDreamError, TaskNamed
from seedream.errors import ContentRefused, ServiceError, UnreadableAnswer
from seedream.responses import StreamParser
from tests.seedream.samples import sample
from tests.seedream.strategies import any_json

NAMED = {"task_id": "task-1", "trace_id": "trace-1"}
TASK = TaskNamed("task-1", "trace-1")


def picture(index: int | None, link: str = "1") -> dict:
    return {"type": "image_generation.partial_succeeded", "image_index": index, "url": f"https://x.example/{link}"}


def told(*records: dict) -> list:
    parser = StreamParser()
    return [event for record in records for event in parser.parse(record)]


@pytest.mark.parametrize(
    "record",
    [
        NAMED,
        {"type": "image_generation.started"} | NAMED,
        {"type": "image_generation.partial_image"} | NAMED,
        {"success": True} | NAMED,
        {"type": None, "data": None, "error": None, "usage": None} | NAMED,
    ],
)
def test_a_task_that_any_object_names_is_told_once(record):
    assert told(record, record, NAMED) == [TASK]


def test_each_new_task_is_told_and_a_trace_alone_is_told_too():
    assert told({"type": "x", "trace_id": "t"}, NAMED, {"type": "x", "task_id": 7}, NAMED) == [
        TaskNamed(None, "t"), TASK, TaskNamed("7", None),
    ]  # fmt: skip


def test_the_task_comes_before_what_else_its_object_says():
    parser = StreamParser()
    assert list(parser.parse(picture(0) | NAMED)) == [TASK, ImageReady(0, "https://x.example/1")]
    assert list(parser.parse({"type": "image_generation.completed"} | NAMED)) == [GenerationCompleted()]


@pytest.mark.parametrize("kind", [{"type": "error"}, {}])
def test_the_task_of_an_error_is_told_before_the_error_is_raised(kind):
    events = StreamParser().parse(kind | {"error": {"code": "OutputImageRiskDetection"}} | NAMED)
    assert next(events) == TASK
    with pytest.raises(ContentRefused) as caught:
        next(events)
    assert (caught.value.task_id, caught.value.trace_id) == ("task-1", "trace-1")


def test_a_plain_answer_in_place_of_a_stream_names_its_task_first():
    answer = json.loads(sample("plain.json"))
    task, image, completed = told(answer)
    assert task == TaskNamed(answer["task_id"], answer["trace_id"])
    assert (image.url, completed) == (answer["data"][0]["image_url"], GenerationCompleted())


def test_pictures_with_the_same_index_are_not_lost_and_the_same_picture_is_not_doubled():
    events = told(picture(0, "a"), picture(0, "b"), picture(0, "a"), picture(None, "c"), picture(2, "d"))
    assert [(event.index, event.url[-1]) for event in events] == [(0, "a"), (1, "b"), (2, "c"), (3, "d")]


def test_a_picture_that_is_repeated_is_told_once_also_where_its_index_was_taken():
    events = told(picture(0, "a"), *[picture(0, "b")] * 1000)
    assert [(event.index, event.url[-1]) for event in events] == [(0, "a"), (1, "b")]


def test_a_picture_whose_index_is_far_too_high_gets_a_free_one():
    assert [event.index for event in told(picture(2**40, "a"), picture(100, "b"), picture(0, "c"))] == [0, 1, 2]


def test_a_picture_that_failed_keeps_its_place_from_one_that_came():
    failed = {"type": "image_generation.partial_failed", "image_index": 0, "error": {"code": "busy", "message": "no"}}
    assert told(picture(0), failed) == [ImageReady(0, "https://x.example/1"), ImageFailed(1, "busy", "no")]


def test_it_counts_the_pictures_that_are_there():
    parser = StreamParser()
    for record in (NAMED, picture(0, "a"), picture(0, "a"), picture(5, "b")):
        list(parser.parse(record))
    assert parser.arrived == 2


def test_a_stream_without_an_end_is_bounded():
    parser = StreamParser()
    for number in range(100):
        list(parser.parse(picture(0, str(number))))
    for number in range(100, 110):
        assert list(parser.parse(picture(0, str(number)))) == []
    assert (parser.arrived, parser.left_out) == (100, 10)
    assert len([*told(*({"type": "x", "task_id": str(number)} for number in range(1000)))]) <= 101


@pytest.mark.parametrize(
    "strange",
    [{}, {"ping": 1}, {"status": "processing"}, {"error": None}, {"data": {"status": "running"}}, {"data": "x"}],
)
def test_what_is_no_object_of_a_stream_loses_none_of_the_others(strange):
    parser = StreamParser()
    events = [event for record in (strange, picture(0), strange) for event in parser.parse(record)]
    parser.close()
    assert [type(event) for event in events] == [ImageReady]


def test_a_stream_of_nothing_else_is_unreadable():
    parser = StreamParser()
    assert list(parser.parse({"hello": "world"})) == []
    with pytest.raises(UnreadableAnswer):
        parser.close()


@given(st.lists(st.dictionaries(st.sampled_from(["type", "data", "task_id", "error", "image_index", "url"]), any_json)))
def test_any_objects_are_events_or_an_error_of_the_tree(records):
    events = []
    try:
        parser = StreamParser()
        for record in records:
            events += parser.parse(record)
    except SeeDreamError as error:
        assert not error.safe_to_resend  # noqa: PT017 - which error depends on the objects
    places = {}
    for event in events:
        if isinstance(event, ImageReady):
            assert places.setdefault(event.index, event) == event


@pytest.mark.parametrize("error", [{}, {"error": None}, {"error": ""}, {"error": 5}])
def test_a_picture_that_failed_without_a_word_was_not_made(error):
    failed = {"type": "image_generation.partial_failed", "image_index": 1} | error
    assert told(failed) == [ImageFailed(1, "", "")]
    assert isinstance(ImageFailed(1, "", "").error, ServiceError)
