"""Records of tasks: which still run, which have ended, how, and how long it took."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import ImageReady, Result, SeeDreamError, Size, TaskStatus
from seedream.errors import ContentRefused, NothingMade, ServiceError, UnreadableAnswer
from seedream.json_parsing import parse_json
from seedream.responses import parse_task, parse_tasks
from seedream.responses.timestamps import seconds_taken, timestamp
from tests.seedream.samples import sample
from tests.seedream.strategies import any_json

REFUSED = "OutputImageSensitiveContentDetected"
ITEM = {"image_url": "https://x.example/1"}
AT = 1757323224.5
DONE = {"finished_at": AT}


def read(name: str):
    return parse_json(sample(name))


def test_tasks_in_each_state():
    statuses = parse_tasks(read("tasks.json"))
    picture = ImageReady(0, "https://cdn.acedata.cloud/1.png", None, Size(2048, 2048))
    result = Result(images=(picture,), task_id="task-1", trace_id="trace-1")
    assert statuses["task-1"] == TaskStatus(id="task-1", state="succeeded", result=result, created_at=AT)
    assert (statuses["task-2"].state, type(statuses["task-2"].error)) == ("failed", ServiceError)
    assert (statuses["task-2"].error.task_id, statuses["task-2"].error.trace_id) == ("task-2", "trace-2")
    assert statuses["task-3"] == TaskStatus(id="task-3", state="running", created_at=AT)


RUNNING = {
    "an empty response": {"id": "1", "request": {}, "response": {}},
    "null": {"id": "1", "response": None, "finished_at": None},
    "only its id": {"id": "1", "response": {"task_id": "1"}},
    "a submission's own answer": {"id": "1", "response": {"task_id": "1", "success": True}},
    "null data": {"id": "1", "response": {"success": True, "data": None}},
    "processing": {"data": {"status": "processing", "image_url": None}},
    "pending": {"id": "1", "created_at": AT, "status": "pending"},
    "queued": {"id": "1", "response": {"data": {"status": "QUEUED"}}},
    "running": {"id": "1", "state": "running", "response": {"success": True, "data": []} | {"success": None}},
    "a state that nobody knows": {"id": "1", "state": "dreaming"},
}
SUCCEEDED = {
    "a plain answer": read("plain.json"),
    "a record": {"id": "1", "response": {"success": True, "data": [ITEM]}},
    "a record that says when": {"id": "1", "response": {"data": [ITEM]}} | DONE,
    "one object": {"id": "1", "response": {"data": ITEM}},
    "succeeded": {"data": {"status": "succeeded"} | ITEM},
    "a flat record": {"id": "1", "created_at": AT, "state": "completed", "data": [ITEM]},
    "a picture and a word of failure": {"id": "1", "state": "failed", "response": {"success": False, "data": [ITEM]}},
    "a refused picture": {"id": "1", "response": {"data": [{"error": {"code": REFUSED, "message": ""}}]}},
}
FAILED = {
    "an error with a code": ({"id": "1", "response": {"error": {"code": "timeout"}}}, ServiceError),
    "an error without a code": ({"id": "1", "response": {"success": False, "error": {"message": "no"}}}, ServiceError),
    "a bare error": ({"id": "1", "response": {"success": False, "error": "no"}}, ServiceError),
    "no error": ({"id": "1", "response": {"success": False}}, ServiceError),
    "no error, and empty data": ({"id": "1", "response": {"success": False, "data": []}}, ServiceError),
    "a null error": ({"id": "1", "response": {"success": False, "error": None, "data": None}}, ServiceError),
    "the plain error form": ({"success": False, "error": {"code": REFUSED, "message": "no"}}, ContentRefused),
    "a refusal": ({"id": "1", "response": {"error": {"code": REFUSED}}} | DONE, ContentRefused),
    "an error beside the response": ({"id": "1", "response": None, "error": {"code": REFUSED}}, ContentRefused),
    "failed": ({"id": "1", "state": "failed"}, ServiceError),
    "error": ({"id": "1", "created_at": AT, "status": "error", "message": "no"}, ServiceError),
    "cancelled": ({"id": "1", "response": {"status": "cancelled"}}, ServiceError),
    "canceled": ({"id": "1", "state": "Canceled", "response": None}, ServiceError),
    "failed data": ({"data": {"status": "failed"}}, ServiceError),
    "failed data with an error": ({"data": {"status": "failed", "error": {"code": REFUSED}}}, ContentRefused),
    "finished without a word": ({"id": "1", "response": None} | DONE, NothingMade),
    "finished and still processing": ({"id": "1", "response": {"data": {"status": "processing"}}} | DONE, NothingMade),
    "empty data": ({"id": "1", "response": {"success": True, "data": []}}, NothingMade),
    "an empty object": ({"success": True, "data": {}}, NothingMade),
    "succeeded without a picture": ({"id": "1", "state": "succeeded", "response": {}}, NothingMade),
}


@pytest.mark.parametrize("answer", RUNNING.values(), ids=RUNNING)
def test_a_task_that_has_not_ended_runs(answer):
    assert parse_task(answer, "1").state == "running"


@pytest.mark.parametrize("answer", SUCCEEDED.values(), ids=SUCCEEDED)
def test_a_task_with_a_picture_has_succeeded(answer):
    status = parse_task(answer, "1")
    assert (status.state, status.error) == ("succeeded", None)
    assert status.result.images or status.result.failures


@pytest.mark.parametrize(("answer", "kind"), FAILED.values(), ids=FAILED)
def test_a_task_that_has_ended_without_a_picture_has_failed_at_once(answer, kind):
    status = parse_task(answer, "1")
    assert (status.state, status.result, type(status.error)) == ("failed", None, kind)
    assert (status.error.task_id, status.error.safe_to_resend, status.error.may_be_running) == ("1", False, False)


def test_a_batch_may_be_a_bare_list_of_plain_answers():
    assert parse_tasks([read("plain_object.json"), {"no": "id"}, 5]).keys() == {"task-1"}
    with pytest.raises(UnreadableAnswer):
        parse_tasks({"count": 0})


# --- times -------------------------------------------------------------------------------------------------------


def test_a_record_says_how_long_the_work_took():
    times = {"created_at": AT, "started_at": "2025-09-08T09:20:25.5Z", "finished_at": int((AT + 30) * 1000)}
    status = parse_task({"id": "1", "response": {"data": [ITEM]}} | times, "1")
    assert (status.created_at, status.started_at, status.finished_at) == (AT, AT + 1, AT + 30)
    assert status.seconds == 30
    assert parse_task({"id": "1", "elapsed": 26.5} | times, "1").seconds == 26.5


@pytest.mark.parametrize(
    "written",
    [AT, AT * 1000, str(AT), "2025-09-08T09:20:24.500Z", "2025-09-08T11:20:24.5+02:00", "2025-09-08 09:20:24.5"],
)
def test_a_time_may_be_written_in_many_ways(written):
    assert timestamp(written) == AT


@pytest.mark.parametrize(
    "written",
    [None, True, 0, -1, 5, 1e300, float("nan"), float("inf"), 10**400, "", "soon", "9" * 5000, "0001-01-01", [], {}],
)
def test_what_is_no_time_is_none(written):
    assert timestamp(written) is None
    assert parse_task({"id": "1", "created_at": written, "elapsed": written}, "1").created_at is None


@pytest.mark.parametrize(
    ("elapsed", "created_at", "finished_at", "seconds"),
    [
        (12, None, None, 12.0),
        ("12.5", AT, AT + 5, 12.5),
        (26_000, AT, AT + 26, 26.0),  # milliseconds, it seems
        (None, AT, AT + 26, 26.0),
        (None, AT + 26, AT, None),
        (-1, None, AT, None),
        (None, AT, AT + 10**6, None),
    ],
)
def test_the_seconds_are_those_that_make_sense(elapsed, created_at, finished_at, seconds):
    assert seconds_taken(elapsed, created_at, finished_at) == seconds


NAMES = ["response", "data", "error", "state", "status", "success", "finished_at", "created_at", "elapsed", "id"]
records = st.dictionaries(st.sampled_from(NAMES), any_json | st.sampled_from(["failed", "succeeded", "processing"]))


@given(records)
def test_any_record_is_a_state_that_agrees_with_what_it_holds(record):
    with contextlib.suppress(UnreadableAnswer):
        status = parse_task(record, "1")
        assert (status.result is not None, status.error is not None) == {
            "running": (False, False), "succeeded": (True, False), "failed": (False, True),
        }[status.state]  # fmt: skip
        assert status.error is None or not status.error.safe_to_resend
        assert status.seconds is None or 0 < status.seconds <= 3600


@given(any_json)
def test_any_json_is_a_task_or_an_error_of_the_tree(value):
    with contextlib.suppress(SeeDreamError):
        parse_task(value, "1")


@given(st.recursive(st.floats() | st.integers() | st.text(), st.lists))
def test_any_value_is_a_time_or_none(value):
    seconds = timestamp(value)
    assert seconds is None or 946_684_800 <= seconds <= 4_102_444_800
