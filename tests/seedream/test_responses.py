import base64
import contextlib
import json
import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seedream import (
    GenerationCompleted,
    ImageFailed,
    ImageReady,
    Result,
    SeeDreamError,
    Size,
    Submission,
    Usage,
)
from seedream.errors import ApiError, ServiceError, UnreadableAnswer
from seedream.json_parsing import parse_json
from seedream.responses import (
    UNREADABLE,
    parse_error,
    parse_event,
    parse_result,
    parse_submission,
    parse_task,
    parse_tasks,
)
from tests.seedream.samples import sample
from tests.seedream.strategies import any_json

JPEG_START = b"\xff\xd8\xff\xe0\x00\x10"
REFUSED = "OutputImageSensitiveContentDetected"


def read(name: str):
    return parse_json(sample(name))


def test_a_plain_answer():
    assert parse_result(read("plain.json")) == Result(
        images=(ImageReady(0, "https://cdn.acedata.cloud/8c5b69a6e0.png", None, Size(2048, 2048)),),
        task_id="93f11baf-347b-4bb4-9520-8653cb46d6a3",
        trace_id="a9063166-26ed-4451-85b5-54e896817c69",
    )


def test_a_plain_answer_whose_data_is_one_object():
    assert parse_result(read("plain_object.json")) == Result(
        images=(ImageReady(0, "https://cdn.acedata.cloud/8c5b69a6e0.png"),), task_id="task-1", trace_id="trace-1"
    )


def test_a_group_with_a_refused_picture_and_bytes():
    result = parse_result(read("plain_group.json"))
    first = ImageReady(0, "https://ark.example/1.jpeg", None, Size(1760, 2368))
    failed = ImageFailed(1, REFUSED, "The output image may contain sensitive information.")
    last = ImageReady(2, None, JPEG_START, Size(1760, 2368))
    usage = Usage(generated_images=2, output_tokens=32560, total_tokens=32560, web_searches=1)
    assert result == Result(images=(first, last), failures=(failed,), usage=usage)
    assert list(result.events()) == [first, failed, last, GenerationCompleted(usage)]
    assert GenerationCompleted(usage).images == 2


@pytest.mark.parametrize("content", ["/9j/4AAQ", "/9j/\r\n4AAQ\r\n", "data:image/jpeg;base64,/9j/4AAQ"])
def test_base64_may_be_wrapped_or_a_data_url(content):
    assert parse_result({"data": [{"b64_json": content}]}).images == (ImageReady(0, None, JPEG_START),)


@pytest.mark.parametrize("size", [3 * 2**18 - 1, 3 * 2**18, 3 * 2**18 + 1, 3 * 2**19 + 2])
def test_a_large_picture_is_decoded_in_pieces_to_the_last_byte(size):
    picture = random.Random(size).randbytes(size)
    content = base64.b64encode(picture).decode()
    assert parse_result({"data": [{"b64_json": content}]}).images == (ImageReady(0, None, picture),)
    for broken in (content[:-1] + "!", content[:4] + "!" + content[5:], "AAA=" + content, content + "A"):
        assert [failure.code for failure in parse_result({"data": [{"b64_json": broken}]}).failures] == [UNREADABLE]


def test_padding_within_a_large_picture_is_not_read_as_its_end():
    content = "A" * (2**20 - 1) + "=" + "AAAA"
    assert [failure.code for failure in parse_result({"data": [{"b64_json": content}]}).failures] == [UNREADABLE]


def test_an_error_in_a_good_answer_is_raised_and_never_safe_to_resend():
    with pytest.raises(ServiceError) as caught:
        parse_result({"success": False, "error": {"code": "api_error", "message": "no"}})
    assert not caught.value.safe_to_resend


def test_an_answer_without_pictures_is_unreadable_and_names_its_task():
    with pytest.raises(UnreadableAnswer, match="task-1"):
        parse_result(read("submission.json"))


@pytest.mark.parametrize(
    "item",
    [
        {"b64_json": "a!"},
        {"b64_json": "a"},
        {"url": "ftp://x/y"},
        {"url": 7},
        {},
        None,
        5,
        {"image_url": "https://x/\n"},
    ],
)
def test_one_picture_that_can_not_be_read_does_not_spoil_the_others(item):
    result = parse_result({"data": [item, {"url": "https://ark.example/1.jpeg"}]})
    assert [failure.code for failure in result.failures] == [UNREADABLE]
    assert result.images == (ImageReady(1, "https://ark.example/1.jpeg"),)


