"""A message without a picture is named for what it is."""

from __future__ import annotations

import pytest

from cogs.requests.no_picture import no_picture
from tests.support.channels import a_state
from tests.support.messages import a_message

POLL = {
    "question": {"text": "Which fox?"}, "answers": [{"answer_id": 1, "poll_media": {"text": "red"}}],
    "expiry": "2026-01-02T00:00:00+00:00", "allow_multiselect": False, "layout_type": 1,
}  # fmt: skip


def file(name: str, kind: str, **changes: object) -> dict[str, object]:
    url = f"https://cdn.discordapp.com/attachments/1/2/{name}"
    return {"id": "2", "filename": name, "size": 9, "content_type": kind, "url": url, "proxy_url": url} | changes


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"type": 6}, "original message"),
        ({"type": 18}, "original message"),
        ({"poll": POLL}, "a poll"),
        ({"sticker_items": [{"id": "3", "name": "wave", "format_type": 3}]}, "format that I can't edit"),
        (
            {"attachments": [file("voice-message.ogg", "audio/ogg", waveform="AAAA", duration_secs=2.0)]},
            "voice message",
        ),
        ({"content": "a fox"}, "no picture in that message"),
        ({}, "no picture in that message"),
    ],
)
def test_what_is_there_is_named_for_what_it_is(parts, expected):
    assert expected in no_picture(a_message(a_state(), **parts))
