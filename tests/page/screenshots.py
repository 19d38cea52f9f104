"""`make screenshots`: the pictures of README and docs, taken of the page while the bot works in its local world."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import expect

from tests.page.browser import BROWSERS, ROOT, arrive, chromium, demo, executable, finished, give, imagine, newest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

OUT = ROOT / "docs"
DESKTOP, TALL = {"width": 1120, "height": 700}, {"width": 1120, "height": 900}
WIDE, PHONE = {"width": 1320, "height": 825}, {"width": 390, "height": 760}
WEBP_QUALITY = 82
# What the report tells of: prompt, pictures, model.
MADE = (
    ("a tea house in the rain", "3", "SeeDream 4.5"),
    ("a comet over the dunes", "2", "SeeDream 4.0"),
    ("a lantern in the fog", "1", "SeeDream 5.0 pro"),
)


def opened(browser: Browser, url: str, size: dict[str, int], scheme: str, place: str) -> Page:
    page = browser.new_context(viewport=size, color_scheme=scheme, has_touch=size is PHONE).new_page()
    arrive(page, url, place)
    return page


def save(page: Page, name: str) -> None:
    page.mouse.move(0, 0)
    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled")))
    path = OUT / f"{name}.webp"
    picture.save(path, quality=WEBP_QUALITY, method=6)
    print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KiB")


def reframe(page: Page) -> None:
    imagine(page, "a lighthouse over a sea of clouds, wide and quiet")
    finished(page, 1)
    newest(page).get_by_role("button", name="More").click()
    newest(page).get_by_role("button", name="Reframe").click()
    newest(page).get_by_text("Which shape?").wait_for()
    save(page, "reframe")


def ideas(page: Page) -> None:
    imagine(page, "a {red, blue, green} car in {snow, rain}")
    newest(page).get_by_text("6 combinations").wait_for()
    save(page, "ideas")


def redo(page: Page) -> None:
    imagine(page, "four paper boats on a river at dusk", images="4")
    finished(page, 4)
    boats = page.locator(".message").filter(has_text="four paper boats").last
    boats.get_by_role("button", name="3", exact=True).click()
    newest(page).get_by_role("button", name="Redo").click()
    newest(page).get_by_text("version 2 of 2").wait_for()
    newest(page).get_by_text("Dismiss message").scroll_into_view_if_needed()
    save(page, "redo")


def take(browser: Browser, url: str) -> None:
    page = opened(browser, url, DESKTOP, "dark", "ada/general")
    page.get_by_text("For admins").wait_for()
    save(page, "first")
    page.request.patch(f"{url}seedream/settings", data={"delay": 2, "image_interval": 2})
    imagine(page, "a lighthouse over a sea of clouds, wide and quiet", images="4")
    newest(page).get_by_text("Painting 4 pictures").wait_for()
    save(page, "placeholder")
    newest(page).locator(".gallery img").nth(1).wait_for()
    save(page, "streaming")
    finished(page, 4)
    save(page, "result")

    page.request.patch(f"{url}seedream/settings", data={"delay": 0.2, "image_interval": 0.1})
    reframe(opened(browser, url, DESKTOP, "dark", "cleo/general"))
    ideas(opened(browser, url, DESKTOP, "dark", "ben/general"))
    redo(opened(browser, url, TALL, "dark", "dan/general"))
    phone = opened(browser, url, PHONE, "light", "ben/gallery")
    imagine(phone, "paper boats on a river at dusk", images="3")
    finished(phone, 3)
    save(phone, "phone")

    member = opened(browser, url, DESKTOP, "dark", "cleo/gallery")
    for prompt, images, model in MADE:
        imagine(member, prompt, images=images, model=model)
        finished(member, int(images))
    admin = opened(browser, url, TALL, "dark", "dan/gallery")
    give(admin, "settings").get_by_text("Settings for Studio").wait_for()
    save(admin, "settings")
    expect(give(admin, "quota-admin report").locator(".gallery img")).to_have_count(2)
    save(admin, "report")
    on_phone = opened(browser, url, PHONE, "dark", "dan/gallery")
    preview = give(on_phone, "quota-admin set", limit="credits a day", amount="4", all="Each member")
    expect(preview).to_contain_text("would have met this limit")
    save(on_phone, "what-if")

    operator = opened(browser, url, WIDE, "light", "ada/general")
    finished(operator, 4)
    operator.get_by_role("button", name="Operator", exact=True).click()
    operator.get_by_role("switch", name="Balance used up").click()
    imagine(operator, "a paper crane")
    operator.get_by_text("used up. The bot's owner").wait_for()
    save(operator, "operator")


def main() -> int:
    path = executable()
    if path is None:
        print(f"There is no browser here: install one of {', '.join(BROWSERS)}.", file=sys.stderr)
        return 1
    OUT.mkdir(exist_ok=True)
    with demo() as url, chromium(path) as browser:
        take(browser, url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
