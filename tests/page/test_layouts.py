"""How components are laid out: mosaics, what is hidden, and lists that open."""

from __future__ import annotations

from itertools import groupby

import pytest
from playwright.sync_api import expect

from tests.page.browser import demo, give, newest
from tests.page.test_accessibility import violations

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
# Pictures -> tiles in each row, as Discord lays them out; of three, the first is as high as the two beside it.
MOSAICS = {1: [1], 2: [2], 3: [2, 1], 4: [2, 2], 5: [2, 3], 6: [3, 3], 7: [1, 3, 3], 8: [2, 3, 3], 9: [3] * 3,
           10: [1, 3, 3, 3]}  # fmt: skip


@pytest.fixture(scope="module")
def url(browser):
    with demo("-m", "tests.page.sampler") as url:
        yield url


def rows(gallery) -> list[int]:
    """How many tiles begin at the same height, from top to bottom."""
    tops = gallery.locator(".tile").evaluate_all(
        "tiles => tiles.map(tile => Math.round(tile.getBoundingClientRect().y))"
    )
    return [len(list(group)) for _, group in groupby(tops)]


def test_pictures_are_laid_out_as_discord_does(page):
    for pictures, expected in MOSAICS.items():
        give(page, "mosaic", pictures=str(pictures))
        gallery = newest(page).locator(f".gallery[data-count='{pictures}']")
        expect(gallery.locator(".tile")).to_have_count(pictures)
        assert rows(gallery) == expected


def test_hidden_cards_and_files_are_shown_when_they_are_pressed(page):
    give(page, "spoilers")
    expect(newest(page)).to_contain_text("a hidden card")
    message = page.locator(f"#{newest(page).get_attribute('id')}")
    veils = message.get_by_role("button", name="Spoiler: press to reveal")
    expect(veils).to_have_count(2)
    expect(message.locator(".container")).to_have_js_property("inert", value=True)
    assert violations(page) == []
    veils.first.click()
    message.get_by_role("button", name="Hidden").click()
    expect(newest(page)).to_contain_text("chosen: 'Hidden'")
    expect(veils).to_have_count(1)


@pytest.mark.parametrize("context", [{}, PHONE], ids=["desktop", "phone"])
def test_lists_at_the_bottom_open_upwards_and_are_worked_by_keys(visit, context):
    page = visit(**context)
    give(page, "everything")
    message = newest(page)
    expect(message).to_contain_text("Everything")
    several = message.locator("details.several").last
    several.locator("summary").click()
    first = several.get_by_label("Ada", exact=True)
    expect(first).to_be_in_viewport()
    assert first.bounding_box()["y"] < several.bounding_box()["y"]
    assert violations(page) == []
    page.keyboard.press("Escape")
    channel = message.get_by_label("A channel", exact=True)
    channel.click()
    choice = channel.locator("option", has_text="#general")
    expect(choice).to_be_in_viewport()
    assert choice.bounding_box()["y"] < channel.bounding_box()["y"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(newest(page)).to_contain_text("chosen: #")
