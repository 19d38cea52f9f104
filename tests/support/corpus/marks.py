"""Marks of origin, as services write them: results keep them; the service itself needs none."""

from __future__ import annotations

from tests.support.corpus import exif
from tests.support.corpus.drawing import encoded, noise, photo
from tests.support.corpus.isobmff import box
from tests.support.corpus.jpeg_parts import APP11, APP13, segment, with_segments, with_xmp
from tests.support.corpus.png_parts import behind_header, chunk
from tests.support.corpus.samples import UNCHANGED, Sample, Shown

GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
LABEL = '{"Label":"1","ContentProducer":"001191110108MA01KP2T5U00000","ProduceID":"0123456789"}'
MARKS = (GENERATED.encode(), b'"Label":"1"')

_KEPT = Shown(unchanged=True)


def packet() -> bytes:
    """Returns XMP with IPTC's source type and China's label."""
    attributes = f"Iptc4xmpExt:DigitalSourceType=\"{GENERATED}\" TC260:AIGC='{LABEL}'"
    spaces = 'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"'
    return exif.xmp(attributes, spaces)


def _manifest() -> bytes:
    """Returns C2PA's boxes, without a valid signature."""
    return box(
        b"jumb", box(b"jumd", b"c2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71\3c2pa\0") + box(b"cbor", b"\xa0" * 99)
    )


def _text(key: bytes, words: bytes) -> bytes:
    return chunk(b"iTXt", key + b"\0\0\0\0\0" + words)


def marked_jpeg(source: bytes | None = None) -> bytes:
    return with_xmp(packet(), source)


def marked_png(source: bytes | None = None) -> bytes:
    label = chunk(b"tEXt", b"AIGC\0" + LABEL.encode())
    return behind_header(_text(b"XML:com.adobe.xmp", packet()), label, source=source)


def loud_jpeg() -> bytes:
    """Returns a marked picture that has to be encoded again to become small."""
    return marked_jpeg(encoded(noise((400, 300)), "JPEG", quality=95))


def loud_png() -> bytes:
    return marked_png(encoded(noise((400, 300)), "PNG"))


def loud_png_with_alpha() -> bytes:
    return marked_png(encoded(noise((400, 300), channels=4), "PNG"))


def loud_webp() -> bytes:
    return encoded(noise((400, 300)), "WEBP", lossless=True, xmp=packet())


SAMPLES = (
    Sample("marked.jpg", marked_jpeg, UNCHANGED, _KEPT),
    Sample("marked.png", marked_png, UNCHANGED, _KEPT),
    Sample("marked.webp", lambda: encoded(photo(), "WEBP", quality=95, xmp=packet()), UNCHANGED, _KEPT),
    Sample("signed.jpg", lambda: with_segments(segment(APP11, b"JP\0\1\0\0\0\1" + _manifest())), UNCHANGED, _KEPT),
    Sample("signed.png", lambda: behind_header(chunk(b"caBX", _manifest())), UNCHANGED, _KEPT),
    Sample(
        "marked-by-iptc.jpg",
        lambda: with_segments(segment(APP13, b"Photoshop 3.0\x008BIM\4\4\0\0\0\0\0\0")),
        UNCHANGED,
        _KEPT,
    ),
)
