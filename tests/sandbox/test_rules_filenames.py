"""File names as Discord cleanses them, and the ones that a message refers to."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.discord.rules.filenames import cleansed, referenced


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("fox.png", "fox.png"),
        ("image two.png", "image_two.png"),
        ("_VnitHEEnz2LbpDa.mp4", "VnitHEEnz2LbpDa.mp4"),
        ("../../etc/passwd", "etc_passwd"),
        ("Käse (1).png", "Kase_1.png"),
        ("画像.png", "unknown.png"),
        ("画像", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_name_is_cleansed(name, stored):
    assert cleansed(name) == stored


@given(st.text())
def test_cleansing_a_cleansed_name_changes_nothing(name):
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", cleansed(name))
    assert cleansed(cleansed(name)) == cleansed(name)


def test_references_are_found_wherever_a_link_may_be():
    components = [{"items": [{"media": {"url": "attachment://my fox.png"}}, {"media": {"url": "https://a.b/c"}}]}]
    embeds = [{"image": {"url": "attachment://a.png"}, "footer": {"icon_url": "attachment://b.png"}}]
    assert list(referenced(components)) == ["my_fox.png"]
    assert list(referenced(embeds)) == ["a.png", "b.png"]
    assert list(referenced([{"content": "attachment://a.png"}, None, 1])) == []
