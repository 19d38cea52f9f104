"""What is in a picture file, and smaller or plainer versions of it."""

from __future__ import annotations

import asyncio
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms

from infra.images.imaging import Source, TooLargeError, shrink
from infra.images.memory import MAX_PIXELS
from infra.images.references import ReferencePreparer
from seedream.images import NotAnImageError, inspect
from studio.jobs.pictures import BadReference, ReferenceForm
from tests.infra.images.files import InProcessDecoder, bomb, decoded, encoded, many_scans, noise, picture, png

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"]
ALL = frozenset({"jpeg", "png", "webp", "gif", "bmp", "tiff"})
BASIC = frozenset({"jpeg", "png"})
SAMPLES = {form: picture(form) for form in FORMATS}


def accepted(source: bytes, formats=ALL, *, max_bytes=10_000_000, max_pixels=36_000_000) -> tuple[bytes, str]:
    preparer = ReferencePreparer(InProcessDecoder(), max_bytes=max_bytes, max_pixels=max_pixels)
    data, form = asyncio.run(preparer.prepare("a.jpg", source, ReferenceForm(formats=formats)))
    assert len(data) <= max_bytes
    assert form in formats
    structure = inspect(data)
    assert structure.format == form
    assert structure.pixels <= max_pixels
    return data, form


def shrunk(source: bytes, limit: int) -> tuple[bytes, str]:
    return shrink(Source(content=source, format=inspect(source).format), limit, "")


def why_not(source: bytes) -> str:
    with pytest.raises(BadReference) as caught:
        accepted(source)
    return str(caught.value).removeprefix("reference: “a.jpg” is ").partition(". ")[0]


def alike(image: Image.Image, colour: tuple[int, ...], at: tuple[int, int]) -> bool:
    """Whether a pixel has about this colour: JPEG is never exact."""
    return all(abs(one - other) <= 12 for one, other in zip(image.getpixel(at), colour, strict=True))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
def test_a_reference_that_was_cut_off_is_found_out(form, part):
    content = noise((96, 96), form)
    assert why_not(content[: int(len(content) * part)]).endswith("is cut off") or form == "AVIF"


def test_a_bomb_is_refused_by_its_header():
    small = bomb(12_000, 12_000)
    assert len(small) < 100
    assert MAX_PIXELS < 12_000 * 12_000
    assert why_not(small) == "a picture of 12000x12000 pixels, too large to be converted here"


def test_a_picture_that_is_decoded_over_and_over_is_refused():
    assert decoded(accepted(many_scans(20), max_pixels=250_000)[0]).size == (500, 500)
    assert why_not(many_scans(200)) == "a JPEG picture with more than 100 scans"


def test_a_progressive_picture_is_not_touched():
    source = picture("JPEG", (640, 480), progressive=True)
    assert accepted(source) == (source, "jpeg")


def test_a_picture_that_is_fine_is_not_touched():
    for form in ("JPEG", "PNG", "WEBP"):
        assert accepted(SAMPLES[form]) == (SAMPLES[form], form.lower())


