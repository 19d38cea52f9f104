"""Everything that a bot may register, draw and ask for: options, components, fields and files of every kind."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.page.browser import begin, demo, newest, option
from tests.page.sampler import CSV
from tests.page.test_accessibility import violations
from tests.support.pictures import jpeg

PHOTO = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": jpeg(60, 40)}


@pytest.fixture(scope="module")
def url(browser):
    with demo("-m", "tests.page.sampler") as url:
        yield url


def send(page) -> None:
    page.get_by_role("button", name="Send the command").click()


def choose(page, name: str, typed: str, offered: str) -> None:
    """Type into an option and take what is offered."""
    option(page, name).fill(typed)
    page.get_by_role("option", name=offered).click()


def test_every_kind_of_option_reaches_the_bot_as_its_own_kind(page):
    begin(page, "options")
    option(page, "text").fill("hello")
    option(page, "whole").fill("3")
    option(page, "number").fill("1.5")
    choose(page, "yes", "t", "True")
    choose(page, "member", "be", "Ben ben")
    choose(page, "channel", "gal", "#gallery")
    choose(page, "role", "adm", "Admin role")
    choose(page, "who", "pat", "Patron role")
    choose(page, "fruit", "pl", "plum")
    choose(page, "level", "2", "2")
    option(page, "file").set_input_files(PHOTO)
    send(page)
    told = newest(page).locator(".text")
    for line in ("text: 'hello'", "whole: 3", "number: 1.5", "yes: True", "member: @Ben", "channel: #gallery",
                 "role: @Admin", "who: @Patron", "fruit: 'plum'", "level: 2", "file: photo.jpg"):  # fmt: skip
        expect(told).to_contain_text(line)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("text", "x", "text: It takes at least 2 and at most 10 characters"),
        ("whole", "9", "whole: It takes at least 1 and at most 5."),
        ("whole", "1.5", "whole: Input a valid value"),
        ("number", "many", "number: Input a valid value"),
        ("member", "nobody", "member: "),
        ("role", "nothing", "role: "),
        ("fruit", "stone", "fruit: Pick a valid option"),
    ],
)
def test_what_an_option_does_not_take_is_told_at_its_field(page, refusals, name, value, told):
    refusals.add(400)
    begin(page, "options")
    option(page, "text").fill("hello")
    option(page, name).fill(value)
    send(page)
    expect(page.get_by_role("alert")).to_contain_text(told)
    expect(page.locator(".pill.invalid")).to_contain_text(name)


def test_numbers_are_completed_by_the_bot(page):
    begin(page, "complete")
    choose(page, "amount", "10", "100 credits")
    send(page)
    expect(newest(page)).to_contain_text("amount: 100")


def test_a_subcommand_for_admins_is_offered_to_them_alone(page, visit):
    begin(page, "quota member set")
    choose(page, "member", "cleo", "Cleo cleo")
    option(page, "amount").fill("7")
    send(page)
    expect(newest(page)).to_contain_text("amount: 7")
    other = visit("ben/general", fresh=False)
    other.locator("#words").fill("/")
    expect(other.get_by_role("option", name="/options")).to_be_visible()
    expect(other.get_by_role("option", name="/quota")).to_have_count(0)


@pytest.fixture(params=["light", "dark"])
def everything(request, visit):
    page = visit(color_scheme=request.param)
    begin(page, "everything")
    send(page)
    expect(newest(page)).to_contain_text("Everything")
    return page


def test_every_kind_of_component_is_drawn(everything):
    message = newest(everything)
    expect(message.locator(".container")).to_have_css("border-left-color", "rgb(241, 196, 15)")
    expect(message.locator(".section")).to_have_count(2)
    expect(message.locator(".thumbnail img")).to_have_attribute("alt", "A chart")
    expect(message.locator("hr")).to_have_count(2)
    expect(message.locator("hr.bare.space-2")).to_have_count(1)
    expect(message.locator(".preview")).to_have_text(CSV)
    for name in ("Primary", "Secondary", "Success", "Danger", "🎲", "Aside"):
        expect(message.get_by_role("button", name=name)).to_be_enabled()
    expect(message.get_by_role("button", name="Disabled")).to_be_disabled()
    expect(message.get_by_role("link", name="A link")).to_have_attribute("rel", "noopener noreferrer")
    assert violations(everything) == []
    veiled = message.locator(".veiled")
    veiled.click()
    expect(veiled).to_have_count(0)
    expect(everything.get_by_role("dialog")).to_have_count(0)


def test_buttons_and_selects_of_every_kind_tell_what_was_chosen(everything):
    page, message = everything, newest(everything)
    kept = page.locator(f"#{message.get_attribute('id')}")
    kept.get_by_role("button", name="Aside").click()
    expect(newest(page)).to_contain_text("chosen: 'Aside'")
    person = kept.get_by_label("A person", exact=True)
    expect(person.locator("option:checked")).to_have_text("Ada")
    for label, choice, told in (
        ("One fruit", "🍒 Cherry – a ripe cherry", "'cherry'"),
        ("A person", "Ben", "@Ben"),
        ("A role", "@Patron", "@Patron"),
        ("A channel", "#gallery", "#gallery"),
    ):
        kept.get_by_label(label, exact=True).select_option(choice)
        expect(newest(page)).to_contain_text(f"chosen: {told}")
    for hint, labels, told in (
        ("Several fruits", ("Apple", "Plum"), "chosen: 'apple' 'plum'"),
        ("A person or role", ("Cleo", "@Admin"), "@Cleo @Admin"),
    ):
        menu = kept.locator("details.several").filter(has=page.locator(f"summary[aria-label='{hint}']"))
        menu.locator("summary").click()
        for label in labels:
            menu.get_by_label(label, exact=True).check()
        menu.locator("summary").press("Escape")
        expect(newest(page)).to_contain_text(told)


def test_a_modal_takes_words_files_and_several_choices(page):
    begin(page, "form")
    send(page)
    modal = page.get_by_role("dialog", name="Words and files")
    expect(modal).to_contain_text("What is filled in here is told.")
    assert violations(page) == []
    line = modal.get_by_label("A line")
    expect(line).to_have_value("as it was")
    line.fill("one")
    modal.get_by_label("A page").fill("two\nthree")
    modal.locator("input[type=file]").set_input_files([PHOTO, PHOTO | {"name": "second.jpg"}])
    modal.get_by_label("Cherry").check()
    modal.get_by_role("button", name="Submit").click()
    expect(modal).to_have_count(0)
    for told in ("line: 'one'", r"page: 'two\nthree'", "Files: photo.jpg", "second.jpg", "Fruits: 'cherry'"):
        expect(newest(page)).to_contain_text(told)


def test_a_modal_takes_switches_and_lists(page, refusals):
    refusals.add(400)
    begin(page, "switches")
    send(page)
    modal = page.get_by_role("dialog", name="Switches")
    expect(modal).to_contain_text("a ripe cherry")
    assert violations(page) == []
    modal.get_by_role("button", name="Submit").click()
    expect(modal.get_by_role("alert")).to_contain_text("One of them: ")
    modal.get_by_role("radio", name="Cherry").check()
    modal.get_by_role("checkbox", name="Apple").check()
    modal.get_by_label("Yes or no").uncheck()
    modal.get_by_label("@Admin").check()
    modal.get_by_label("A channel").select_option("#gallery")
    modal.get_by_role("button", name="Submit").click()
    expect(modal).to_have_count(0)
    for told in ("one: 'cherry'", "some: 'apple' 'plum'", "yes: False", "role: @Admin", "channel: #gallery"):
        expect(newest(page)).to_contain_text(told)


def test_a_file_that_is_dropped_on_a_modal_goes_into_its_field(page):
    begin(page, "form")
    send(page)
    modal = page.get_by_role("dialog", name="Words and files")
    modal.evaluate(
        """(modal, bytes) => {
          const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "dropped.jpg", { type: "image/jpeg" }));
          modal.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
        }""",
        list(PHOTO["buffer"]),
    )
    modal.get_by_label("Plum").check()
    modal.get_by_role("button", name="Submit").click()
    expect(newest(page)).to_contain_text("Files: dropped.jpg")


def test_files_are_shown_by_their_kind_and_can_be_downloaded(page):
    begin(page, "files")
    send(page)
    message = newest(page)
    expect(message.locator(".gallery img")).to_have_count(1)
    expect(message.locator(".file")).to_have_count(2)
    expect(message.locator(".file", has_text="usage.csv").locator(".preview")).to_have_text(CSV)
    expect(message.locator(".container", has_text="Usage")).to_contain_text("of this month")
    with page.expect_download() as waiting:
        message.get_by_role("link", name="usage.csv").click()
    assert waiting.value.suggested_filename == "usage.csv"
    assert Path(waiting.value.path()).read_text() == CSV


def test_a_message_menu_of_the_bot_appears_by_itself(page):
    begin(page, "files")
    send(page)
    newest(page).get_by_text("The report").click(button="right")
    page.get_by_role("menuitem", name="Apps › Inspect").click()
    expect(newest(page)).to_contain_text("files: 'usage.csv' 'words.txt' 'chart.png'")
