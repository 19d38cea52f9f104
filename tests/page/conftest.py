"""One demo and one browser for all; each test has a new day in the world, and a page of its own that is watched.

Playwright's loop runs while its browser is open, and the other tests have loops of their own: so it is closed at the
end of this folder, and all tests in it run in one process.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.page.browser import BROWSERS, arrive, chromium, demo, executable

HERE = Path(__file__).parent
OWN = {"127.0.0.1", ""}  # "": blob: and data:


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("page"))


@pytest.fixture(scope="package")
def browser():
    path = executable()
    if path is None:
        pytest.skip(f"there is no browser here: install one of {', '.join(BROWSERS)} (Debian: apt install chromium)")
    with chromium(path) as browser:
        yield browser


@pytest.fixture(scope="package")
def url(browser):
    with demo() as url:
        yield url


@pytest.fixture
def refusals():
    """Status codes that this test expects to be answered with: a browser writes each into its console."""
    return set()


@pytest.fixture
def visit(browser, url, refusals):
    """Open the page as somebody somewhere; at the end nothing must have gone wrong or left this machine."""
    faults, asked, contexts = [], [], []

    def complained(message):
        told = re.search(r"status of (\d+)", message.text)
        if message.type == "error" and not (told and int(told[1]) in refusals):
            faults.append(message.text)

    def visited(place="ada/general", *, fresh=True, **context):
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 800}} | context))
        page = contexts[-1].new_page()
        page.on("console", complained)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        if fresh:
            for path in ("discord/reset", "seedream/reset"):
                assert page.request.post(url + path).ok
            page.request.delete(f"{url}seedream/faults")
            page.request.patch(f"{url}seedream/settings", data={"delay": 0.2, "image_interval": 0.1})
        arrive(page, url, place)
        return page

    yield visited
    for context in contexts:
        context.close()
    assert faults == []
    assert {urlsplit(one).hostname or "" for one in asked} <= OWN


@pytest.fixture
def page(visit):
    return visit()
