"""The page as a member uses it, in a real browser, with the real bot behind it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.page.browser import begin, finished, imagine, newest, option
from tests.support.pictures import jpeg

PHOTO = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": jpeg(600, 400)}


def test_imagine_is_typed_by_keyboard_alone_and_four_pictures_stream_in(page):
    page.request.patch(f"{page.url.partition('#')[0]}seedream/settings", data={"delay": 0.3, "image_interval": 0.4})
    keys = page.keyboard
    page.locator("#words").focus()
    keys.type("/ima")
    expect(page.get_by_role("option", name="/imagine")).to_be_visible()
    keys.press("Enter")
    expect(page.get_by_role("textbox", name="prompt")).to_be_focused()
    keys.type("a red fox in snow")
    keys.press("Tab")
    keys.type("images")
    keys.press("Enter")
    keys.type("4")
    keys.press("Tab")
    keys.type("model")
    keys.press("Enter")
    expect(page.get_by_role("option", name="SeeDream 4.5")).to_be_visible()
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator(".pill input[aria-label=model]")).to_have_value("SeeDream 4.5")
    keys.type("size")
    keys.press("Enter")
    expect(page.get_by_role("option", name="2K", exact=True)).to_be_visible()
    expect(page.get_by_role("option", name="1K", exact=True)).to_have_count(0)
    keys.press("Enter")
    keys.press("Enter")
    expect(newest(page)).to_contain_text("Painting 4 pictures")
    first = newest(page).locator(".gallery img").first
    first.wait_for()
    first.evaluate("image => { image.marked = true }")
    message = finished(page, 4)
    expect(message.locator(".gallery img").first).to_have_js_property("marked", value=True)
    expect(message).to_contain_text("SeeDream 4.5")
    expect(message.locator(".gallery img").first).to_have_attribute("alt", "1 of 4: a red fox in snow")
    expect(page.locator("#words")).to_be_focused()


def test_a_missing_option_is_told_at_its_field_before_anything_is_sent(page):
    begin(page, "imagine")
    page.get_by_role("button", name="Send the command").click()
    expect(page.get_by_role("alert")).to_contain_text("prompt: This option is required")
    expect(page.locator(".pill.invalid")).to_contain_text("prompt")
    expect(page.locator(".message")).to_have_count(0)


def test_what_the_client_refuses_is_told_at_its_field(page, refusals):
    refusals.add(400)
    imagine(page, "a fox", images="many")
    expect(page.get_by_role("alert")).to_contain_text("images: Input a valid value")
    expect(page.locator(".pill.invalid")).to_contain_text("images")


def test_a_refusal_of_the_bot_is_seen_by_its_member_alone_until_it_is_dismissed(page, visit):
    imagine(page, "a fox", size="100x100")
    refusal = newest(page)
    expect(refusal).to_contain_text("100x100")
    expect(refusal).to_contain_text("Only you can see this")
    other = visit("ben/general", fresh=False)
    expect(other.locator(".message")).to_have_count(0)
    refusal.get_by_role("button", name="Dismiss message").click()
    expect(page.locator(".message")).to_have_count(0)


def test_details_and_delete(page):
    imagine(page, "a red fox in snow")
    result = finished(page, 1)
    result.get_by_role("button", name="Details").click()
    expect(newest(page)).to_contain_text("doubao-seedream-")
    newest(page).get_by_role("button", name="Dismiss message").click()
    finished(page, 1).get_by_role("button", name="Delete").click()
    expect(newest(page)).to_contain_text("This can't be undone")
    newest(page).get_by_role("button", name="Delete").click()
    expect(page.locator(".message")).to_have_count(0)


def test_a_file_is_attached_to_an_option_and_reaches_the_api(page):
    begin(page, "imagine")
    option(page, "prompt").fill("make it night")
    option(page, "reference").set_input_files(PHOTO)
    expect(page.locator(".file-name")).to_have_text("photo.jpg")
    page.get_by_role("button", name="Send the command").click()
    finished(page, 1)
    request_log = page.request.get(f"{page.url.partition('#')[0]}seedream/requests").json()
    assert [len(entry["references"]) for entry in request_log["requests"]] == [1]


DROP = """([name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/jpeg" }));
  window.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def test_a_file_is_dropped_into_a_message_and_its_menu_edits_it(page):
    page.locator("body").evaluate(f"(_, given) => ({DROP})(given)", ["photo.jpg", list(PHOTO["buffer"])])
    expect(page.locator(".upload")).to_contain_text("photo.jpg")
    page.locator("#words").fill("look **at** this")
    page.keyboard.press("Enter")
    expect(newest(page).locator("strong")).to_have_text("at")
    newest(page).click(button="right")
    page.get_by_role("menuitem", name="Apps › Edit image").click()
    modal = page.get_by_role("dialog", name="Edit this picture")
    modal.get_by_label("What to change").fill("make it night")
    modal.get_by_role("button", name="Submit").click()
    expect(modal).to_have_count(0)
    expect(finished(page, 1)).to_contain_text("An edit of this")


def test_a_modal_that_is_filled_in_wrong_says_so_and_stays(page, refusals):
    refusals.add(400)
    page.locator("#files").set_input_files(PHOTO)
    page.keyboard.press("Tab")
    page.locator("#words").press("Enter")
    newest(page).locator("img").first.wait_for()
    newest(page).click(button="right")
    page.get_by_role("menuitem", name="Apps › Edit image").click()
    modal = page.get_by_role("dialog", name="Edit this picture")
    modal.get_by_role("button", name="Submit").click()
    expect(modal.get_by_role("alert")).to_contain_text("What to change: ")
    page.keyboard.press("Escape")
    expect(modal).to_have_count(0)


def reply(page, words, *, ping=True):
    newest(page).get_by_role("button", name="Message actions").click()
    page.get_by_role("menuitem", name="Reply").click()
    expect(page.locator("#replying")).to_contain_text("Replying to SeeDream")
    if not ping:
        page.get_by_role("button", name="@ on").click()
    page.locator("#words").fill(words)
    page.keyboard.press("Enter")
    expect(page.locator(".message").nth(1)).to_contain_text(words)


def test_a_reply_is_an_edit(page):
    imagine(page, "a red fox in snow")
    finished(page, 1)
    reply(page, "make it night")
    result = finished(page, 1)
    expect(result.locator(".above")).to_contain_text("Ada")
    result.get_by_role("link", name="this").click()
    expect(page.locator(".message").first).to_be_focused()


def test_a_reply_that_the_bot_may_not_read_is_told_how_to_go_on(visit):
    page = visit("ben/general")  # each member gets one notice a minute
    imagine(page, "a red fox in snow")
    finished(page, 1)
    reply(page, "make it night", ping=False)
    expect(newest(page)).to_contain_text("Mention me in your reply")


def test_praise_is_free_and_one_press_has_it_painted(visit):
    page = visit("cleo/gallery")
    imagine(page, "a red fox in snow")
    finished(page, 1)
    reply(page, "nice one!")
    newest(page).get_by_role("button", name="Edit with this prompt?").click()
    expect(finished(page, 1)).to_contain_text("An edit of this")
    expect(page.locator(".message")).to_have_count(3)


def test_the_numbers_and_the_buttons_of_a_result_work(page):
    imagine(page, "three foxes", images="3")
    finished(page, 3).get_by_role("button", name="2", exact=True).click()
    expect(newest(page)).to_contain_text("Picture 2")
    newest(page).get_by_role("button", name="Vary").click()
    expect(finished(page, 1)).to_contain_text("A variation of this")


def test_whoever_one_becomes_sees_what_is_theirs(page):
    imagine(page, "a secret", private="True")
    finished(page, 1)
    page.locator("#me").click()
    page.get_by_role("menuitem", name="Ben").click()
    expect(page.locator("#me")).to_contain_text("Ben")
    expect(page.locator("#channel-name")).to_have_text("# general")
    expect(page.locator(".message")).to_have_count(0)
    page.locator("#me").click()
    page.get_by_role("menuitem", name="Ada").click()
    expect(page.locator(".message")).to_have_count(1)


def test_it_works_in_direct_messages_and_nobody_else_sees_them(page, visit):
    other = visit("ben/dm", fresh=False)
    page.get_by_role("button", name="Direct messages").click()
    expect(page.locator("#channel-name")).to_have_text("@ SeeDream")
    imagine(page, "a red fox in snow")
    finished(page, 1)
    expect(other.locator(".message")).to_have_count(0)


def test_what_is_said_elsewhere_is_marked_until_it_is_seen(page, visit):
    other = visit("ben/gallery", fresh=False)
    other.locator("#words").fill("hello")
    other.keyboard.press("Enter")
    gallery = page.get_by_role("button", name="gallery")
    expect(gallery).to_have_class("channel unread")
    gallery.click()
    expect(newest(page)).to_contain_text("hello")
    expect(page.get_by_role("button", name="gallery")).not_to_have_class("channel unread")


def test_a_picture_opens_at_full_size_and_the_keyboard_turns_and_closes_it(page):
    imagine(page, "three foxes", images="3")
    tile = finished(page, 3).locator(".tile").first
    tile.focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("dialog", name="Picture")
    expect(box).to_contain_text("1 of 3")
    page.keyboard.press("ArrowRight")
    expect(box).to_contain_text("2 of 3")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(box).to_contain_text("3 of 3")
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(tile).to_be_focused()


def test_the_menu_of_a_message_is_worked_by_keys(page):
    page.locator("#words").fill("hello")
    page.keyboard.press("Enter")
    more = newest(page).get_by_role("button", name="Message actions")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Reply")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Forward here")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(more).to_be_focused()


def test_a_phone_has_room_for_all_of_it(visit):
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    sidebar = page.get_by_role("navigation", name="Servers and channels")
    expect(sidebar).to_be_hidden()
    page.locator("#nav").click()
    expect(sidebar).to_be_visible()
    page.get_by_role("button", name="gallery").click()
    expect(sidebar).to_be_hidden()
    imagine(page, "a red fox in snow, wide and quiet, with a very-long-word-that-does-not-want-to-be-broken-anywhere")
    finished(page, 1)
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_light_and_dark_are_kept(page):
    root = page.locator("html")
    before = root.get_attribute("data-theme")
    page.get_by_role("button", name="Toggle light and dark theme").click()
    expect(root).not_to_have_attribute("data-theme", before)
    page.reload()
    expect(root).not_to_have_attribute("data-theme", before)


MARKDOWN = [
    ("**bold** *it* _it_ __under__ ~~gone~~ `code`", "strong, em, em, u, s, code"),
    ("***both***", "strong, em"),
    ("# Head\n## Second\n-# small", "p.heading-1, p.heading-2, p.subtext"),
    ("> said\n> again", "blockquote"),
    ("- one\n- two", "ul, li, li"),
    ("1. one\n2. two", "ol, li, li"),
    ("```py\nprint(1)\n```", "pre, code"),
    ("[words](https://127.0.0.1/x) https://127.0.0.1/y", "a, a"),
    ("<t:1700000000:R> <t:1700000000>", "time.timestamp, time.timestamp"),
    ("||hidden||", "button.spoiler"),
    ("\\*not\\* \\_so\\_ snake_case_name 2 * 3 * 4", ""),
    ("**a \\** star**", "strong"),
    ("<script>alert(1)</script> <img src=x onerror=alert(1)>", ""),
    ("[x](javascript:alert(1)) javascript:alert(1)", ""),
]


@pytest.mark.parametrize(("said", "elements"), MARKDOWN, ids=[elements or said[:12] for said, elements in MARKDOWN])
def test_markdown_is_drawn_as_discord_draws_it_and_is_never_markup(page, said, elements):
    page.locator("#words").fill(said)
    page.keyboard.press("Enter")
    text = newest(page).locator(".text")
    text.wait_for()
    names = text.evaluate(
        """text => [...text.querySelectorAll("*")].filter((one) => one.tagName !== "P" || one.className)
             .map((one) => [one.tagName.toLowerCase(), ...one.classList].join("."))"""
    )
    assert ", ".join(names) == elements
    if not elements:
        expect(text).to_have_text(said.replace("\\", ""))


def test_mentions_are_drawn_with_names(page):
    world = page.request.get(f"{page.url.partition('#')[0]}discord/world").json()
    ben = next(user["id"] for user in world["users"] if user["username"] == "ben")
    page.locator("#words").fill(f"hello <@{ben}> and <@999>")
    page.keyboard.press("Enter")
    expect(newest(page).locator(".mention")).to_have_text(["@Ben", "@unknown user"])


def test_a_spoiler_is_shown_when_it_is_pressed(page):
    page.locator("#words").fill("||the fox did it||")
    page.keyboard.press("Enter")
    newest(page).get_by_role("button", name="Spoiler").click()
    expect(newest(page).locator(".spoiler-shown")).to_have_text("the fox did it")


def test_a_name_that_is_typed_mentions(page):
    page.locator("#words").fill("look @be")
    page.get_by_role("option", name="@Ben").click()
    expect(page.locator("#words")).to_have_value("look @Ben ")
    page.locator("#words").press("Enter")
    expect(newest(page).locator(".mention")).to_have_text("@Ben")
    page.locator("#me").click()
    page.get_by_role("menuitem", name="Ben").click()
    expect(newest(page)).to_have_class("message mentioned")


def test_timestamps_count_by_themselves(page):
    page.clock.install()
    page.reload()
    page.locator("body[data-ready]").wait_for()
    now = page.evaluate("() => Math.floor(Date.now() / 1000)")
    page.locator("#words").fill(f"since <t:{now}:R> and <t:{now + 7200}:R>")
    page.keyboard.press("Enter")
    relative = newest(page).locator("time[data-relative]")
    expect(relative.last).to_have_text("in 2 hours")
    page.clock.fast_forward("10:00")
    expect(relative.first).to_have_text("10 minutes ago")
    expect(newest(page)).not_to_contain_text("edited")


def test_whoever_has_scrolled_up_is_left_there_and_led_to_what_is_new(page, visit):
    for line in range(3):
        page.locator("#words").fill(f"line {line}\n" * 20)
        page.locator("#words").press("Enter")
        expect(page.locator(".message")).to_have_count(line + 1)
    page.locator("#log").evaluate("log => { log.scrollTop = 0 }")
    newer = page.get_by_role("button", name="New messages")
    expect(newer).to_be_hidden()
    other = visit("ben/general", fresh=False)
    other.locator("#words").fill("hello")
    other.locator("#words").press("Enter")
    newer.click()
    expect(newest(page)).to_be_in_viewport()
    expect(newer).to_be_hidden()
    page.locator("#log").evaluate("log => { log.scrollTop = 0 }")
    page.locator("#words").fill("I too")
    page.locator("#words").press("Enter")
    expect(newest(page)).to_contain_text("I too")
    expect(newest(page)).to_be_in_viewport()


def test_a_reply_to_what_was_deleted_says_so(page):
    for words in ("first", "second"):
        page.locator("#words").fill(words)
        page.locator("#words").press("Enter")
        expect(newest(page)).to_contain_text(words)
        if words == "first":
            newest(page).click(button="right")
            page.get_by_role("menuitem", name="Reply").click()
    expect(newest(page).locator(".above")).to_contain_text("first")
    page.locator(".message").first.click(button="right")
    page.get_by_role("menuitem", name="Delete message").click()
    expect(page.locator(".message")).to_have_count(1)
    page.reload()
    expect(newest(page).locator(".above")).to_contain_text("Original message was deleted")


def test_a_command_is_begun_by_its_button_in_an_empty_channel(page):
    page.get_by_role("button", name="/imagine").click()
    expect(page.get_by_role("textbox", name="prompt")).to_be_focused()


def test_nothing_but_the_pages_own_files_and_the_worlds_pictures_may_be_loaded(page):
    policy = page.request.get(page.url.partition("#")[0]).headers["content-security-policy"]
    assert policy.startswith("default-src 'self'; img-src 'self' blob: http://127.0.0.1:")
    assert "unsafe" not in policy
