"""The operator's drawer: what goes wrong, and how the bot copes with it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.page.browser import arrive, finished, give, imagine, newest


def drawer(page):
    page.get_by_role("button", name="Operator", exact=True).click()
    opened = page.locator("#drawer")
    expect(opened.get_by_role("switch", name="Rate limits")).to_be_visible()
    return opened


def test_a_fault_that_is_switched_on_is_told_in_words_and_the_request_log_shows_it(page):
    opened = drawer(page)
    opened.get_by_role("switch", name="Balance used up").click()
    imagine(page, "a paper crane")
    expect(newest(page)).to_contain_text("balance at the image service is used up")
    expect(opened.locator("#requests")).to_contain_text("403 used_up")
    opened.get_by_role("switch", name="Balance used up").click()
    page.keyboard.press("Escape")
    place = page.url.partition("#")[0]
    arrive(page, place, "ada/dm")
    expect(newest(page)).to_contain_text("Top it up at https://platform.xhuoapi.ai")
    give(page, "operator stats").get_by_role("button", name="Retry the API now").click()
    expect(newest(page)).to_contain_text("the next job will try it")
    arrive(page, place, "ada/general")
    opened = drawer(page)
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


def test_a_picture_comes_apart_into_as_many_layers_as_are_set(page):
    opened = drawer(page)
    opened.get_by_role("slider", name="Layers per decomposition").fill("2")
    page.keyboard.press("Escape")
    imagine(page, "a paper crane")
    finished(page, 1).get_by_role("button", name="More").click()
    newest(page).get_by_role("button", name="Layers").click()
    expect(newest(page)).to_contain_text("From back to front")
    result = finished(page, 2)
    expect(result).to_contain_text("Layers of this")
    expect(result.locator(".file")).to_contain_text("seedream-layers.zip")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("Options refused", "combination of options"),
        ("Reference unreadable", "Use another one"),
    ],
)
def test_each_refusal_tells_the_member_what_to_change(page, fault, told):
    drawer(page).get_by_role("button", name=f"{fault}: once").click()
    page.keyboard.press("Escape")
    imagine(page, "a paper crane")
    expect(newest(page)).to_contain_text(told)


def test_sliders_set_the_pace(page):
    opened = drawer(page)
    opened.get_by_role("slider", name="Delay before the first picture").fill("0.7")
    expect(opened.locator(".slider output").first).to_have_text("0.7 s")
    settings = f"{page.url.partition('#')[0]}seedream/settings"
    page.wait_for_function("async (url) => (await (await fetch(url)).json()).delay === 0.7", arg=settings)


def test_a_lost_gateway_is_found_again(page):
    opened = drawer(page)
    opened.get_by_role("button", name="Drop the connection").click()
    imagine(page, "a paper crane")
    finished(page, 1)


def test_a_permission_that_is_taken_away_is_told_and_costs_nothing(page):
    """A reply is answered by a message of the bot's own, which needs it; a command's answer does not."""
    opened = drawer(page)
    opened.get_by_role("switch", name="attach files").click()
    imagine(page, "a paper crane")
    finished(page, 1).get_by_role("button", name="Message actions").click()
    page.get_by_role("menuitem", name="Reply").click()
    page.locator("#words").fill("make it night")
    page.keyboard.press("Enter")
    expect(newest(page)).to_contain_text("Attach Files")
    expect(opened.locator("#totals")).to_contain_text("1 request")


def test_dead_tokens_are_followed_by_the_bots_own_edit(page):
    page.request.patch(f"{page.url.partition('#')[0]}seedream/settings", data={"delay": 1})
    opened = drawer(page)
    imagine(page, "a paper crane")
    expect(newest(page)).to_contain_text("Painting")
    opened.get_by_role("button", name="Expire interaction tokens").click()
    finished(page, 1)
    expect(opened.locator("#calls")).to_contain_text("/channels/")


def test_the_drawer_closes_by_its_button_and_by_the_keyboard(page):
    opened = drawer(page)
    expect(opened.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    expect(page.get_by_role("button", name="Operator", exact=True)).to_be_focused()


def base(page):
    return page.url.partition("#")[0]


@pytest.mark.parametrize("service", ["seedream", "discord"])
def test_every_fault_can_be_switched_on_and_off_and_asked_for_once(page, service):
    opened = drawer(page).locator(f"#{service}-controls .faults")
    waiting = lambda: page.request.get(f"{base(page)}{service}/faults").json()["faults"]  # noqa: E731
    rows = opened.locator(".fault").all()
    assert len(rows) == {"seedream": 20, "discord": 5}[service]
    for number, row in enumerate(rows):
        row.get_by_role("switch").check()
        row.get_by_role("button").click()
        expect(row.get_by_role("switch")).to_be_checked()
        wait_for(page, lambda number=number: len(waiting()) == 2 * (number + 1))
    assert sorted(str(one["times"]) for one in waiting()) == ["1"] * len(rows) + ["None"] * len(rows)
    page.reload()
    page.locator("body[data-ready]").wait_for()
    for row in drawer(page).locator(f"#{service}-controls .fault").all():
        expect(row.get_by_role("switch")).to_be_checked()
        row.get_by_role("switch").uncheck()
    wait_for(page, lambda: waiting() == [])


def wait_for(page, condition):
    for _ in range(200):
        if condition():
            return
        page.wait_for_timeout(25)  # lets the page's own calls go on
    raise AssertionError("it did not come about")


@pytest.mark.parametrize("fault", ["Edits: too many (429)", "Edits: unavailable (503)", "Edits: connection breaks"])
def test_a_fault_of_discords_for_once_is_outlived(page, fault):
    opened = drawer(page)
    opened.get_by_role("slider", name="Delay before the first picture").fill("0")
    opened.get_by_role("button", name=f"{fault}: once").click()
    imagine(page, "a paper crane")
    finished(page, 1)
    expect(opened.locator("#calls li", has_text="PATCH")).to_have_count(2)  # once in vain


def test_a_deleted_message_is_followed_by_another_with_the_pictures(page):
    opened = drawer(page)
    opened.get_by_role("slider", name="Delay before the first picture").fill("1")
    expect(opened.locator(".slider output").first).to_have_text("1 s")
    imagine(page, "a paper crane")
    expect(newest(page)).to_contain_text("Painting")
    opened.get_by_role("button", name="Delete the bot's latest message").click()
    expect(page.locator(".message")).to_have_count(0)
    finished(page, 1)
    opened.get_by_role("button", name="Delete the bot's latest message").click()
    expect(page.locator(".message")).to_have_count(0)
    opened.get_by_role("button", name="Delete the bot's latest message").click()
    expect(page.locator(".toast")).to_contain_text("The bot has no messages here.")


def test_the_plug_is_pulled_while_it_paints_and_the_picture_comes_all_the_same(page):
    opened = drawer(page)
    opened.get_by_role("slider", name="Delay before the first picture").fill("2")
    expect(opened.locator(".slider output").first).to_have_text("2 s")
    imagine(page, "a paper crane")
    expect(opened.locator("#requests")).to_contain_text("a paper crane")
    opened.get_by_role("button", name="Kill").click()
    expect(page.locator("#bot-state")).to_have_text("The bot is not connected.")
    opened.get_by_role("button", name="Start", exact=True).click()
    finished(page, 1)
    expect(opened.locator("#totals")).to_contain_text("1 request ·")


def test_what_had_come_of_a_set_before_the_plug_was_pulled_is_kept_and_the_rest_is_not_asked_for_again(page):
    opened = drawer(page)
    opened.get_by_role("slider", name="Delay before each further picture").fill("5")
    expect(opened.locator(".slider output").nth(1)).to_have_text("5 s")
    imagine(page, "a paper crane", images="2")
    newest(page).locator(".gallery img").first.wait_for()
    opened.get_by_role("button", name="Kill").click()
    expect(page.locator("#bot-state")).to_have_text("The bot is not connected.")
    expect(opened).to_contain_text("It is not running.")
    opened.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator("#bot-state")).to_have_text("")
    expect(opened).to_contain_text("It is running.")
    expect(newest(page).get_by_role("button", name="Retry")).to_be_visible()
    expect(newest(page).locator(".gallery img")).to_have_count(1)


def test_a_bot_that_is_not_there_is_told_of_and_what_is_asked_of_it_fails(page, refusals):
    refusals.add(400)
    opened = drawer(page)
    opened.get_by_role("button", name="Kill").click()
    expect(page.locator("#bot-state")).to_have_text("The bot is not connected.")
    opened.get_by_role("button", name="Kill").click()
    expect(page.locator(".toast")).to_contain_text("isn't running")
    imagine(page, "a paper crane")
    expect(page.get_by_role("alert")).to_contain_text("The application did not respond")
    page.reload()
    expect(page.locator("#bot-state")).to_have_text("The bot is not connected.")
    drawer(page).get_by_role("button", name="Restart").click()
    expect(page.locator("#bot-state")).to_have_text("")
    arrive(page, base(page))
    imagine(page, "a paper crane")
    finished(page, 1)


def test_what_the_bot_asked_of_discord_before_the_drawer_was_open_is_there(page):
    imagine(page, "a paper crane")
    finished(page, 1)
    expect(drawer(page).locator("#calls")).to_contain_text("POST /interactions/")
