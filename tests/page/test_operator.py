"""The operator's drawer: what goes wrong, and how the bot copes with it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.page.browser import finished, imagine, newest


def drawer(page):
    page.get_by_role("button", name="Operator").click()
    opened = page.locator("#drawer")
    expect(opened.get_by_role("switch", name="Rate limits")).to_be_visible()
    return opened


def test_a_fault_that_is_switched_on_is_told_in_words_and_the_books_show_it(page):
    opened = drawer(page)
    opened.get_by_role("switch", name="Balance used up").click()
    imagine(page, "a paper crane")
    expect(newest(page)).to_contain_text("balance at the image service is used up")
    expect(opened.locator("#books")).to_contain_text("403 used_up")
    opened.get_by_role("switch", name="Balance used up").click()
    newest(page).get_by_role("button", name="Retry").click()
    finished(page, 1)
    expect(opened.locator("#totals")).to_contain_text("1 billed")


def test_a_fault_for_once_befalls_one_request(page):
    opened = drawer(page)
    opened.get_by_role("button", name="Refused by moderation: once").click()
    imagine(page, "a paper crane")
    expect(newest(page)).to_contain_text("content rules")
    imagine(page, "another crane")
    finished(page, 1)


def test_sliders_set_the_pace(page):
    opened = drawer(page)
    opened.get_by_role("slider", name="Seconds to the first picture").fill("0.7")
    expect(opened.locator(".slider output").first).to_have_text("0.7 s")
    settings = page.request.get(f"{page.url.partition('#')[0]}seedream/settings").json()
    assert settings["delay"] == 0.7


def test_a_lost_gateway_is_found_again(page):
    opened = drawer(page)
    opened.get_by_role("button", name="Drop the gateway").click()
    imagine(page, "a paper crane")
    finished(page, 1)


def test_a_permission_that_is_taken_away_is_told_and_costs_nothing(page):
    opened = drawer(page)
    opened.get_by_role("switch", name="attach files").click()
    imagine(page, "a paper crane")
    expect(newest(page)).to_contain_text("Attach Files")
    opened.get_by_role("switch", name="attach files").click()
    expect(opened.locator("#totals")).to_contain_text("0 requests")
    imagine(page, "a paper crane")
    finished(page, 1)


def test_dead_tokens_are_followed_by_the_bots_own_edit(page):
    page.request.patch(f"{page.url.partition('#')[0]}seedream/settings", data={"delay": 1})
    opened = drawer(page)
    imagine(page, "a paper crane")
    expect(newest(page)).to_contain_text("Painting")
    opened.get_by_role("button", name="Kill interaction tokens").click()
    finished(page, 1)
    expect(opened.locator("#calls")).to_contain_text("/channels/")


def test_the_drawer_closes_by_its_button_and_by_the_keyboard(page):
    opened = drawer(page)
    expect(opened.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    expect(page.get_by_role("button", name="Operator")).to_be_focused()
