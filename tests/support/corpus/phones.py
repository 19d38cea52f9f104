"""What phones write: films and second pictures behind the photo, photos without an end mark, large maker notes."""

from __future__ import annotations

import struct
from functools import cache

from tests.support.corpus import exif
from tests.support.corpus.drawing import encoded, jpeg, mirrored, noise, photo, png, rubbish
from tests.support.corpus.isobmff import box, film
from tests.support.corpus.jpeg_parts import APP1, END, mpf, segment, with_exif, with_segments, with_xmp
from tests.support.corpus.samples import CUT_OFF, TAKEN, UNCHANGED, Sample, Taken, turned

_LATE = 300_000  # bytes behind the picture: more than what anybody looks at for an end mark


@cache
def several(*others: tuple[int, int]) -> bytes:
    """Returns a photo with further pictures of these sides behind it, which its head lists."""
    return encoded(photo(), "MPO", save_all=True, append_images=[photo(sides) for sides in others])


def samsung(film_: bytes, source: bytes | None = None) -> bytes:
    """Returns a photo with Samsung's trailer, which holds a film."""
    name = b"MotionPhoto_Data"
    block = struct.pack("<HHI", 0, 0x0A30, len(name)) + name + film_
    directory = b"SEFH" + struct.pack("<IIHHII", 106, 1, 0, 0x0A30, len(block), len(block))
    return (source or jpeg()) + block + directory + struct.pack("<I", len(directory)) + b"SEFT"


def _motion_photo(frames: bytes) -> bytes:
    attributes = 'GCamera:MicroVideo="1" GCamera:MicroVideoVersion="1" GCamera:MotionPhoto="1"'
    packet = exif.xmp(attributes, 'xmlns:GCamera="http://ns.google.com/photos/1.0/camera/"')
    return with_xmp(packet) + film(frames)


def _gain_map() -> bytes:
    """Returns a photo with the brightness of its highlights in a second picture."""
    packet = exif.xmp('hdrgm:Version="1.0"', 'xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/"')
    second = with_xmp(packet, encoded(photo((100, 75), "L"), "JPEG"))
    return with_segments(mpf(len(jpeg()), len(second)), segment(APP1, exif.XMP_HEAD + packet)) + second


def _without_end(*, progressive: bool = False) -> bytes:
    return encoded(photo(), "JPEG", quality=92, progressive=progressive)[: -len(END)]


def _twelve_megabytes() -> bytes:
    picture = encoded(noise((900, 700)), "JPEG", quality=95)
    return picture + film(rubbish(12_000_000 - len(picture)) + END)


def _two_frames_apart() -> bytes:
    """The second picture doesn't follow the first at once."""
    return jpeg() + bytes(4096) + encoded(mirrored(), "JPEG")


def _only_thumbnail_complete() -> bytes:
    source = with_exif(exif.block(1, thumbnail=True), source=jpeg((1200, 900)))
    return source[: len(source) - 2500]


MOTION_PHOTOS = (
    Sample("PXL_20260102_030405.MP.jpg", lambda: _motion_photo(bytes(5000)), UNCHANGED),
    Sample("MVIMG_20260102_030405.jpg", lambda: jpeg() + film(rubbish(5000)), UNCHANGED),
    Sample("motion-photo-zeros.jpg", lambda: jpeg() + film(bytes(_LATE)), UNCHANGED),
    Sample("motion-photo-noise-1.jpg", lambda: jpeg() + film(rubbish(_LATE, 1)), UNCHANGED),
    Sample("motion-photo-noise-2.jpg", lambda: jpeg() + film(rubbish(_LATE, 2)), UNCHANGED),
    Sample("motion-photo-end-marks-in-the-film.jpg", lambda: jpeg() + film(END * 1000 + bytes(_LATE)), UNCHANGED),
    Sample("motion-photo-starts-in-the-film.jpg", lambda: jpeg() + film(b"\xff\xd8\xff" * 1000), UNCHANGED),
    Sample("motion-photo-mpvd.jpg", lambda: jpeg() + box(b"mpvd", film(rubbish(5000))), UNCHANGED),
    Sample("motion-photo-quicktime.jpg", lambda: jpeg() + film(bytes(5000), b"qt  "), UNCHANGED),
    Sample(
        "motion-photo-progressive.jpg", lambda: _without_end(progressive=True) + END + film(rubbish(5000)), UNCHANGED
    ),
    Sample("motion-photo-turned.jpg", lambda: with_exif(exif.block(6)) + film(bytes(5000)), turned(6)),
    Sample("motion-photo-without-end-mark.jpg", lambda: _without_end() + film(bytes(5000)), UNCHANGED),
    Sample(
        "PXL_of_12_megabytes.MP.jpg",
        _twelve_megabytes,
        Taken(corners=None, sides=(900, 700), unchanged=True),
        big=True,
    ),
    Sample("samsung-zeros.jpg", lambda: samsung(film(bytes(_LATE))), UNCHANGED),
    Sample("samsung-noise.jpg", lambda: samsung(film(rubbish(_LATE))), UNCHANGED),
    Sample("samsung-turned.jpg", lambda: samsung(film(bytes(999)), with_exif(exif.block(8))), turned(8)),
    Sample("samsung-zeros-without-end-mark.jpg", lambda: samsung(film(bytes(_LATE)), _without_end()), UNCHANGED),
    Sample("samsung-noise-without-end-mark.jpg", lambda: samsung(film(rubbish(_LATE)), _without_end()), UNCHANGED),
)

