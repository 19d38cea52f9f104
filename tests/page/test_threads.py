"""Threads, forums and other places on the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.page.browser import finished, imagine, newest


@pytest.fixture
def made(page, url):
    """Make something by the control API, and see that the page learns of it."""

    def make(path, **body):
        answer = page.request.post(f"{url}discord/{path}", data=body)
        assert answer.ok, answer.text()
        return answer.json()

    return make


def test_a_thread_is_started_from_a_message_and_commands_run_in_it(page):
    page.locator("#words").fill("foxes in snow")
    page.keyboard.press("Enter")
    newest(page).get_by_role("button", name="Message actions").click()
    page.get_by_role("menuitem", name="Create thread").click()
    expect(page.locator("#channel-name")).to_have_text("🧵 foxes in snow")
    expect(page.locator(".channel.thread")).to_have_text("🧵foxes in snow")
    imagine(page, "a red fox")
    finished(page, 1)


def test_a_thread_is_listed_under_its_channel_with_its_state(page, made):
    thread = made("thread", user="ben", channel="general", name="sketches")
    expect(page.locator(".channel.thread")).to_have_text("🧵sketches")
    made("thread-state", thread=thread["id"], archived=True, locked=True)
    expect(page.locator(".channel.thread")).to_contain_text("lockedarchived")


def test_what_is_written_in_a_forum_becomes_a_post(page, made):
    name = "showcase"
    channel = made("channel", guild="Studio", name=name, type="forum")
    try:
        page.get_by_role("button", name=name).click()
        page.locator("#words").fill("My foxes\nLook at them")
        page.keyboard.press("Enter")
        post = page.get_by_role("button", name="My foxes")
        post.click()
        expect(newest(page)).to_contain_text("Look at them")
    finally:
        made("delete-channel", channel=channel["id"])
