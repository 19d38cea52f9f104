"""`make screenshots`: the pictures in the README, taken of the page while the real bot works in its local world."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
OUT = ROOT / "docs"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
DESKTOP, PHONE = {"width": 1120, "height": 700}, {"width": 390, "height": 760}
WEBP_QUALITY = 82


@contextmanager
def demo() -> Iterator[str]:
    """The bot in its local world, as `make demo` starts it; the page's address."""
    command = [sys.executable, "bot.py", "--sandbox"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield next(line.strip() for line in process.stdout if line.strip().startswith("http://"))
    finally:
        process.terminate()
        process.wait()


def opened(browser: Browser, url: str, size: dict[str, int], scheme: str, place: str) -> Page:
    context = browser.new_context(viewport=size, color_scheme=scheme, device_scale_factor=1, has_touch=size is PHONE)
    page = context.new_page()
    page.goto(f"{url}#{place}")
    page.locator("body[data-ready]").wait_for()
    return page


def imagine(page: Page, prompt: str, images: int) -> None:
    page.locator("#words").fill("/imagine")
    page.get_by_role("option", name="/imagine").click()
    page.get_by_role("textbox", name="prompt").fill(prompt)
    page.locator(".more-options").fill("images")
    page.get_by_role("option", name="images").click()
    page.locator(".pill input[aria-label=images]").fill(str(images))
    page.get_by_role("button", name="Send the command").click()


def save(page: Page, name: str) -> None:
    page.mouse.move(0, 0)
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    path = OUT / f"{name}.webp"
    picture.save(path, quality=WEBP_QUALITY, method=6)
    print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KiB")


def pictures(page: Page, number: int) -> None:
    """Wait until the newest message shows so many pictures, and has loaded them."""
    shown = page.locator(".message").last.locator(".gallery img")
    expect(shown).to_have_count(number, timeout=30_000)
    for at in range(number):
        expect(shown.nth(at)).to_have_js_property("complete", value=True)


def take(browser: Browser, url: str) -> None:
    page = opened(browser, url, DESKTOP, "dark", "ada/general")
    page.request.patch(f"{url}seedream/settings", data={"delay": 2, "image_interval": 2})
    page.locator("#words").fill("/")
    page.get_by_role("option", name="/imagine").wait_for()
    page.locator("#words").fill("")
    imagine(page, "a lighthouse over a sea of clouds, wide and quiet", 4)
    page.get_by_text("Painting 4 pictures").wait_for()
    save(page, "placeholder")
    pictures(page, 2)
    save(page, "streaming")
    page.get_by_role("button", name="Details").wait_for(timeout=30_000)
    pictures(page, 4)
    save(page, "result")

    page.request.patch(f"{url}seedream/settings", data={"delay": 0.2, "image_interval": 0.1})
    phone = opened(browser, url, PHONE, "light", "ben/gallery")
    imagine(phone, "paper boats on a river at dusk", 3)
    phone.get_by_role("button", name="Details").wait_for(timeout=30_000)
    pictures(phone, 3)
    save(phone, "phone")

    operator = opened(browser, url, DESKTOP, "light", "ada/general")
    pictures(operator, 4)
    operator.get_by_role("button", name="Operator").click()
    operator.get_by_role("switch", name="Balance used up").click()
    imagine(operator, "a paper crane", 1)
    operator.get_by_text("used up. Whoever").wait_for()
    save(operator, "operator")


def main() -> int:
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        print(f"There is no browser here: install one of {', '.join(BROWSERS)}.", file=sys.stderr)
        return 1
    OUT.mkdir(exist_ok=True)
    with demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        take(browser, url)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
