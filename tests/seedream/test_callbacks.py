"""Callbacks: whose they are, and what they say."""

from __future__ import annotations

import base64
import json
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seedream import GenerationCompleted, ImageFailed, ImageReady, Result, Size
from seedream.callbacks import Callback, callback_url, parse_callback, sign, verify
from seedream.errors import ApiError, ContentRefused, ServiceError, UnreadableAnswer
from seedream.json_parsing import MAX_VALUES
from seedream.responses import parse_result
from tests.seedream.samples import sample
from tests.seedream.strategies import any_json

SECRET = "correct horse battery staple correct horse"
JOB = "hYc3_-Zq0aB1"
ALPHABET = string.ascii_letters + string.digits + "-_"
job_ids = st.text(ALPHABET, min_size=1, max_size=64)
PICTURE = ImageReady(0, "https://cdn.acedata.cloud/1.png", None, Size(2048, 2048))


# --- whose it is -------------------------------------------------------------------------------------------------


def test_the_address_names_the_job_and_its_signature():
    signature = sign(JOB, SECRET)
    assert callback_url("https://bot.example/", JOB, SECRET) == f"https://bot.example/callbacks/{JOB}/{signature}"


def test_a_signature_stays_the_same_for_ever():
    """Addresses that are out must be taken after an update too. This one was made with OpenSSL:

    printf 'seedream/callback/1\\0hYc3_-Zq0aB1' | openssl dgst -sha256 -hmac "$SECRET" -binary | basenc --base64url
    """
    assert sign(JOB, SECRET) == "Z4QiUz04bgfH14BzhkuYbSci6zl4ik_7RV1-Ama_eHc"


@given(job_ids, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80))
def test_a_job_s_own_signature_is_taken_and_fits_an_address(job_id, secret):
    signature = sign(job_id, secret)
    assert set(signature) <= set(ALPHABET)
    assert len(signature) == 43
    assert verify(job_id, signature, secret)


@given(job_ids, job_ids)
def test_one_job_s_signature_is_no_other_s(job_id, other):
    assert verify(other, sign(job_id, SECRET), SECRET) == (job_id == other)


@given(st.integers(0, 42), st.characters())
@example(42, "=")
def test_a_signature_with_any_character_changed_is_refused(place, character):
    signature = sign(JOB, SECRET)
    changed = signature[:place] + character + signature[place + 1 :]
    assert verify(JOB, changed, SECRET) == (changed == signature)


@given(st.integers(0, 42), st.integers(0, 255))
def test_a_signature_with_any_byte_changed_is_refused(place, byte):
    signature = bytearray(sign(JOB, SECRET).encode())
    signature[place] = byte
    changed = signature.decode("latin-1")
    assert verify(JOB, changed, SECRET) == (changed == sign(JOB, SECRET))


@given(st.text(max_size=60))
def test_no_other_text_is_a_signature(text):
    assert not verify(JOB, text, SECRET)


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s[:-1],
        lambda s: s + "=",
        lambda s: s + " ",
        lambda s: " " + s,
        lambda s: s + "\n",
        lambda s: s + "A",
        lambda s: s.swapcase(),
        lambda s: s.replace("-", "+").replace("_", "/") + "=",
        lambda s: base64.urlsafe_b64decode(s + "=").hex(),
        lambda _: "",
        lambda s: s[:-1] + chr(ord(s[-1]) + 1),  # its last character has two bits that encode nothing
    ],
)
def test_nothing_near_a_signature_is_taken(change):
    assert not verify(JOB, change(sign(JOB, SECRET)), SECRET)


@pytest.mark.parametrize("job_id", ["", "a" * 65, "../metrics", "a/b", "a b", "a\n", "é", "a\0", "\ud800", "٣"])
def test_what_is_no_job_id_is_neither_signed_nor_taken(job_id):
    with pytest.raises(ValueError, match="isn't a job id"):
        sign(job_id, SECRET)
    assert not verify(job_id, "A" * 43, SECRET)


def test_without_a_secret_nothing_is_signed():
    with pytest.raises(ValueError, match="secret"):
        callback_url("https://bot.example", JOB, "")


