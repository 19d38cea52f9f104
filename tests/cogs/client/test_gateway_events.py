"""Events that discord.py can't read."""

from __future__ import annotations

import pytest

from cogs.client import gateway_events
from cogs.client.gateway_events import RepeatedEvents, UnreadableEvents


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def read(data):
    return data["id"]


def test_an_unreadable_event_is_skipped_and_logged_once_an_hour_per_kind(caplog):
    clock = Clock()
    parsers = UnreadableEvents(clock).skipping({"MESSAGE_CREATE": read, "GUILD_UPDATE": read})
    for moment in (0.0, 1.0, 3599.0, 3600.0):
        clock.now = moment
        parsers["MESSAGE_CREATE"]({})
    parsers["GUILD_UPDATE"](None)
    parsers["GUILD_UPDATE"]({"id": 1})
    lines = [record.getMessage() for record in caplog.records]
    assert [line.split()[2].rstrip(",") for line in lines] == ["MESSAGE_CREATE", "MESSAGE_CREATE", "GUILD_UPDATE"]
    assert "KeyError: 'id' (test_gateway_events.py:" in lines[0]
    assert not any(record.exc_info for record in caplog.records)


def test_a_failing_listener_is_logged_with_its_traceback_once_an_hour(caplog):
    clock = Clock()
    events = UnreadableEvents(clock)
    for moment in (0.0, 1.0, 3600.0):
        clock.now = moment
        events.failed("on_message", ValueError("no author"))
    assert [record.getMessage() for record in caplog.records] == ["skipped an event that on_message can't handle"] * 2
    assert all(record.exc_info for record in caplog.records)


def test_an_unreadable_session_is_an_error():
    with pytest.raises(KeyError):
        UnreadableEvents().skipping({"READY": read})["READY"]({})


def test_a_members_event_is_handled_once_however_often_it_is_sent():
    seen = []
    parsers = RepeatedEvents().skipping({"MESSAGE_CREATE": seen.append, "INTERACTION_CREATE": seen.append})
    events = [
        ("MESSAGE_CREATE", "1"),
        ("INTERACTION_CREATE", "2"),
        ("MESSAGE_CREATE", "1"),
        ("INTERACTION_CREATE", "2"),
    ]
    for kind, identity in events:
        parsers[kind]({"id": identity})
    assert seen == [{"id": "1"}, {"id": "2"}]


def test_an_event_with_the_state_of_something_is_handled_every_time():
    seen = []
    parsers = RepeatedEvents().skipping({"GUILD_UPDATE": seen.append})
    for _ in range(2):
        parsers["GUILD_UPDATE"]({"id": "1"})
    assert len(seen) == 2


def test_only_so_many_are_remembered(monkeypatch):
    monkeypatch.setattr(gateway_events, "MOST_REMEMBERED", 3)
    seen = []
    parsers = RepeatedEvents().skipping({"MESSAGE_CREATE": seen.append})
    for identity in ("1", "2", "3", "4", "4", "1"):
        parsers["MESSAGE_CREATE"]({"id": identity})
    assert [one["id"] for one in seen] == ["1", "2", "3", "4", "1"]
