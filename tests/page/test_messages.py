"""What members say and do in the page besides commands: mentions, stickers, emoji, reactions, and what is deleted."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.page.browser import newest
from tests.page.test_accessibility import violations

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def say(page, words: str) -> None:
    page.locator("#words").fill(words)
    page.locator("#words").press("Enter")
    expect(newest(page)).to_contain_text(words)


def act(page, *items: str) -> None:
    """Choose in the newest message's menu."""
    newest(page).click(button="right")
    for item in items:
        page.get_by_role("menuitem", name=item).click()


def control(page, path: str, **body):
    answer = page.request.post(f"{page.url.partition('#')[0]}discord/{path}", data=body)
    assert answer.ok, answer.text()
    return answer.json()


def sent(page) -> list[dict]:
    """The messages, as the local Discord has them."""
    query = {"user": "ada", "channel": "general"}
    return page.request.get(f"{page.url.partition('#')[0]}discord/messages", params=query).json()


@pytest.mark.parametrize(("hint", "written"), [("SeeDream SeeDream", "<@"), ("SeeDream role", "<@&")])
def test_typing_an_at_offers_the_bot_and_its_role_and_mentions_what_is_taken(page, hint, written):
    page.locator("#words").press_sequentially("paint it @see")
    page.get_by_role("option", name=f"@{hint}").click()
    page.locator("#words").press_sequentially("by night")
    page.locator("#words").press("Enter")
    expect(page.locator(".message").first.locator(".mention")).to_have_text("@SeeDream")
    message = sent(page)[0]
    mentioned = message["mention_roles"] if written == "<@&" else [one["id"] for one in message["mentions"]]
    assert [f"{written}{one}>" for one in mentioned] == [message["content"].split()[2]]
    assert message["content"].endswith(" by night")


def test_a_name_that_begins_like_another_is_whole(page):
    control(page, "user", name="seedream fan", guild="Studio")
    page.reload()
    page.locator("body[data-ready]").wait_for()
    say(page, "@Seedream fan")
    assert [one["username"] for one in sent(page)[-1]["mentions"]] == ["seedream fan"]


@pytest.mark.parametrize("context", [{}, PHONE], ids=["desktop", "phone"])
def test_stickers_are_sent_and_emoji_written(visit, context):
    page = visit(**context)
    page.get_by_role("button", name="Stickers and emoji").click()
    page.get_by_role("menuitem", name="fox-apng").click()
    shown = newest(page).get_by_alt_text("Sticker: fox-apng")
    expect(shown).to_be_visible()
    expect(shown).to_have_js_property("naturalWidth", 320)
    page.get_by_role("button", name="Stickers and emoji").click()
    page.get_by_role("menuitem", name="running_fox").click()
    page.locator("#words").press("Enter")
    expect(newest(page).get_by_alt_text(":running_fox:")).to_have_js_property("naturalWidth", 128)
    assert sent(page)[-1]["content"].startswith("<a:running_fox:")
    assert violations(page) == []


def test_a_reply_may_be_without_its_ping(page):
    say(page, "first")
    act(page, "Reply")
    page.get_by_role("button", name="@ ON").click()
    expect(page.get_by_role("button", name="@ OFF")).to_be_visible()
    say(page, "second")
    assert sent(page)[-1]["mentions"] == []


def test_reactions_are_shown_counted_and_taken_back(page):
    say(page, "like it?")
    act(page, "Add reaction", "🔥")
    mine = newest(page).get_by_role("button", name="🔥: 1")
    expect(mine).to_have_attribute("aria-pressed", "true")
    control(page, "react", user="ben", message=sent(page)[-1]["id"], emoji="🔥")
    expect(newest(page).get_by_role("button", name="🔥: 2")).to_have_attribute("title", "Ada, Ben")
    newest(page).get_by_role("button", name="🔥: 2").click()
    expect(newest(page).get_by_role("button", name="🔥: 1")).to_have_attribute("aria-pressed", "false")
    act(page, "Add reaction", "running_fox")
    expect(newest(page).get_by_alt_text(":running_fox:")).to_be_visible()
    assert violations(page) == []


def test_own_messages_can_be_deleted_and_others_cannot(visit):
    page = visit("ben/general")
    say(page, "mine")
    newest(page).click(button="right")
    page.get_by_role("menuitem", name="Delete message").click()
    expect(page.locator(".message")).to_have_count(0)
    control(page, "message", user="ada", channel="general", content="hers")
    expect(newest(page)).to_contain_text("hers")
    newest(page).click(button="right")
    expect(page.get_by_role("menuitem", name="Delete message")).to_have_count(0)


def test_what_is_deleted_disappears_and_replies_to_it_say_so(page):
    say(page, "first")
    first = sent(page)[-1]["id"]
    act(page, "Reply")
    say(page, "second")
    expect(newest(page).locator(".above")).to_contain_text("first")
    control(page, "delete-message", message=first)
    expect(page.locator(".message")).to_have_count(1)
    expect(newest(page).locator(".above")).to_contain_text("Original message was deleted")


def test_messages_of_every_kind_are_drawn(page):
    say(page, "look")
    here = {"user": "ben", "channel": "general"}
    first = sent(page)[-1]["id"]
    control(page, "message", **here, poll={"question": "Which?", "answers": ["a fox", "a bear"]})
    expect(newest(page).locator(".poll")).to_contain_text("a bear")
    control(page, "message", **here, voice=True)
    expect(newest(page)).to_contain_text("voice-message.ogg")
    control(page, "message", **here, content="https://tenor.com/view/fox-1")
    expect(newest(page).locator(".gallery img")).to_have_js_property("naturalWidth", 498)
    control(page, "message", **here, stickers=["fox-lottie"])
    expect(newest(page).locator(".lottie")).to_contain_text("fox-lottie")
    control(page, "pin", user="ben", message=first)
    expect(newest(page)).to_contain_text("Ben pinned a message")
    control(page, "message", **here, content="oh", reply_to=first, reference="absent")
    expect(newest(page).locator(".above")).to_contain_text("Message could not be loaded")
    assert violations(page) == []


def test_the_bot_joins_a_server_and_is_removed_from_it_again(page):
    page.get_by_role("button", name="Operator").click()
    page.get_by_role("button", name="Add the bot to another server").click()
    expect(page.get_by_text("The bot has joined Elsewhere")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    page.locator("#rail").get_by_role("button", name="Elsewhere").click()
    expect(page.locator(".message").first).to_contain_text("SeeDream joined the server.")
    expect(newest(page)).to_contain_text("/quota-admin")
    expect(page.locator("#people")).to_contain_text("SeeDream")
    page.get_by_role("button", name="Operator").click()
    page.get_by_role("button", name="Remove the bot from Elsewhere").click()
    expect(page.get_by_role("button", name="Remove the bot from Elsewhere")).to_have_count(0)
