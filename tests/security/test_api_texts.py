"""What the service writes is shown as plain text: it can't format, link, mention, ping or move a cursor."""

from __future__ import annotations

import json
import logging

import pytest

from cogs.texts.common import escaped, in_code, link_target
from infra.logging import JsonFormatter, TextFormatter

EVIL = "a`b [free](https://evil.example) @everyone <@1> **_~~||x||~~ \u202egnp\u2066 \x1b[2J\r\n# ERROR it"
LINK = "https://cdn.example/1.png?sig=a%2Fb&x=)[free](https://evil.example)||`@everyone<@1>"
SIGNS = ("\u202e", "\u2066", "\x1b", "\r")


async def test_an_id_of_the_service_stays_within_its_code_in_a_failure_and_in_details(world):
    trace = "t`] [free](https://evil.example) `@everyone"
    patch = {"success": False, "trace_id": trace, "task_id": trace, "error": {"code": "busy", "message": EVIL}}
    await world.set_api(task_answer="plain")
    await world.api_fault("rewrite", patch=patch, replace=True)
    failed = await (await world.ada.imagine(prompt="a fox", model="doubao-seedream-5.0-pro")).ended()
    details = await world.ada.press(failed, "Details") if "Details" in failed.labels else failed
    for message in (failed, details):
        assert "`] [free]" not in message.text
        assert not any(sign in message.text for sign in SIGNS)
    assert await world.pings() == []


def test_nothing_in_a_text_ends_the_code_that_it_is_in():
    shown = in_code(EVIL, 200)
    assert "`" not in shown
    assert "\n" not in shown
    assert not any(sign in shown for sign in SIGNS)


def test_nothing_in_a_message_of_the_service_is_read_as_markup():
    shown = escaped(EVIL, 300)
    for mark in ("`", "[", "]", "*", "_", "~", "|", "<"):
        assert shown.count(mark) == shown.count(f"\\{mark}"), mark
    assert "@everyone" not in shown
    assert "https://" not in shown


def test_nothing_in_a_link_ends_the_masked_link_that_it_is_in():
    target = link_target(LINK)
    assert not set("()<>|`\\ ") & set(target)
    assert link_target("https://cdn.example/a_b~c*d.png?X-Amz-Signature=a%2Fb+c") == (
        "https://cdn.example/a_b~c*d.png?X-Amz-Signature=a%2Fb+c"
    )


@pytest.mark.parametrize("formatter", [TextFormatter, JsonFormatter])
def test_what_is_logged_of_the_service_can_not_pass_for_a_line_of_the_log_or_move_the_terminals_cursor(formatter):
    record = logging.LogRecord(
        "studio", logging.WARNING, "", 0, "job: %s", (EVIL + "\u2028\x85\x0b2026-01-01 x",), None
    )
    line = formatter([]).format(record)
    text = json.loads(line)["message"] if formatter is JsonFormatter else line
    assert not any(sign in text for sign in (*SIGNS, "\u2028", "\x85", "\x0b"))
    if formatter is TextFormatter:
        assert all(later.startswith("    ") for later in line.split("\n")[1:])
