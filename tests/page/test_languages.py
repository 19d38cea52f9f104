"""A member's language, chosen on the page as in Discord's own settings."""

from __future__ import annotations

from playwright.sync_api import expect

from cogs.i18n.translate import _, using_locale
from tests.page.browser import begin, imagine, newest, option


def test_a_member_chooses_a_language_and_reads_the_commands_and_the_result_in_it(page):
    page.locator("#me").click()
    page.get_by_role("menuitem", name="Language").click()
    page.get_by_role("menuitem", name="Deutsch").click()
    expect(page.locator("#me")).to_contain_text("Deutsch")
    with using_locale("de"):
        what, delete = _("What to paint, in English or Chinese"), _("Delete")
        imagine_is = _("Create pictures from text, and reference pictures if you like")
    expect(page.get_by_role("button", name="/imagine", exact=True)).to_have_attribute("title", imagine_is)
    begin(page, "imagine")
    expect(option(page, "prompt")).to_have_attribute("title", what)
    page.keyboard.press("Escape")
    imagine(page, "a paper crane")
    expect(newest(page).get_by_role("button", name=delete)).to_be_visible()
