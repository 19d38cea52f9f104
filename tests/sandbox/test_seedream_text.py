"""The text on the local SeeDream's pictures: any script, and never an empty box."""

from __future__ import annotations

import pytest
from PIL import Image

from sandbox.seedream import fonts, text_drawing
from sandbox.seedream.text_drawing import _clusters, _in_visual_order, _runs, visible, wrap

SIZE = 40
TEXTS = {
    "Latin": "a red fox in snow, é ñ ž",
    "Greek and Cyrillic": "Ελλάδα лиса",
    "Chinese": "雪山下的茶馆，水墨画",
    "Japanese": "雨の中の提灯",
    "Korean": "눈 속의 붉은 여우",
    "Arabic": "قطة حمراء تجلس على النافذة",
    "Hebrew": "חתול אדום על החלון",
    "Hindi": "खिड़की पर बैठी एक लाल बिल्ली",
    "Thai": "แมวแดงที่หน้าต่าง",
    "emoji": "🦊 ❤️ 1️⃣ 👍🏽 👨‍👩‍👧",
    "in no font": "\U000fffff\U00013000\U0001b000",
}


def written(text: str) -> Image.Image:
    picture = Image.new("RGB", (600, 200))
    text_drawing.write(picture, wrap(text, SIZE, 560), (300, 10), SIZE)
    return picture


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_letter_is_in_the_font_that_draws_it(text):
    for line in wrap(visible(text), SIZE, 560):
        for run in _runs(line):
            keycap = run.font == fonts.EMOJI and "\u20e3" in run.text
            assert run.font is None or keycap or all(fonts._has(run.font, letter) for letter in run.text)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_something_of_every_script_is_seen(text):
    assert written(visible(text) or "?").getbbox() is not None


def test_emoji_have_their_colours():
    red, green, _ = written("❤️").getpixel((300, 30))
    assert red > 180
    assert green < 100


def test_what_no_font_has_is_the_same_shapes_for_the_same_letters():
    one, other = "\U00013000\U00013001", "\U00013005\U00013002"
    assert {fonts.font_with(letter) for letter in one + other} == {None}
    assert written(one).tobytes() == written(one).tobytes() != written(other).tobytes()


def test_letters_that_need_shaping_are_shapes_without_the_library_for_it(monkeypatch):
    monkeypatch.setattr(fonts, "can_shape", lambda: False)
    assert fonts.font_with("ق") is None
    assert fonts.font_with("क") is None
    assert fonts.font_with("a") == fonts.OWN


def test_a_line_that_begins_from_the_right_is_read_from_there():
    right = [run.font for run in _in_visual_order(_runs("אב 🦊"))]
    left = [run.font for run in _in_visual_order(_runs("ab 🦊"))]
    assert right[0] == left[-1] == fonts.EMOJI


def test_lines_break_between_words_and_never_inside_a_letter_with_its_marks():
    assert wrap("a red fox", SIZE, 10_000) == ["a red fox"]
    assert len(wrap("a red fox in deep snow", SIZE, 200)) > 1
    narrow = wrap("e\u0301" * 12, SIZE, 100)
    assert len(narrow) > 1
    assert all(line.startswith("e") for line in narrow)


def test_marks_joiners_and_skin_tones_stay_with_their_letter():
    assert _clusters("e\u0301a") == ["e\u0301", "a"]
    assert _clusters("👍🏽👨\u200d👩") == ["👍🏽", "👨\u200d👩"]
    assert _clusters("क्ष") == ["क्ष"]


def test_what_turns_the_direction_or_draws_nothing_is_left_out():
    assert visible("a\u202eb\u0000c\n\n d") == "abc d"
