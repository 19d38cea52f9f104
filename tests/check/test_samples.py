"""What is written of the service's answers: all that they say, and nothing that is nobody's business."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from check.recorder import Recording
from check.samples import INDEX, TABLE, sample_files, write_folder
from check.scrubbing import Scrubber
from seedream import GenerationCompleted, ImageReady, SeeDreamError
from seedream.json_parsing import parse_json
from seedream.responses import StreamParser, parse_error, parse_result, parse_submission, parse_task, parse_tasks
from seedream.streaming import StreamDecoder
from tests.seedream.samples import sample
from tests.seedream.strategies import any_json

KEY = "sk-live-0123456789abcdef"


def scrubbed(value, secrets=(KEY,)):
    return json.loads(Scrubber(secrets).body(json.dumps(value).encode())[1])


@pytest.fixture
async def written(place):
    """The folder that a live test leaves."""
    place.is_reachable()
    found = await place.spend()
    assert found.code == 0
    return place


# --- what a live test leaves ------------------------------------------------------------------------------------------


async def test_the_samples_of_a_live_test_are_read_back_as_what_they_were(written):
    folder = written.samples

    def read(name):
        return parse_json((folder / name).read_bytes())

    plain, posted = parse_result(read("plain.json")), parse_result(read("callback.json"))
    assert [str(image.size) for image in plain.images] == ["1920x1920"]
    assert (plain.usage.generated_images, plain.task_id, posted.task_id) == (1, "task-1", "task-3")
    assert parse_submission(read("submission.json")).task_id == "task-2"
    assert parse_task(read("task_running.json"), "task-2").state == "running"
    done = parse_task(read("task_done.json"), "task-2")
    assert (done.state, done.result.task_id, done.finished_at > done.created_at) == ("succeeded", "task-2", True)
    assert parse_tasks(read("tasks.json")).keys() == {"task-2"}
    assert parse_tasks(read("tasks_of_none.json")) == {}
    refused = parse_error(400, (folder / "error_unknown_model.json").read_bytes())
    assert refused.complete
    assert "doubao-seedream-5-0-lite-260128" in refused.listed


@pytest.mark.parametrize(
    ("dialect", "provider", "name"), [("acedata", "xhuoapi", "stream.ndjson"), ("ark", "ark", "stream.sse")]
)
async def test_a_stream_is_read_back_as_it_was(place, dialect, provider, name):
    await place.set_api(dialect=dialect)
    place.settings["SEEDREAM_PROVIDER"] = provider
    await place.spend()
    decoder, parser = StreamDecoder(), StreamParser()
    records = [*decoder.feed((place.samples / name).read_bytes()), *decoder.close()]
    first, second, last = [event for record in records for event in parser.parse(record)]
    assert (type(first), type(second), type(last)) == (ImageReady, ImageReady, GenerationCompleted)
    assert (str(first.size), last.images) == ("1920x1920", 2)


async def test_the_samples_hold_no_key_no_host_and_no_id_and_say_with_which_status_they_came(written):
    whole = b"".join(file.read_bytes() for file in written.samples.iterdir()).decode()
    for hidden in (written.seedream.key, written.discord.token, "127.0.0.1:", "/callbacks/", "k" * 32):
        assert hidden not in whole
    for entry in (await written.books())["requests"]:
        assert entry["task_id"] is None or entry["task_id"] not in whole
    index = json.loads((written.samples / INDEX).read_bytes())
    assert index["plain.json"] == {"status": 200, "content_type": "application/json"}
    assert index["error_unknown_task.json"]["status"] == 404
    assert {*index, INDEX, TABLE} == {file.name for file in written.samples.iterdir()}


# --- what is taken out ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["plain.json", "plain_object.json", "submission.json", "task_done.json", "task_failed.json", "tasks.json"]
)
def test_answers_of_every_form_keep_their_form(name):
    def shape(value):
        match value:
            case dict():
                return {key: shape(one) for key, one in value.items()}
            case list():
                return [shape(one) for one in value]
            case _:
                return type(value)

    given = parse_json(sample(name))
    assert shape(scrubbed(given)) == shape(given)


def test_links_lose_host_and_signature_and_stay_the_same_in_all_answers():
    scrubber = Scrubber([])
    link = "https://tos.volces.com/bucket/0217-secret.jpeg?X-Tos-Signature=abc"
    first = json.loads(scrubber.body(json.dumps({"data": [{"url": link}]}).encode())[1])
    again = json.loads(scrubber.body(json.dumps({"error": {"message": f"can't fetch {link} now"}}).encode())[1])
    assert first == {"data": [{"url": "https://pictures.example/link-1.jpeg"}]}
    assert again == {"error": {"message": "can't fetch https://pictures.example/link-1.jpeg now"}}


def test_pictures_become_a_tiny_one_of_their_kind():
    for start, kind in (("iVBORw0KGgo", b"\x89PNG"), ("/9j/4AAQ", b"\xff\xd8\xff")):
        answer = scrubbed({"data": [{"b64_json": start + "A" * 100_000}]})
        (image,) = parse_result(answer).images
        assert image.data.startswith(kind)
        assert len(image.data) < 1000


def test_what_is_not_known_keeps_its_kind_and_loses_its_content():
    account = {"user_id": 4711, "email": "ada@example.org", "vip": True, "tags": ["a", 2], "nick": None, "empty": ""}
    assert scrubbed({"account": account}) == {
        "account": {"user_id": 0, "email": "text", "vip": True, "tags": ["text", 0], "nick": None, "empty": ""}
    }


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (f"the key {KEY} is wrong", "the key [key] is wrong"),
        ("write to ada@example.org from 10.1.2.3", "write to id-1 from id-2"),
        ("account 2100123456 owes 5", "account id-1 owes 5"),
        ("Request id: 0217641234567890abcdef0123456789", "Request id: id-1"),
        (
            "model must be one of doubao-seedream-5-0-lite-260128.",
            "model must be one of doubao-seedream-5-0-lite-260128.",
        ),
        ("OutputImageSensitiveContentDetected.PolicyViolation", "OutputImageSensitiveContentDetected.PolicyViolation"),
        ("size 2048x2048 at 2026-10-07T12:00:00Z", "size 2048x2048 at 2026-10-07T12:00:00Z"),
    ],
)
def test_words_keep_what_says_something(told, kept):
    assert scrubbed({"error": {"message": told}}) == {"error": {"message": kept}}


def test_of_a_page_only_its_title_is_kept():
    page = f"<html><title>Welcome ada@example.org {KEY}</title><body>room 12, 10.0.0.7</body></html>".encode()
    assert Scrubber([KEY]).body(page) == (
        "html",
        b"<html><head><title>Welcome id-1 [key]</title></head><body></body></html>\n",
    )


@given(any_json, st.binary(max_size=200))
def test_whatever_comes_the_key_does_not_stay(value, noise):
    scrubber = Scrubber([KEY])
    for body in (
        json.dumps([value, {"message": KEY, KEY: [KEY], "url": f"https://x/{KEY}"}]).encode(),
        noise + KEY.encode(),
    ):
        assert KEY.encode() not in scrubber.body(body)[1]


@given(any_json)
def test_whatever_comes_scrubbed_twice_says_the_same_to_the_bot(value):
    def meaning(answer):
        try:
            result = parse_result(answer)
        except SeeDreamError as error:
            return type(error)
        return [str(image.size) for image in result.images], [failure.code for failure in result.failures]

    once = scrubbed(value)
    assert meaning(scrubbed(once)) == meaning(once)


# --- the folder -------------------------------------------------------------------------------------------------------


def test_answers_of_one_name_are_numbered():
    recordings = [Recording("error_plain", 400, "application/json", bytearray(b"{}")) for _ in range(3)]
    files = sample_files(recordings, [], table=["a row"])
    assert [name for name in files if name.startswith("error")] == [
        "error_plain.json",
        "error_plain_2.json",
        "error_plain_3.json",
    ]
    assert files[TABLE] == b"a row\n"


def test_what_can_not_be_written_whole_is_not_written_at_all(tmp_path):
    with pytest.raises(OSError, match="deeper"):
        write_folder(tmp_path / "kept", {"a.json": b"{}", "no/deeper": b"{}"})
    assert list(tmp_path.iterdir()) == []
