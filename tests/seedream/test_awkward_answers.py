"""Answers that say what they mean in other forms, or not yet."""

from __future__ import annotations

import json

import pytest

from seedream import Submission
from seedream.responses import parse_error, parse_submission, parse_task, parse_tasks

URL = "https://files.example/1.png"
EMPTY = {"image_url": None, "prompt": None, "size": None}
UNFINISHED = [
    {"data": [{"status": "processing", "image_url": None}]},
    {"data": [{"image_url": URL}, {"status": "queued"}]},
    {"response": {"data": [EMPTY]}, "finished_at": None},
    {"response": {"data": EMPTY}},
    {"response": {"success": True, "data": {"task_id": "task-1"}}},
    {"data": [None]},
    *({"finished_at": zero} for zero in (0, "0", -1, "0001-01-01T00:00:00Z", "0000-00-00 00:00:00", "1970-01-01")),
]
FINISHED = [
    ({"response": {"success": True, "data": [EMPTY]}}, "succeeded"),
    ({"response": {"data": [EMPTY]}, "finished_at": 1_790_000_000}, "succeeded"),
    ({"data": EMPTY | {"status": "succeeded"}}, "succeeded"),
    ({"data": [{"image_url": URL}, {"status": "processing"}], "finished_at": 1_790_000_000}, "succeeded"),
    ({"data": [{"image_url": None, "error": {"code": "OutputImageSensitiveContentDetected"}}]}, "succeeded"),
    ({"state": " Failed "}, "failed"),
    ({"state": "expired"}, "failed"),
    ({"finished_at": "in the end"}, "failed"),
    ({"finished_at": True}, "failed"),
]


@pytest.mark.parametrize("record", UNFINISHED)
def test_places_that_are_still_empty_are_no_end(record):
    assert parse_task(record, "task-1").state == "running"


@pytest.mark.parametrize(("record", "state"), FINISHED)
def test_what_is_final_is_the_end_at_once(record, state):
    assert parse_task(record, "task-1").state == state


@pytest.mark.parametrize(
    "data", [None, [], {}, EMPTY, [EMPTY], {"task_id": "task-1"}, {"status": "queued"}, [{"status": "processing"}]]
)
def test_a_task_that_was_only_taken_is_looked_up(data):
    assert parse_submission({"task_id": "task-1", "data": data}) == Submission(task_id="task-1")


@pytest.mark.parametrize(
    "record", [{"data": {"task_id": "task-1"}}, {"id": "task-1"}, {"task_id": None, "id": "task-1"}]
)
def test_a_task_is_known_wherever_it_is_named(record):
    assert parse_submission(record) == Submission(task_id="task-1")


def test_pictures_that_come_at_once_and_without_a_task_are_not_lost():
    submission = parse_submission({"data": [{"url": URL}]})
    assert submission.task_id == ""
    assert [image.url for image in submission.result.images] == [URL]


@pytest.mark.parametrize(
    ("answer", "states"),
    [
        ({"items": None, "count": 0}, {}),
        ({"items": {"id": "a", "state": "failed"}}, {"a": "failed"}),
        ({"id": "a", "state": "failed"}, {"a": "failed"}),
        ({"items": [{"id": 1, "state": "failed"}, {"id": "1"}, None, 5, {"id": None}]}, {"1": "failed"}),
        ({"items": [{"id": "a", "data": [{"url": URL}]}, {"id": "a"}]}, {"a": "succeeded"}),
    ],
)
def test_a_batch_is_understood_in_every_form(answer, states):
    assert {one: status.state for one, status in parse_tasks(answer).items()} == states


@pytest.mark.parametrize(
    ("status", "body", "name", "resend"),
    [
        (403, {"error": "used_up"}, "BalanceUsedUp", False),
        (403, {"code": "used_up", "message": "no balance"}, "BalanceUsedUp", False),
        (403, {"success": False, "code": "used_up"}, "BalanceUsedUp", False),
        (400, {"code": "bad_request", "message": "model is invalid."}, "ModelRefused", False),
        (429, {"error": "too_many_requests"}, "RateLimited", True),
        # Of what is not the API's own form nobody knows who says it, so nothing is sent again.
        (504, {"error": "timeout"}, "ServiceError", False),
        (504, {"code": "timeout", "message": "upstream"}, "ServiceError", False),
        (500, {"success": False, "code": "api_error"}, "ServiceError", False),
        (500, {"error": {"code": "api_error"}}, "ServiceError", True),
    ],
)
def test_an_error_is_understood_in_every_form(status, body, name, resend):
    error = parse_error(status, json.dumps(body).encode())
    assert (type(error).__name__, error.safe_to_resend) == (name, resend)
