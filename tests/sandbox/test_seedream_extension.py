"""Pictures with more around them, as the local SeeDream draws them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from sandbox.seedream.drawing import Subject, draw
from sandbox.seedream.extension import share_of
from studio.jobs.reshaping import FRAME_WORDS, ZOOM_OUT_WORDS


def picture(prompt: str, size: tuple[int, int]) -> Image.Image:
    subject = Subject(model="m", prompt=prompt, size=size, format="png", references=("a",))
    reference = io.BytesIO()
    Image.new("RGB", (100, 100), "red").save(reference, "PNG")
    return Image.open(io.BytesIO(draw(subject, [reference.getvalue()]))).convert("RGB")


@pytest.mark.parametrize("size", [(640, 274), (256, 320), (320, 320)])
@pytest.mark.parametrize("prompt", [FRAME_WORDS.format(ratio="21:9"), ZOOM_OUT_WORDS])
def test_the_whole_reference_is_in_the_middle_and_its_colours_around_it(prompt, size):
    drawn = picture(prompt, size)
    assert drawn.size == size
    for at in ((0, 0), (size[0] // 2, size[1] // 2), (size[0] - 1, size[1] - 1)):
        red, green, blue = drawn.getpixel(at)
        assert red > 200
        assert max(green, blue) < 60


def test_other_prompts_are_drawn_as_ever():
    assert share_of("make it night") is None
    assert share_of("a zoo") is None
