"""/help on the page: a newcomer presses an example, looks at its prompt, and sends it."""

from __future__ import annotations

from playwright.sync_api import expect

from cogs.help.examples import EXAMPLES
from tests.page.browser import finished, give


def test_a_newcomer_presses_an_example_and_gets_a_picture(page):
    card = give(page, "help")
    expect(card).to_contain_text("A picture costs 1 credit.")
    card.get_by_role("button", name="Sticker").click()
    form = page.locator("dialog")
    expect(form).to_contain_text("Uses SeeDream 5.0 lite, costs 1 credit")
    expect(form.locator("textarea")).to_have_value(EXAMPLES["sticker"].english)
    page.get_by_role("button", name="Submit").click()
    expect(finished(page, 1)).to_contain_text("A cheerful octopus barista")