def test_another_secret_is_another_signature():
    assert not verify(JOB, sign(JOB, SECRET), SECRET + "!")


# --- what it says ------------------------------------------------------------------------------------------------


def parsed(value: object) -> Callback:
    return parse_callback(json.dumps(value).encode())


def test_a_plain_answer():
    callback = parse_callback(sample("plain.json"))
    assert callback == Callback(
        task_id="93f11baf-347b-4bb4-9520-8653cb46d6a3",
        trace_id="a9063166-26ed-4451-85b5-54e896817c69",
        result=parse_result(json.loads(sample("plain.json"))),
    )


@pytest.mark.parametrize(
    ("item", "picture"),
    [
        ({"image_url": "https://cdn.acedata.cloud/1.png", "size": "2048x2048"}, PICTURE),
        ({"url": "https://cdn.acedata.cloud/1.png", "size": "2048x2048"}, PICTURE),
        ({"b64_json": "/9j/4AAQ"}, ImageReady(0, None, b"\xff\xd8\xff\xe0\x00\x10")),
        ({"error": {"code": "busy", "message": "later"}}, ImageFailed(0, "busy", "later")),
    ],
)
def test_each_form_of_a_picture_in_a_list_alone_and_within_a_task_s_record(item, picture):
    pictures = Result(
        images=(picture,) if isinstance(picture, ImageReady) else (),
        failures=(picture,) if isinstance(picture, ImageFailed) else (),
        task_id="task-1",
        trace_id="trace-1",
    )
    names = {"task_id": "task-1", "trace_id": "trace-1"}
    expected = Callback(**names, result=pictures)
    assert parsed(names | {"success": True, "data": [item]}) == expected
    assert parsed(names | {"data": item}) == expected
    assert parsed({"id": "task-1", "created_at": 1.5, "request": {}, "response": names | {"data": [item]}}) == expected
    assert list(expected.result.events()) == [picture, GenerationCompleted(None)]


@pytest.mark.parametrize(
    ("error", "kind", "code", "message"),
    [
        ({"code": "api_error", "message": "it broke"}, ServiceError, "api_error", "it broke"),
        ({"code": "OutputImageSensitiveContentDetected"}, ContentRefused, "OutputImageSensitiveContentDetected", ""),
        ("it broke", ServiceError, "", "it broke"),
    ],
)
def test_the_error_form_also_with_an_empty_list_and_within_a_task_s_record(error, kind, code, message):
    form = {"success": False, "error": error, "trace_id": "trace-1", "task_id": "task-1"}
    record = {"id": "task-1", "response": {name: form[name] for name in ("success", "error", "trace_id")}}
    for callback in (parsed(form), parsed(form | {"data": []}), parsed(form | {"data": None}), parsed(record)):
        assert (callback.task_id, callback.trace_id, callback.result) == ("task-1", "trace-1", None)
        assert type(callback.error) is kind
        assert (callback.error.code, callback.error.message) == (code, message)
        assert not callback.error.safe_to_resend


def test_failed_without_a_word_is_an_error_and_done_without_a_picture_an_empty_result():
    assert isinstance(parsed({"success": False, "task_id": "1"}).error, ApiError)
    assert parsed({"success": True, "data": [], "task_id": "1"}).result == Result(task_id="1")


def test_a_picture_that_has_failed_by_its_state_is_an_error():
    failed = {"status": "failed", "error": {"code": "InputTextRiskDetection"}, "image_url": None}
    assert isinstance(parsed({"task_id": "1", "data": failed}).error, ContentRefused)
    assert isinstance(parsed({"id": "1", "response": {"success": False, "error": None}}).error, ServiceError)


def test_ids_are_taken_where_they_stand_and_only_if_they_can_be_ids():
    data = [{"url": "https://x.example/1"}]
    assert parsed({"id": "record", "response": {"task_id": "task", "data": data}}).task_id == "task"
    assert parsed({"id": "record", "trace_id": "trace", "response": {"data": data}}).trace_id == "trace"
    assert parsed({"id": "plain", "data": data}).task_id is None
    assert parsed({"task_id": 7, "data": data}).task_id == "7"
    for wrong in ("a" * 201, "a\nb", "", ["a"], {"a": 1}, True, -1, 10**400, "\ud800"):
        assert parsed({"task_id": wrong, "trace_id": wrong, "data": data}).task_id is None


