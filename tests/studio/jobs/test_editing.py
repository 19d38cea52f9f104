"""Requests that are made from a result."""

from __future__ import annotations

from seedream import MODELS, ImageRequest
from studio.jobs.editing import next_preset, rerolled, upscaled, varied
from studio.members.defaults import Defaults
from studio.members.preferences import Preferences

LINK = "https://cdn.example/fox.png"
LITE = Defaults(model="doubao-seedream-5.0-lite", size="2K")


def test_upscale_is_offered_only_where_a_larger_preset_has_the_shape():
    four, lite, pro = (MODELS[f"doubao-seedream-{name}"] for name in ("4.0", "5.0-lite", "5.0-pro"))
    assert next_preset(four, (1024, 1024)) == "2K"
    assert next_preset(four, (2848, 1600)) == "4K"
    assert next_preset(four, (4096, 4096)) is None
    assert next_preset(lite, (2048, 2048)) == "3K"
    assert next_preset(pro, (2048, 2048)) is None
    assert next_preset(MODELS["doubao-seedream-3.0-t2i"], (512, 512)) is None


def test_an_upscale_is_the_same_words_after_the_picture_at_the_next_preset():
    request = ImageRequest(prompt="a fox", model="4.0", size="1K", ratio="3:2", group=4)
    larger = upscaled(request, LINK, (1248, 832))
    assert (larger.prompt, larger.images, larger.wire_size, larger.max_images) == ("a fox", (LINK,), "2496x1664", 1)


def test_a_reroll_changes_nothing_but_the_seed_and_that_only_where_there_is_one():
    seeded = ImageRequest(prompt="a fox", model="3.0-t2i", seed=7)
    assert rerolled(seeded, 8).seed == 8
    free = ImageRequest(prompt="a fox")
    assert rerolled(free, 8) == free


def test_a_variation_keeps_words_model_and_shape():
    request = ImageRequest(prompt="a fox", model="4.5", size="4K", ratio="16:9", watermark=True)
    variation = varied(request, LINK, (5504, 3040), LITE)
    assert (variation.prompt, variation.model, variation.images) == ("a fox", request.model, (LINK,))
    assert variation.ratio == "16:9"
    assert variation.watermark


def test_what_was_chosen_last_is_kept_until_something_else_is_chosen():
    first = Preferences().chosen(model="a", size="2K", ratio="3:2")
    assert first == Preferences(model="a", size="2K", ratio="3:2")
    assert first.chosen(model=None, size=None, ratio=None) == first
    assert first.chosen(model=None, size="4K", ratio=None) == Preferences(model="a", size="4K", ratio="3:2")
    exact = first.chosen(model=None, size="2048x1536", ratio=None)
    assert exact == Preferences(model="a", size="2048x1536")
    assert exact.chosen(model=None, size=None, ratio="1:1") == Preferences(model="a", ratio="1:1")
