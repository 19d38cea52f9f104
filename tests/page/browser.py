"""The demo and a browser, for the page's tests and for its screenshots."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Without these, a browser calls home at every start.
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync")  # fmt: skip
PATIENCE_MS = 15_000


def executable() -> str | None:
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def demo(*command: str) -> Iterator[str]:
    """The bot in its local world, as `make demo` starts it, or another; the page's address."""
    command = (sys.executable, *(command or ("bot.py", "--sandbox")))
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield next(line.strip() for line in process.stdout if line.strip().startswith("http://"))
    finally:
        process.terminate()
        process.communicate(timeout=30)
        assert process.returncode == 0


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


def arrive(page: Page, url: str, place: str = "ada/general") -> None:
    """Go there, and wait until it is all there."""
    page.goto(f"{url}#{place}")
    page.locator("body[data-ready]").wait_for()


def begin(page: Page, command: str) -> None:
    """Choose a command from the list that / offers."""
    page.locator("#words").fill(f"/{command}")
    page.get_by_role("option", name=f"/{command}", exact=False).first.click()


def option(page: Page, name: str) -> Locator:
    """The field of an option; it is added if it is not there yet."""
    field = page.locator(f".pill [aria-label='{name}']")
    if not field.count():
        page.locator(".more-options").fill(name)
        page.locator("#suggestions [role=option]").filter(has=page.locator("b").get_by_text(name, exact=True)).click()
    return field


def give(page: Page, command: str, **options: str) -> Locator:
    """Send a command with these options. Returns the newest message."""
    begin(page, command)
    for name, value in options.items():
        option(page, name).fill(value)
    page.get_by_role("button", name="Send the command").click()
    return newest(page)


def imagine(page: Page, prompt: str, **options: str) -> None:
    give(page, "imagine", prompt=prompt, **options)


def newest(page: Page) -> Locator:
    return page.locator(".message").last


def finished(page: Page, pictures: int) -> Locator:
    """The newest message, once it is a result with so many pictures, all loaded."""
    message = newest(page)
    expect(message.get_by_role("button", name="Details")).to_be_visible()
    shown = message.locator(".gallery img:not(.thumbnail img)")
    expect(shown).to_have_count(pictures)
    for at in range(pictures):
        expect(shown.nth(at)).to_have_js_property("complete", value=True)
    return message
