"""/settings on the page: an admin closes a channel, is told so as a member, and opens it again."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.page.browser import finished, give, imagine, newest


def several(message, hint):
    return message.locator("details.several").filter(has=message.page.locator(f"summary[aria-label='{hint}']"))


def opens(screen, section):
    """Press Change beside the section's heading."""
    screen.locator(".section").filter(has_text=section).get_by_role("button", name="Change").click()
    expect(screen.get_by_role("button", name="← Overview")).to_be_visible()


def choose(message, hint, *labels):
    """Open a menu, turn these over, and close it: that sends it."""
    menu = several(message, hint)
    menu.locator("summary").click()
    for label in labels:
        menu.get_by_label(label, exact=True).click()
    menu.locator("summary").press("Escape")


def test_an_admin_closes_a_channel_and_opens_it_again(page):
    screen = give(page, "settings")
    expect(screen).to_contain_text("Settings for Studio")
    opens(screen, "Access")
    choose(screen, "No channel", "#general")
    expect(several(screen, "No channel").locator(".chip")).to_have_text(["#general"])
    expect(screen).to_contain_text("Saved. Blocked channels: + #general")
    imagine(page, "a fox")
    expect(newest(page)).to_contain_text("You can't make pictures in #general. Use another channel.")
    screen = page.locator(".message").first
    choose(screen, "No channel", "#general")
    expect(several(screen, "No channel").locator(".chip")).to_have_count(0)
    imagine(page, "a fox")
    finished(page, 1)


def test_a_long_choice_stays_in_its_menu_on_a_phone(visit):
    page = visit(viewport={"width": 390, "height": 844})
    screen = give(page, "settings")
    opens(screen, "Pictures")
    menu = screen.locator("select").first
    shown = menu.locator("selectedcontent .option")
    box, words = menu.bounding_box(), shown.bounding_box()
    assert words["x"] + words["width"] < box["x"] + box["width"]
    assert box["width"] < 300
    expect(shown).to_have_css("text-overflow", "ellipsis")


def test_a_single_choice_can_be_taken_back_and_a_modal_is_filled_in(page):
    screen = give(page, "settings")
    opens(screen, "General")
    log = screen.get_by_label("No channel")
    log.select_option(label="#gallery")
    expect(screen).to_contain_text("Log channel: no channel → #gallery")
    expect(log.locator("option:checked")).to_have_text("#gallery")
    log.select_option(label="No channel")
    expect(screen).to_contain_text("Log channel: #gallery → no channel")
    screen.get_by_role("button", name="Change").click()
    page.locator("dialog input").fill("europe/berlin")
    page.get_by_role("button", name="Submit").click()
    expect(screen).to_contain_text("Time zone: UTC → Europe/Berlin")
    screen.get_by_role("button", name="Change").click()
    page.locator("dialog input").fill("utc")
    page.get_by_role("button", name="Submit").click()
    expect(screen).to_contain_text("Time zone: Europe/Berlin → UTC")
