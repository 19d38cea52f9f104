"""Alpha channels: given to what is to be cut out, and never lost on the way to Discord."""

from __future__ import annotations

import asyncio
import io

import pytest
from PIL import Image

from infra.images.imaging import Source, shrink
from infra.images.references import ReferencePreparer
from studio.jobs.pictures import ReferenceForm
from tests.infra.images.files import InProcessDecoder, decoded, encoded, noise, picture

PNG = ReferenceForm(formats=frozenset({"png"}), alpha=True)


def prepared(source: bytes, **limits: int) -> tuple[bytes, str]:
    return asyncio.run(ReferencePreparer(InProcessDecoder(), **limits).prepare("a.png", source, PNG))


def with_alpha(source: bytes, **limits: int) -> Image.Image:
    limits = {"max_bytes": 10_000_000, "max_pixels": 36_000_000} | limits
    data, form = prepared(source, **limits)
    image = Image.open(io.BytesIO(data))
    assert (form, image.format, image.mode) == ("png", "PNG", "RGBA")
    assert len(data) <= limits["max_bytes"]
    assert image.width * image.height <= limits["max_pixels"]
    return image


def half_seen(width: int = 64, height: int = 48) -> Image.Image:
    """Transparent on the left, red on the right."""
    image = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (width // 2, 0, width, height))
    return image


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_whatever_it_was_it_becomes_a_png_with_an_alpha_channel(form):
    image = with_alpha(picture(form))
    assert image.size == (64, 48)
    assert image.getchannel("A").getextrema() == (255, 255)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "CMYK", "I;16"])
def test_every_mode_gets_one(mode):
    form = "TIFF" if mode == "CMYK" else "PNG"
    assert with_alpha(encoded(Image.new(mode, (40, 30)), form)).size == (40, 30)


def test_one_that_has_one_is_left_as_it_is():
    source = encoded(half_seen(), "PNG")
    assert prepared(source) == (source, "png")


def test_what_was_seen_through_still_is():
    assert with_alpha(encoded(half_seen(), "WEBP", lossless=True)).getchannel("A").getextrema() == (0, 255)
    palette = half_seen().quantize(4)
    assert with_alpha(encoded(palette, "PNG")).getpixel((0, 0))[3] == 0


def test_a_png_that_would_be_too_large_has_smaller_sides():
    image = with_alpha(noise((600, 400), "JPEG", quality=95), max_bytes=200_000)
    assert 1.4 < image.width / image.height < 1.6
    assert image.width < 600


def test_one_with_too_many_pixels_has_smaller_sides():
    assert with_alpha(encoded(half_seen(400, 300), "PNG"), max_pixels=30_000).size == (200, 150)


@pytest.mark.parametrize("limit", [200_000, 60_000])
def test_a_transparent_picture_stays_so_however_small_it_must_be(limit):
    source = decoded(noise((400, 300))).convert("RGBA")
    source.putalpha(Image.linear_gradient("L").resize(source.size))
    data, form = shrink(Source(content=encoded(source, "PNG"), format="png"), limit, "")
    image = decoded(data)
    assert len(data) <= limit
    assert form == "webp"
    low, high = image.getchannel("A").getextrema()
    assert low < 10
    assert high > 245