WHOLE = sample("plain.json")
NOT_READABLE = {
    "empty": b"",
    "blank": b" \n",
    "truncated": WHOLE[:-5],
    "two of them": WHOLE + WHOLE,
    "a page": b"<html><title>502</title></html>",
    "not UTF-8": b'{"data": [{"url": "https://x.example/\xff"}]}',
    "UTF-16": WHOLE.decode().encode("utf-16"),
    "a list": b"[" + WHOLE + b"]",
    "a string": b'"data"',
    "a number": b"7",
    "null": b"null",
    "an empty object": b"{}",
    "a task that was only taken": b'{"success": true, "task_id": "task-1"}',
    "a picture that is still being made": b'{"task_id": "1", "data": {"status": "processing", "image_url": null}}',
    "a record that still runs": b'{"id": "task-1", "response": {}}',
    "a record without a response": b'{"id": "task-1", "response": null}',
    "pictures that are still being made": b'{"task_id": "task-1", "data": [{"status": "processing"}]}',
    "a record of a list": b'{"id": "task-1", "response": [{"url": "https://x.example/1"}]}',
    "pictures that are a string": b'{"data": "https://x.example/1"}',
    "pictures that are a number": b'{"data": 7}',
    "NaN": b'{"data": [{"url": "https://x.example/1"}], "created": NaN}',
    "infinity": b'{"data": [{"url": "https://x.example/1"}], "created": -Infinity}',
    "a number that no float holds": b'{"data": [{"url": "https://x.example/1"}], "created": 1e999}',
    "a number of too many digits": b'{"data": [{"url": "https://x.example/1"}], "created": ' + b"9" * 5000 + b"}",
    "deep lists": b'{"data": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "deep objects": b'{"data": ' * 30_000 + b"1" + b"}" * 30_000,
    "deep and unfinished": b"[" * 90_000,
    "more values than an answer has": b'{"data": [' + b"{}," * MAX_VALUES + b"{}]}",
}


@pytest.mark.parametrize("body", NOT_READABLE.values(), ids=NOT_READABLE.keys())
def test_what_can_not_be_read_is_said_to_be_unreadable(body):
    with pytest.raises(UnreadableAnswer) as caught:
        parse_callback(body)
    assert len(str(caught.value)) < 700
    assert str(caught.value).isprintable()


def test_a_byte_order_mark_is_borne():
    assert parse_callback(b"\xef\xbb\xbf" + WHOLE) == parse_callback(WHOLE)


def read(body: bytes) -> Callback | None:
    try:
        return parse_callback(body)
    except UnreadableAnswer:
        return None


def is_one_of_both(callback: Callback | None) -> bool:
    return callback is None or (callback.result is None) != (callback.error is None)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_callback_or_unreadable(body):
    assert is_one_of_both(read(body))


@given(any_json)
def test_any_json_is_a_callback_or_unreadable(value):
    assert is_one_of_both(read(json.dumps(value).encode()))


@given(st.dictionaries(st.sampled_from(["data", "error", "response", "task_id", "success"]), any_json))
def test_any_object_with_an_answer_s_names_is_a_callback_or_unreadable(value):
    assert is_one_of_both(read(json.dumps(value).encode()))


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_any_byte_of_an_answer_may_be_another(place, byte):
    body = bytearray(WHOLE)
    body[place] = byte
    assert is_one_of_both(read(bytes(body)))


@given(st.integers(0, len(WHOLE.rstrip()) - 1))
def test_an_answer_that_was_cut_is_never_taken(end):
    assert read(WHOLE[:end]) is None


def test_a_response_that_is_null_hides_no_answer():
    assert parsed({"task_id": "task-1", "response": None, "data": [{"url": "https://x.example/1"}]}).result.images
