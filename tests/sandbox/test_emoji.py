"""The font of emoji for the page and the local SeeDream's pictures."""

from __future__ import annotations

from fontTools.ttLib import TTFont

from tests.support.emoji import FONT, used_emoji

LARGEST = 200 * 1024


def test_every_emoji_of_the_bots_texts_is_in_the_font():
    missing = sorted(used_emoji() - set(map(chr, TTFont(FONT).getBestCmap())))
    assert missing == [], "run: make emoji"


def test_the_font_is_small_and_names_its_makers():
    assert FONT.stat().st_size < LARGEST
    assert "CC-BY 4.0" in FONT.with_name("README.md").read_text()
    assert "SIL OPEN FONT LICENSE" in FONT.with_name("LICENSE.md").read_text()
