"""The page held against the rules of axe-core, in every state that people see, in light and in dark."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.page.browser import begin, finished, imagine, newest, option

SERIOUS = {"serious", "critical"}


def violations(page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']} ({node['target']}: {node['failureSummary']})"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]


@pytest.fixture(params=["light", "dark"])
def page(request, visit):
    return visit(color_scheme=request.param)


def test_an_empty_channel(page):
    assert violations(page) == []


def test_a_result_and_an_answer_that_only_one_sees(page):
    imagine(page, "a red fox in snow", images="2")
    finished(page, 2).get_by_role("button", name="Details").click()
    expect(newest(page)).to_contain_text("Only you can see this")
    assert violations(page) == []


def test_a_command_with_its_suggestions(page):
    begin(page, "imagine")
    option(page, "prompt").fill("a fox")
    option(page, "model").focus()
    expect(page.get_by_role("listbox")).to_be_visible()
    assert violations(page) == []


def test_the_drawer(page):
    page.get_by_role("button", name="Operator", exact=True).click()
    expect(page.get_by_role("switch", name="Rate limits")).to_be_visible()
    assert violations(page) == []


def test_a_menu_a_modal_and_a_picture_at_full_size(page):
    imagine(page, "a red fox in snow")
    result = finished(page, 1)
    result.click(button="right", position={"x": 80, "y": 20})
    expect(page.get_by_role("menu")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("menuitem", name="Apps › Edit image").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    result.locator(".tile").click()
    expect(page.get_by_role("dialog", name="Picture")).to_be_visible()
    assert violations(page) == []
