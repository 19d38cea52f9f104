"""A newcomer on the page: a set that lives, another shape, a stop, three colours at once, two models side by side."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.page.browser import finished, give, imagine, newest

BOATS = "four paper boats at dusk"


def delay(page, seconds):
    page.request.patch(f"{page.url.partition('#')[0]}seedream/settings", data={"delay": seconds})


def result(page, words):
    """The newest result of these words."""
    return page.locator(".message").filter(has_text=words).last


def card(page, words, number):
    """The private card of a picture of that result: a new message."""
    messages = page.locator(".message")
    before = messages.count()
    result(page, words).get_by_role("button", name=str(number), exact=True).click()
    expect(messages).to_have_count(before + 1)
    expect(newest(page).get_by_text(f"Picture {number}", exact=True)).to_be_visible()
    return messages.nth(before)


def redo(page, number, versions, cost):
    """Redo a picture, until its card shows the new one and the set's footer what all together cost."""
    shown = card(page, BOATS, number)
    shown.get_by_role("button", name="Redo").click()
    expect(shown.get_by_text(f"version {versions} of {versions}")).to_be_visible()
    expect(result(page, BOATS)).to_contain_text(f"{cost} credits")


def test_a_newcomer_redoes_reframes_stops_and_compares(page):
    imagine(page, BOATS, images="4")
    finished(page, 4)

    redo(page, 3, versions=2, cost=5)
    redo(page, 3, versions=3, cost=6)
    older = card(page, BOATS, 3)
    expect(older.get_by_text("version 3 of 3")).to_be_visible()
    for number in (2, 1):
        older.get_by_role("button", name="◀").click()
        expect(older.get_by_text(f"version {number} of 3")).to_be_visible()
    expect(result(page, BOATS).locator(".gallery img")).to_have_count(4)

    card(page, BOATS, 1).get_by_role("button", name="Reframe").click()
    expect(newest(page).get_by_text("Which shape?")).to_be_visible()
    newest(page).get_by_role("button", name="Banner").click()
    expect(newest(page).get_by_text("Reframed from")).to_be_visible()
    finished(page, 1)

    delay(page, 20)  # more than two presses take
    imagine(page, "a storm that nobody waits for")
    newest(page).get_by_role("button", name="Cancel").click()
    newest(page).get_by_role("button", name="Drop it").click()
    expect(result(page, "a storm that nobody waits for").get_by_text("Stopped")).to_be_visible()
    delay(page, 0.2)

    imagine(page, "a {red, green, blue} kite")
    newest(page).get_by_role("button", name="Make 3").click()
    kites = result(page, "{red, green, blue} kite")
    expect(kites.get_by_role("button", name="Details")).to_be_visible()
    expect(kites.locator(".gallery img")).to_have_count(3)

    give(page, "compare", prompt="an owl", model1="SeeDream 4.0", model2="SeeDream 4.5")
    finished(page, 2)
    expect(newest(page).get_by_text("SeeDream 4.5").first).to_be_visible()
