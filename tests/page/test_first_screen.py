"""What somebody sees first: examples to press, the commands, dates in their language, emoji without a font."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.page.browser import finished, imagine, newest

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LONG = "a wide view of an old lighthouse on a cliff at blue hour, " * 12
AT = 1700000000  # 14 November 2023, 22:13:20 UTC
WRITTEN = {
    "en-US": {
        "t": "10:13 PM", "T": "10:13:20 PM", "d": "11/14/23", "D": "November 14, 2023",
        "f": "November 14, 2023 at 10:13 PM", "F": "Tuesday, November 14, 2023 at 10:13 PM",
        "s": "11/14/23, 10:13 PM", "S": "11/14/23, 10:13:20 PM",
    },
    "de": {
        "t": "22:13", "T": "22:13:20", "d": "14.11.23", "D": "14. November 2023", "f": "14. November 2023 um 22:13",
        "F": "Dienstag, 14. November 2023 um 22:13", "s": "14.11.23, 22:13", "S": "14.11.23, 22:13:20",
    },
    "ja": {"D": "2023年11月14日", "F": "2023年11月14日火曜日 22:13"},
}  # fmt: skip


def say(page, words: str) -> None:
    page.locator("#words").fill(words)
    page.locator("#words").press("Enter")


@pytest.mark.parametrize("context", [{}, PHONE], ids=["desktop", "phone"])
def test_an_example_is_one_press_away_from_its_pictures(visit, context):
    page = visit(**context)
    examples = page.locator(".example")
    expect(examples).to_have_count(3)
    expect(examples.last).to_be_in_viewport()
    page.get_by_role("button", name="a set of four").click()
    finished(page, 4)


def test_the_commands_of_admins_are_folded_below_those_of_members(page, visit):
    expect(page.get_by_role("button", name="/imagine", exact=True)).to_be_visible()
    command = page.get_by_role("button", name="/settings", exact=True)
    expect(command).to_be_hidden()
    page.get_by_text("For admins").press("Enter")
    expect(command).to_be_visible()
    member = visit("ben/general", fresh=False)
    expect(member.get_by_role("button", name="/imagine", exact=True)).to_be_visible()
    expect(member.get_by_text("For admins")).to_have_count(0)


@pytest.mark.parametrize("locale", WRITTEN)
def test_dates_are_written_in_the_members_language(visit, locale):
    page = visit(timezone_id="UTC")
    assert page.request.post(page.url.partition("#")[0] + "discord/locale", data={"user": "ada", "locale": locale}).ok
    page.reload()
    page.locator("body[data-ready]").wait_for()
    say(page, "\n".join(f"{style}: <t:{AT}:{style}>" for style in WRITTEN[locale]))
    shown = newest(page).locator(".timestamp")
    expect(shown).to_have_count(len(WRITTEN[locale]))
    assert [text.replace("\u202f", " ") for text in shown.all_inner_texts()] == list(WRITTEN[locale].values())


def test_times_away_are_counted_in_the_members_language(page):
    assert page.request.post(page.url.partition("#")[0] + "discord/locale", data={"user": "ada", "locale": "de"}).ok
    page.reload()
    page.locator("body[data-ready]").wait_for()
    now = page.evaluate("() => Math.floor(Date.now() / 1000)")
    say(page, f"<t:{now + 7230}:R>")
    expect(newest(page).locator(".timestamp")).to_have_text("in 2 Stunden")


@pytest.mark.parametrize("context", [{}, PHONE], ids=["desktop", "phone"])
def test_the_pictures_of_a_long_prompt_are_in_view(visit, context):
    page = visit(**context)
    say(page, LONG)
    imagine(page, LONG)
    expect(finished(page, 1).locator(".gallery")).to_be_in_viewport(ratio=0.95)
    imagine(page, LONG, images="4")
    expect(finished(page, 4).locator(".gallery")).to_be_in_viewport(ratio=0.95)


def test_emoji_are_drawn_by_the_font_that_comes_along(page):
    say(page, "look 🎨 ⚠️ here")
    expect(newest(page).locator(".emoji")).to_have_text(["🎨", "⚠️"])
    page.evaluate("document.fonts.ready")
    assert page.evaluate("[...document.fonts].some(font => font.status === 'loaded' && font.family.includes('Emoji'))")
    say(page, "🎨🔥")
    expect(newest(page).locator(".jumbo")).to_be_visible()


def test_the_page_follows_the_systems_theme_until_one_is_chosen(visit):
    page = visit(color_scheme="light")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Toggle light and dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.emulate_media(color_scheme="light")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