@pytest.mark.parametrize("form", ["WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_format_that_the_model_does_not_take_is_converted(form):
    data, kind = accepted(SAMPLES[form], BASIC)
    assert kind == ("png" if form == "GIF" else "jpeg")
    assert alike(decoded(data), (255, 0, 0), (5, 5))
    assert alike(decoded(data), (0, 0, 255), (5, 43))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_turn_of_a_camera_is_undone(form, orientation):
    upright = Image.new("RGB", (40, 20), "white")
    upright.paste("red", (0, 0, 20, 10))
    # What a camera stores is the upright picture, turned the other way.
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(back[orientation]) if orientation in back else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    source = encoded(stored, form, exif=exif)
    data, _ = accepted(source)
    turned = decoded(data)
    assert turned.size == (40, 20)
    assert alike(turned.convert("RGB"), (255, 0, 0), (4, 4))
    assert alike(turned.convert("RGB"), (255, 255, 255), (36, 16))
    assert turned.getexif().get(0x0112, 1) == 1


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_print_colours_become_screen_colours(form):
    data, kind = accepted(picture(form, mode="CMYK"))
    image = decoded(data)
    assert (kind, image.mode) == ("jpeg", "RGB")
    assert alike(image, (255, 0, 0), (5, 5))


def test_a_profile_that_does_not_fit_its_colours_does_no_harm():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for broken in (profile, b"no profile at all"):
        data, _ = accepted(picture("JPEG", mode="CMYK", icc_profile=broken))
        assert alike(decoded(data), (255, 0, 0), (5, 5))
        assert "icc_profile" not in decoded(data).info


def test_a_profile_of_the_same_colours_is_kept():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data, _ = accepted(picture("TIFF", icc_profile=profile), BASIC)
    assert decoded(data).info["icc_profile"] == profile


@pytest.mark.parametrize(("form", "level"), [("PNG", 32768), ("TIFF", 32768), ("PNG", 300), ("PNG", 65535)])
def test_grey_of_16_bits_keeps_its_brightness(form, level):
    data, _ = accepted(encoded(Image.new("I;16", (40, 40), level), form))
    image = decoded(data)
    assert image.mode == "L"
    assert image.getpixel((5, 5)) == pytest.approx(level / 257, abs=1)


@pytest.mark.parametrize(("mode", "white"), [("F", 1.0), ("F", 255.0), ("I", 65535)])
def test_grey_of_32_bits_is_scaled_to_what_it_holds(mode, white):
    image = Image.new(mode, (40, 40), white)
    image.paste(type(white)(white / 2), (0, 0, 20, 40))
    data, _ = accepted(encoded(image, "TIFF"))
    assert decoded(data).getpixel((5, 5)) == pytest.approx(127, abs=2)
    assert decoded(data).getpixel((35, 5)) == pytest.approx(255, abs=2)


def test_colours_of_16_bits_are_made_8():
    rows = b"".join(b"\0" + struct.pack(">HHH", 65535, 32768, 0) * 20 for _ in range(20))
    source = png(20, 20, 16, rows)
    data, kind = accepted(source)
    assert kind == "jpeg"
    assert alike(decoded(data), (255, 128, 0), (5, 5))


def test_a_palette_with_something_seen_through_keeps_it():
    image = Image.new("RGBA", (40, 40), (0, 128, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 20, 40))
    data, kind = accepted(encoded(image.quantize(16), "PNG"), BASIC)
    assert (kind, decoded(data).mode) == ("png", "RGBA")
    assert decoded(data).getpixel((5, 5))[3] == 0
    assert alike(decoded(data), (0, 128, 0, 255), (35, 5))


def test_a_palette_without_is_made_plain_and_stays_sharp():
    data, kind = accepted(picture("PNG", mode="P"))
    assert (kind, decoded(data).mode) == ("png", "RGB")


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_of_a_film_the_first_picture_is_taken(form):
    first, second = (Image.new("RGB", (40, 40), colour) for colour in ("red", "blue"))
    data, _ = accepted(encoded(first, form, save_all=True, append_images=[second]))
    image = decoded(data)
    assert getattr(image, "n_frames", 1) == 1
    assert alike(image.convert("RGB"), (255, 0, 0), (20, 20))


def test_too_many_pixels_are_made_fewer_in_the_same_shape():
    data, _ = accepted(picture("JPEG", (600, 300)), max_pixels=20_000)
    width, height = decoded(data).size
    assert width / height == pytest.approx(2, abs=0.02)
    assert width * height == pytest.approx(20_000, rel=0.03)


@pytest.mark.parametrize("formats", [BASIC, ALL], ids=["png", "webp"])
def test_too_many_bytes_are_made_fewer_and_alpha_is_kept(formats):
    data, kind = accepted(noise((200, 200), "PNG", "RGBA"), formats, max_bytes=60_000)
    assert kind == "png" or "webp" in formats
    assert decoded(data).mode == "RGBA"


@pytest.mark.parametrize(("mode", "form"), [("RGB", "jpeg"), ("RGBA", "webp")])
@pytest.mark.parametrize("limit", [200_000, 60_000, 10_000, 2_000])
def test_a_picture_is_shrunk_below_any_sensible_limit(mode, form, limit):
    data, kind = shrunk(noise((300, 200), "PNG", mode), limit)
    assert len(data) <= limit
    assert kind == form
    assert decoded(data).mode == mode
    assert decoded(data).width / decoded(data).height == pytest.approx(1.5, abs=0.1)


def test_quality_is_lowered_before_the_sides_are():
    source = noise((300, 200))
    assert decoded(shrunk(source, len(source) // 2)[0]).size == (300, 200)


@settings(max_examples=25, deadline=None)
@given(limit=st.integers(0, 60_000), mode=st.sampled_from(["RGB", "RGBA"]))
def test_what_is_shrunk_is_within_the_limit_or_is_not_there(limit, mode):
    try:
        smaller, form = shrunk(noise((120, 90), "PNG", mode), limit)
    except TooLargeError:
        return
    assert len(smaller) <= limit
    assert inspect(smaller).format == form in {"jpeg", "webp"}


def test_an_absurd_limit_has_no_picture():
    with pytest.raises(TooLargeError):
        shrunk(SAMPLES["PNG"], 100)


def test_the_original_of_a_shrunk_picture_is_recognised():
    source = encoded(Image.radial_gradient("L").convert("RGB"), "BMP")
    smaller = decoded(shrunk(source, len(source) // 8)[0])
    difference = ImageChops.difference(decoded(source), smaller).convert("L")
    assert max(difference.get_flattened_data()) < 24


@settings(max_examples=150, deadline=None)
@given(data=st.data(), form=st.sampled_from(FORMATS))
def test_a_damaged_picture_is_taken_or_refused_and_nothing_else(data, form):
    content = bytearray(SAMPLES[form])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, min(len(content) - 1, 400)))] = data.draw(st.integers(0, 255))
    try:
        accepted(bytes(content), BASIC)
    except BadReference:
        return


@given(st.binary(max_size=100))
def test_whatever_follows_a_magic_number_is_taken_or_refused(junk):
    for form in FORMATS:
        with pytest.raises(NotAnImageError):
            inspect(SAMPLES[form][:12] + junk)


@pytest.mark.parametrize(("mode", "longest"), [("RGB", 65_500), ("RGBA", 16_383)])
def test_a_side_that_no_encoder_holds_is_made_shorter(mode, longest):
    source = noise((70_000, 16), "PNG", mode)
    smaller, _ = shrunk(source, len(source) - 1)
    assert decoded(smaller).width == longest


def test_a_turn_that_is_no_turn_does_no_harm():
    source = bytearray(picture("TIFF"))
    tag = struct.pack("<HHII", 0x0112, 3, 2, 6)
    at = source.index(struct.pack("<HHI", 0x011C, 3, 1))  # says how colours are arranged, and may be left out
    source[at : at + 12] = tag
    assert decoded(accepted(bytes(source))[0]).size == (64, 48)
