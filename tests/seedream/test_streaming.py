import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream.errors import AnswerTooLarge, SeeDreamError, StreamBroken, UnreadableAnswer
from seedream.streaming import StreamDecoder
from tests.seedream.samples import sample
from tests.seedream.strategies import any_json

EVENTS = [json.loads(line) for line in sample("stream.ndjson").splitlines()]
BOM = b"\xef\xbb\xbf"


def decoded(*chunks: bytes) -> list[dict]:
    decoder = StreamDecoder()
    values = [value for chunk in chunks for value in decoder.feed(chunk)]
    return values + decoder.close()


def cut(body: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(edges)]


BODIES = {
    "ndjson": sample("stream.ndjson"),
    "ndjson with CRLF, BOM and blank lines": BOM + b"\r\n" + sample("stream.ndjson").replace(b"\n", b"\r\n\r\n"),
    "ndjson with CR": sample("stream.ndjson").replace(b"\n", b"\r"),
    "ndjson without a last newline": sample("stream.ndjson").rstrip(),
    "sse with CRLF": sample("stream.sse"),
    "sse with LF": sample("stream.sse").replace(b"\r\n", b"\n"),
    "sse with CR": sample("stream.sse").replace(b"\r\n", b"\r"),
    "sse with BOM": BOM + sample("stream.sse"),
    "sse without a last blank line": sample("stream.sse").removesuffix(b"data: [DONE]\r\n\r\n").rstrip(),
    "sse without spaces": sample("stream.sse").replace(b"data: ", b"data:"),
    "sse with an event after DONE": sample("stream.sse") + b'data: {"late": 1}\n\n',
    "ndjson with comments": b": hello\n\n" + sample("stream.ndjson").replace(b"\n", b"\n: ping\n\n"),
    "ndjson with comments without blank lines": sample("stream.ndjson").replace(b"\n", b"\n:\n"),
    "ndjson with lines that are no JSON": b"hello\n<p>\n"
    + sample("stream.ndjson").replace(b"\n", b"\nhello\n{\n[1]\n"),
    "ndjson after half a line": b'{"type": "image_gen\n' + sample("stream.ndjson"),
    "sse with comments": b": hello\n\n" + sample("stream.sse").replace(b"\r\n\r\n", b"\r\n\r\n: ping\r\n\r\n"),
    "sse with comments within events": b":\n" + sample("stream.sse").replace(b"data:", b": ping\r\ndata:"),
    "sse with events that are no JSON": b"data: {\n\n"
    + sample("stream.sse").replace(b"data: {", b"data: <p>\n\ndata: {"),
    "sse with ids and pauses": sample("stream.sse").replace(b"data: {", b"id: 1\nretry: 5\nfoo: bar\ndata: {"),
    "sse without blank lines": b"".join(b"data: " + line + b"\n" for line in sample("stream.ndjson").splitlines()),
    "sse with indents and capitals": sample("stream.sse").replace(b"data:", b"  Data:"),
    "objects on one line": sample("stream.ndjson").replace(b"\n", b""),
    "objects in a list": b"[" + sample("stream.ndjson").rstrip().replace(b"\n", b",") + b"]",
    "objects in a list of lines": b"[\n" + sample("stream.ndjson").rstrip().replace(b"\n", b",\n") + b"\n]\n",
    "objects in a list that begins with one": b"[" + sample("stream.ndjson").rstrip().replace(b"\n", b",\n") + b"]",
    "objects after record separators": b"\x1e" + sample("stream.ndjson").rstrip().replace(b"\n", b"\n\x1e"),
    "indented ndjson": b"  " + sample("stream.ndjson").replace(b"\n", b"\n  "),
    "sse of many data lines": sample("stream.sse").replace(b', "', b',\r\ndata: "'),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_every_form_gives_the_same_events(body):
    assert decoded(body) == EVENTS


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_byte_by_byte_gives_the_same_events(body):
    assert decoded(*(body[i : i + 1] for i in range(len(body)))) == EVENTS


@given(st.sampled_from(list(BODIES.values())), st.lists(st.integers(0, 5000)))
def test_any_chunking_gives_the_same_events(body, places):
    assert decoded(*cut(body, places)) == EVENTS


@given(st.lists(st.dictionaries(st.text(), any_json), max_size=5))
def test_what_is_written_as_ndjson_is_read_again(values):
    body = b"".join(json.dumps(value).encode() + b"\n" for value in values)
    assert json.dumps(decoded(body)) == json.dumps(values)


@given(st.lists(st.binary()))
def test_any_bytes_are_events_or_an_error_of_the_tree(chunks):
    try:
        assert all(isinstance(value, dict) for value in decoded(*chunks))
    except SeeDreamError as error:
        assert str(error)  # noqa: PT017 - which error depends on the bytes


def test_an_event_comes_as_soon_as_its_last_byte():
    decoder = StreamDecoder()
    assert decoder.feed(b'{"a": 1') == []
    assert decoder.feed(b'}\n{"b"') == [{"a": 1}]
    assert decoder.feed(b": 2}\r") == [{"b": 2}]
    assert decoder.feed(b'\n{"c": 3}\n') == [{"c": 3}]


def test_an_sse_event_name_stands_in_for_a_missing_type():
    assert decoded(b'event: error\ndata: {"error": {"code": "busy"}}\n\n') == [
        {"type": "error", "error": {"code": "busy"}}
    ]


def test_a_document_over_many_lines_in_place_of_a_stream_is_read_whole():
    answer = {"success": True, "data": [{"image_url": "https://x.example/1"}]}
    assert decoded(json.dumps(answer, indent=2).encode()) == [answer]


def test_an_empty_body_has_no_events():
    assert decoded() == decoded(b"") == decoded(b"\xef") == decoded(b" \r\n") == []


@pytest.mark.parametrize("body", [b"<html>", b"hello\n", b"[1]", b'{"a": '])
def test_what_is_no_stream_is_unreadable(body):
    with pytest.raises((UnreadableAnswer, StreamBroken)):
        decoded(body)


@pytest.mark.parametrize(
    "chunks",
    [[b'{"a": "', *[b"x" * 60] * 2], [b" " * 101], [b"data: x\n"] * 101, [b"{\n", *[b"x" * 60 + b"\n"] * 2]],
    ids=["a line", "white space", "data lines", "a document"],
)
def test_what_grows_past_the_limit_is_refused(chunks):
    decoder = StreamDecoder(max_line_bytes=100)
    with pytest.raises(AnswerTooLarge):
        list(map(decoder.feed, chunks))