@pytest.mark.parametrize(
    ("given", "indexes"),
    [
        ([2, 0, 1], [2, 0, 1]),
        ([None, None], [0, 1]),
        ([1, 1, 1], [1, 0, 2]),
        ([0, None, 0], [0, 1, 2]),
        ([99, -1, 10**9, "1", True, 1.0], [99, 0, 2, 3, 4, 1]),
        ([0] * 100, list(range(100))),
        ([99] * 120, [99, *range(99)]),
    ],
)
@pytest.mark.parametrize("name", ["index", "image_index"])
def test_pictures_keep_their_own_index_and_none_is_lost_because_another_has_it(given, indexes, name):
    data = [{"url": f"https://x.example/{place}", name: index} for place, index in enumerate(given)]
    images = parse_result({"data": data}).images
    assert [image.index for image in images] == indexes
    assert [image.url for image in images] == [item["url"] for item in data[:100]]


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ({"success": False}, "ServiceError"),
        ({"success": False, "data": []}, "ServiceError"),
        ({"status": "failed", "message": "no luck"}, "ServiceError"),
        ({"data": {"status": "failed", "error": {"code": "InputTextRiskDetection"}}}, "ContentRefused"),
        ({"data": {"status": "processing", "image_url": None}}, "UnreadableAnswer"),
        ({"data": None}, "UnreadableAnswer"),
    ],
)
def test_an_answer_without_a_picture_tells_why_or_is_unreadable(answer, name):
    with pytest.raises(SeeDreamError) as caught:
        parse_result(answer)
    assert type(caught.value).__name__ == name


def test_null_fields_and_unknown_ones_are_taken():
    nothing = dict.fromkeys(("bounding_box", "description", "name", "output_format", "z_index", "error", "b64_json"))
    item = {"image_url": "https://x.example/1", "prompt": "a fox", "size": "2048x2048", "new": {"a": [1]}} | nothing
    answer = {"success": True, "data": [item], "error": None, "usage": None, "trace_id": None, "later": 1}
    assert parse_result(answer) == Result(images=(ImageReady(0, "https://x.example/1", None, Size(2048, 2048)),))


def test_a_submission_and_one_that_was_answered_at_once():
    assert parse_submission(read("submission.json")) == Submission(task_id="task-1", trace_id="trace-1")
    assert parse_submission(read("plain.json")).result == parse_result(read("plain.json"))
    with pytest.raises(UnreadableAnswer):
        parse_submission({"success": True})
    with pytest.raises(ApiError):
        parse_submission({"task_id": "1", "error": {"code": "api_error"}})


def test_stream_events():
    events = [parse_event(parse_json(line)) for line in sample("stream.ndjson").splitlines()]
    assert events == [
        ImageReady(0, "https://ark.example/0.jpeg", None, Size(2496, 1664)),
        None,
        ImageFailed(1, REFUSED, "Umlaute: äöü 狐狸"),
        ImageReady(2, None, JPEG_START, Size(2496, 1664)),
        GenerationCompleted(Usage(generated_images=2, output_tokens=32400, total_tokens=32400)),
    ]


def test_an_event_without_an_index_takes_its_place_in_the_stream():
    event = {"type": "image_generation.partial_succeeded", "url": "https://x.example/1"}
    assert parse_event(event, position=3) == ImageReady(3, "https://x.example/1")


def test_an_absurd_index_is_no_reason_to_lose_the_picture():
    event = parse_event(
        {"type": "image_generation.partial_succeeded", "image_index": 10**9, "url": "https://x.example/1"}
    )
    assert event == ImageReady(10**9, "https://x.example/1")


@pytest.mark.parametrize("event", [{"type": "error", "error": {"code": "busy"}}, {"error": {"code": "busy"}}])
def test_an_error_event_is_raised(event):
    with pytest.raises(ServiceError):
        parse_event(event)


def test_an_error_of_the_error_form():
    error = parse_error(403, sample("error_used_up.json"))
    assert str(error) == (
        "The account's balance is used up: top it up at the provider. "
        "The service says: “Your balance is not sufficient for current request, please buy more in Ace Data Cloud.” "
        "(HTTP 403, used_up, trace 2efa9340-b21b-4e26-9e14-4aac95f343ab)"
    )


def test_a_gateway_page_gives_its_title_and_is_not_safe_to_resend():
    error = parse_error(502, sample("gateway.html"))
    assert (type(error), error.message, error.code, error.safe_to_resend) == (
        ServiceError,
        "502 Bad Gateway",
        "",
        False,
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"error": "busy now"}', "busy now"),
        (b'"busy"', "busy"),
        (b"", ""),
        (b"plain\ntext", "plain text"),
        (b"[]", ""),
    ],
)
def test_errors_in_other_forms(body, message):
    assert parse_error(500, body).message == message


@given(any_json)
@example({"error": None, "image_url": None, "success": True})
def test_any_json_is_a_value_or_an_error_of_the_tree(value):
    for parse in (parse_result, parse_submission, parse_event, parse_tasks, lambda json: parse_task(json, "1")):
        with contextlib.suppress(SeeDreamError):
            parse(value)


@given(st.binary() | any_json.map(lambda value: json.dumps(value).encode()), st.integers(100, 999))
def test_any_error_body_is_an_error_of_one_line(body, status):
    assert "\n" not in str(parse_error(status, body))


@pytest.mark.parametrize(
    "body",
    [b"[" * 200_000, b'{"a":' * 200_000, b"1" * 5000, b"\xff\xfe", b"", b"NaN!", b'{"data": ['],
    ids=["deep list", "deep object", "huge number", "not UTF-8", "empty", "no JSON", "cut"],
)
def test_bytes_that_are_no_json_are_unreadable(body):
    with pytest.raises(UnreadableAnswer):
        parse_json(body)
