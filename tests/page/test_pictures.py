"""The pictures that phones make become edits on the page; what can't be used is named there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.page.browser import begin, finished, newest, option
from tests.support.corpus import SAMPLES

SAMPLE = {sample.name: sample for sample in SAMPLES}


def edit(page, name):
    content = SAMPLE[name].content
    begin(page, "edit")
    option(page, "prompt").fill("make it night")
    option(page, "image").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
    page.get_by_role("button", name="Send the command").click()


@pytest.mark.parametrize(
    "name", ["motion-photo-zeros.jpg", "IMG_turned_6.HEIC", "mpo-samsung.jpg", "still.avif", "panorama-of-50-MP.jpg"]
)
def test_what_a_phone_makes_becomes_an_edit(page, name):
    edit(page, name)
    expect(newest(page).get_by_text("make it night")).to_be_visible()
    finished(page, 1)


def test_a_camera_raw_file_is_refused_by_its_name(page):
    edit(page, "IMG_0001.DNG")
    expect(newest(page)).to_contain_text("a camera raw file (DNG). Export it as a JPEG and use that.")