SEVERAL_PICTURES = (
    Sample("mpo-two.jpg", lambda: several((200, 150)), UNCHANGED),
    Sample("mpo-three.mpo", lambda: several((200, 150), (100, 75)), UNCHANGED),
    Sample("mpo-second-is-larger.jpg", lambda: several((1200, 900)), UNCHANGED),
    Sample("mpo-second-is-cut.jpg", lambda: several((200, 150))[:-700], UNCHANGED),
    Sample("mpo-second-is-missing.jpg", lambda: with_segments(mpf(len(jpeg()), 5000)), UNCHANGED),
    Sample("mpo-list-is-wrong.jpg", lambda: with_segments(mpf(2**31, 2**31)) + jpeg((200, 150)), UNCHANGED),
    Sample("mpo-list-of-1000.jpg", lambda: with_segments(mpf(*[5000] * 1000)), UNCHANGED),
    Sample("mpo-turned.jpg", lambda: with_exif(exif.block(6), source=several((200, 150))), turned(6)),
    Sample("mpo-samsung.jpg", lambda: samsung(film(bytes(999)), several((200, 150))), UNCHANGED),
    Sample("mpo-cut-in-the-first.jpg", lambda: several((200, 150))[:1500], CUT_OFF),
    Sample("ultra-hdr.jpg", _gain_map, UNCHANGED),
    Sample("ultra-hdr-map-is-cut.jpg", lambda: _gain_map()[:-300], UNCHANGED),
    Sample("second-picture-further-behind.jpg", _two_frames_apart, UNCHANGED),
)

END_MARKS = (
    Sample("no-end-mark.jpg", _without_end, UNCHANGED),
    Sample("no-end-mark-half.jpg", lambda: _without_end() + b"\xff", UNCHANGED),
    Sample("no-end-mark-zeros.jpg", lambda: _without_end() + bytes(100_000), UNCHANGED),
    Sample("no-end-mark-rubbish.jpg", lambda: _without_end() + rubbish(100_000), UNCHANGED),
    Sample("no-end-mark-progressive.jpg", lambda: _without_end(progressive=True), UNCHANGED),
    Sample("no-end-mark-progressive-zeros.jpg", lambda: _without_end(progressive=True) + bytes(100_000), UNCHANGED),
    Sample("no-end-mark-progressive-rubbish.jpg", lambda: _without_end(progressive=True) + rubbish(100_000), TAKEN),
    Sample("no-end-mark-but-the-thumbnail-s.jpg", lambda: with_exif(exif.block(thumbnail=True))[:-2], UNCHANGED),
    Sample("no-end-mark-another-photo.jpg", lambda: _without_end() + jpeg((200, 150)), UNCHANGED),
    Sample("only-the-thumbnail-complete.jpg", _only_thumbnail_complete, CUT_OFF),
)

BEHIND = (
    Sample("behind-zeros.jpg", lambda: jpeg() + bytes(100_000), UNCHANGED),
    Sample("behind-fill-bytes.jpg", lambda: jpeg() + b"\xff" * 5000, UNCHANGED),
    Sample("behind-rubbish.jpg", lambda: jpeg() + rubbish(100_000), UNCHANGED),
    Sample("behind-one-byte.jpg", lambda: jpeg() + b"\n", UNCHANGED),
    Sample("behind-web-page.jpg", lambda: jpeg() + b"<html><body>hello</body></html>", UNCHANGED),
    Sample("behind-zip.jpg", lambda: jpeg() + b"PK\3\4" + rubbish(5000), UNCHANGED),
    Sample("behind-png.jpg", lambda: jpeg() + png(), UNCHANGED),
    Sample("behind-depth-map.jpg", lambda: jpeg() + encoded(photo((100, 75), "L"), "PNG"), UNCHANGED),
    Sample("behind-sound.jpg", lambda: jpeg() + b"RIFF\x24\0\0\0WAVEfmt " + bytes(5000), UNCHANGED),
)

NOTES = (
    Sample("maker-note-of-60-kB.jpg", lambda: with_exif(exif.block(6, note=exif.maker_note())), turned(6)),
    Sample("maker-note-big-endian.jpg", lambda: with_exif(exif.block(8, order=">", note=exif.maker_note())), turned(8)),
    Sample("maker-note-of-end-marks.jpg", lambda: with_exif(exif.block(1, note=END * 20_000)), UNCHANGED),
    Sample("thumbnail.jpg", lambda: with_exif(exif.block(1, thumbnail=True)), UNCHANGED),
    Sample("thumbnail-turned.jpg", lambda: with_exif(exif.block(3, thumbnail=True)), turned(3)),
    Sample("screenshot-acropalypse.png", lambda: png() + png((1200, 900))[100:], UNCHANGED),
)

SAMPLES = MOTION_PHOTOS + SEVERAL_PICTURES + END_MARKS + BEHIND + NOTES
