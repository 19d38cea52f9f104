"""An evening on the page, from the first picture to the last press, while the bot is restarted as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.page.browser import ROOT, arrive, finished, imagine, newest
from tests.support.pictures import jpeg

PHOTO = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": jpeg(640, 480)}


@contextmanager
def process(*command, **options):
    running = subprocess.Popen([sys.executable, *command], cwd=ROOT, **options)
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=30)
        assert running.returncode == 0


@pytest.fixture
def world():
    """The local world without a bot: its addresses."""
    with process("-m", "sandbox", "--port", "0", stdout=subprocess.PIPE, text=True) as running:
        yield json.loads(running.stdout.readline())


@pytest.fixture
def bot(world, tmp_path):
    """Starts the real bot in it."""
    settings = {
        "DISCORD_TOKEN": world["token"],
        "DISCORD_API_URL": world["discord_api"],
        "DISCORD_GATEWAY_URL": world["discord_gateway"],
        "SEEDREAM_API_KEY": world["key"],
        "SEEDREAM_BASE_URL": world["seedream"],
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'bot.db'}",
        "ALLOW_LOCAL_URLS": "true",
        "MAX_IN_FLIGHT": "1",
        "OPERATOR_DAILY_LIMIT": "unlimited",
        "LOG_LEVEL": "WARNING",
    }
    return lambda: process("bot.py", env=os.environ | settings)


@pytest.fixture
def evening(world, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context.new_page()
    context.close()


def menu(page, message, entry):
    message.click(button="right")
    page.get_by_role("menuitem", name=entry).click()


def test_on_the_page_all_of_it_works_while_the_bot_is_restarted(world, bot, evening):
    page, url = evening, world["page"]

    def opened():
        assert page.request.get(f"{url}discord/wait?for=ready&timeout=30").ok
        arrive(page, url)

    def is_slow(seconds):
        assert page.request.patch(f"{url}seedream/settings", data={"delay": seconds, "image_interval": 0.1}).ok

    with bot():
        opened()
        is_slow(0.2)
        imagine(page, "a red fox in snow")
        menu(page, finished(page, 1), "Reply")
        page.locator("#words").fill("make it night")
        page.keyboard.press("Enter")
        expect(page.locator(".message")).to_have_count(3)
        expect(finished(page, 1)).to_contain_text("An edit of this")

    with bot():
        opened()
        menu(page, newest(page), "Apps › Edit image")
        modal = page.get_by_role("dialog", name="Edit this picture")
        modal.get_by_label("What to change").fill("put it in this place")
        modal.locator("input[type=file]").set_input_files(PHOTO)
        modal.get_by_role("button", name="Submit").click()
        expect(page.locator(".message")).to_have_count(4)
        placed = finished(page, 1)
        expect(placed).to_contain_text("An edit of this")
        placed.get_by_role("button", name="Vary").click()
        expect(page.locator(".message")).to_have_count(5)
        expect(finished(page, 1)).to_contain_text("A variation of this")

    with bot():
        opened()
        is_slow(2)
        imagine(page, "slow and fine")
        expect(newest(page)).to_contain_text("Painting")
        imagine(page, "never made")
        expect(newest(page)).to_contain_text("1 ahead")
        newest(page).get_by_role("button", name="Cancel").click()
        expect(newest(page)).to_contain_text("Cancelled. Nothing was charged.")
        slow = page.locator(".message", has_text="slow and fine")
        expect(slow.locator(".gallery img")).to_have_count(1)
        slow.get_by_role("button", name="Delete").click()
        expect(newest(page)).to_contain_text("This can't be undone")
        newest(page).get_by_role("button", name="Delete").click()
        expect(page.locator(".message")).to_have_count(6)

    request_log = page.request.get(f"{url}seedream/requests").json()["requests"]
    prompts = ["a red fox in snow", "make it night", "put it in this place", "put it in this place", "slow and fine"]
    assert [(one["prompt"], one["billed"], len(one["references"])) for one in request_log] == [
        (prompt, 1, references) for prompt, references in zip(prompts, (0, 1, 2, 1, 0), strict=True)
    ]
